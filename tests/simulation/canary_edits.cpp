// Bugs of how people edit: drafts, typing, undo, answers to conflicts.
#include <map>
#include <utility>

#include "syncline/protocol/codec.hpp"
#include "tests/simulation/canary_lists.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

namespace {

using tests::Item;
using tests::kItemsId;

template <bool Hooks::*flag>
Hooks with_flag(std::uint64_t) {
  Hooks hooks;
  hooks.*flag = true;
  return hooks;
}

Hooks changing_drafts(const std::function<void(client::Draft&)>& change) {
  Hooks hooks;
  hooks.effect = [change](client::Effect& effect) {
    if (auto* news = std::get_if<client::DraftChanged>(&effect)) change(news->draft);
    return true;
  };
  return hooks;
}

Hooks unmarked_conflicts(std::uint64_t) {
  return changing_drafts([](client::Draft& draft) {
    for (client::DraftField& field : draft.fields) field.conflict = false;
  });
}

Hooks conflicts_everywhere(std::uint64_t) {
  return changing_drafts([](client::Draft& draft) {
    for (client::DraftField& field : draft.fields) field.conflict = true;
  });
}

Hooks changing_pushes(const std::function<void(model::Mutation&)>& change) {
  Hooks hooks;
  hooks.towards_server = [change](base::Bytes& frame, std::uint64_t) {
    auto message = protocol::decode_client_message(frame);
    if (!message.ok() || !std::holds_alternative<protocol::Push>(*message)) return true;
    for (model::Mutation& mutation : std::get<protocol::Push>(*message).mutations) change(mutation);
    frame = protocol::encode(*message);
    return true;
  };
  return hooks;
}

// Every author claims to have seen all there is.
Hooks seen_everything(std::uint64_t) {
  return changing_pushes([](model::Mutation& mutation) {
    for (model::BaseVersion& base : mutation.bases) base.version = 1'000'000'000;
  });
}

// What is typed on does not take the place of what is in the outbox; the core is told it does.
Hooks first_key_kept(std::uint64_t) {
  Hooks hooks;
  hooks.stored_as =
      [first = std::make_shared<std::map<std::pair<base::Id, std::uint64_t>, base::Bytes>>()](
          const model::MutationId& id, base::Bytes& mutation) {
        mutation = first->try_emplace({id.client, id.sequence}, mutation).first->second;
      };
  return hooks;
}

// The verdict on a conflict shows its author his own value as that of the other.
Hooks mine_as_theirs(std::uint64_t) {
  Hooks hooks;
  hooks.towards_browser = [](base::Bytes& frame, std::uint64_t) {
    auto message = protocol::decode_server_message(frame);
    if (!message.ok() || !std::holds_alternative<protocol::Poke>(*message)) return true;
    for (auto& [client, verdict] : std::get<protocol::Poke>(*message).verdicts) {
      for (model::Conflict& conflict : verdict.conflicts) {
        for (model::FieldConflict& field : conflict.fields) field.theirs = field.mine;
      }
    }
    frame = protocol::encode(*message);
    return true;
  };
  return hooks;
}

// Of several edits of a record some are forgotten by the core's rules when they run again.
base::Status forget_positions(mutation::Transaction&, const model::Record& before,
                              model::RecordBuilder& after) {
  if (before && before.integer(Item::position) % 3 == 1)
    after.set(Item::position, before.get(Item::position));
  return {};
}

Hooks forgetful_rules(std::uint64_t) {
  Hooks hooks;
  using tests::make_spec;
  const auto domain = std::make_shared<mutation::Domain>(std::vector<model::CollectionSpec>{
      make_spec(tests::kPeopleId, "people", "person", tests::kPeopleFields),
      make_spec(tests::kShelvesId, "shelves", "shelf", tests::kShelfFields),
      make_spec(kItemsId, "items", "item", tests::kItemFields)});
  for (const mutation::Role role :
       {mutation::Role::admin, mutation::Role::agent, mutation::Role::engineer}) {
    tests::grant(*domain, role, kItemsId,
                 {mutation::Right::read, mutation::Right::create, mutation::Right::update});
  }
  mutation::CollectionRules rules;
  rules.collection = kItemsId;
  rules.before_write = forget_positions;
  domain->registry.add(rules);
  hooks.browser_domain = domain;
  return hooks;
}

}  // namespace

std::vector<Canary> edit_canaries() {
  return {
      {"draft-blind", "a draft does not mark what somebody else changed", unmarked_conflicts},
      {"draft-alarmist", "a draft marks what nobody changed", conflicts_everywhere},
      {"decisions-swapped", "\"keep mine\" takes theirs", with_flag<&Hooks::decisions_swapped>},
      {"seen-everything", "a draft is judged as if its author had seen all", seen_everything},
      {"blind-undo", "undo overwrites what somebody else wrote since",
       with_flag<&Hooks::blind_undo>},
      {"undo-bounces", "one undo takes two steps back", with_flag<&Hooks::undo_bounces>},
      {"keys-differ", "every key is a mutation of its own", with_flag<&Hooks::keys_differ>},
      {"first-key-kept", "the outbox keeps the first of what was typed, not the last",
       first_key_kept},
      {"mine-as-theirs", "a conflict shows the author's own value as the other's", mine_as_theirs},
      {"forgetful-rules", "of several edits of a record some are not shown", forgetful_rules},
  };
}

}  // namespace syncline::simulation
