// Bugs of those around the engine: the browser's host and disk, the server's accounts and rules.
#include <utility>

#include "tests/simulation/canary_lists.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

namespace {

using mutation::Right;
using mutation::Role;

template <bool Hooks::*flag>
Hooks with_flag(std::uint64_t) {
  Hooks hooks;
  hooks.*flag = true;
  return hooks;
}

// Some effects of this kind are not carried out.
template <class Kind>
Hooks losing(std::uint64_t seed) {
  Hooks hooks;
  hooks.effect = [chance = std::make_shared<base::Random>(seed)](client::Effect& effect) {
    return !std::holds_alternative<Kind>(effect) || chance->below(20) != 0;
  };
  return hooks;
}

Hooks losing_edits(std::uint64_t seed) {
  Hooks hooks;
  hooks.view_update = [chance = std::make_shared<base::Random>(seed)](client::ViewUpdate& update) {
    if (!update.edits.empty() && chance->below(20) == 0) update.edits.pop_back();
    return true;
  };
  return hooks;
}

// A core takes over what an earlier one left, under its own name.
Hooks renumbering(std::uint64_t) {
  Hooks hooks;
  hooks.outbox = [](std::vector<model::Mutation>& outbox, const base::Id& client) {
    for (std::size_t i = 0; i < outbox.size(); ++i) outbox[i].id = {client, i + 1};
  };
  return hooks;
}

Hooks forgetting_at_start(std::uint64_t) {
  Hooks hooks;
  hooks.outbox = [](std::vector<model::Mutation>& outbox, const base::Id&) { outbox.clear(); };
  return hooks;
}

Hooks without_owner_rule(std::uint64_t) {
  const std::shared_ptr<mutation::Domain> domain = tests::make_shop();
  tests::grant(*domain, Role::agent, tests::kItemsId, {Right::read});
  Hooks hooks;
  hooks.server_domain = domain;
  return hooks;
}

Hooks without_mask(std::uint64_t) {
  const std::shared_ptr<mutation::Domain> domain = tests::make_shop();
  tests::grant(*domain, Role::agent, tests::kPeopleId, {Right::read});
  Hooks hooks;
  hooks.server_domain = domain;
  return hooks;
}

}  // namespace

std::vector<Canary> host_canaries() {
  return {
      {"stale-permission", "sessions do not hear of a changed role", with_flag<&Hooks::roles_stay>},
      {"owner-rule-missing", "agents read everybody's items", without_owner_rule},
      {"mask-missing", "agents read a masked field", without_mask},
      {"reads-assumed", "a slow reader is taken for a fast one",
       with_flag<&Hooks::reads_are_assumed>},
      {"stored-too-early", "a mutation is sent before the outbox has it",
       with_flag<&Hooks::stored_too_early>},
      {"newest-lost", "a crash takes the newest mutation of the outbox along",
       with_flag<&Hooks::newest_is_lost>},
      {"outbox-ignored", "a core starts without what an earlier one left", forgetting_at_start},
      {"outbox-renumbered", "what an earlier core left is sent under new numbers", renumbering},
      {"unwritten-outbox", "some mutations are not written to the outbox",
       losing<client::StoreMutation>},
      {"never-forgotten", "some settled mutations stay in the outbox",
       losing<client::ForgetMutation>},
      {"lost-frames", "some frames are not sent", losing<client::SendFrame>},
      {"lost-edits", "a list does not hear of all its edits", losing_edits},
      {"old-connection-heard", "frames of a connection that was left reach the core",
       with_flag<&Hooks::old_connections_are_heard>},
      {"lost-timers", "the core is never woken", with_flag<&Hooks::timers_are_lost>},
  };
}

}  // namespace syncline::simulation
