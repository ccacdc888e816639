#include "tests/simulation/editor.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/browser.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

using model::Value;
using tests::assignment;
using tests::Item;
using tests::kItemsId;
using tests::kShelvesId;
using tests::patch;

namespace {

constexpr std::size_t kHotItems = 3;
constexpr std::size_t kDraftsMax = 2;
constexpr std::int64_t kTypingMs = 2'000;
constexpr std::size_t kTypedMax = 3;
constexpr const char* kUpdateItem = "shop.items.update";
constexpr const char* kRemoveItem = "shop.items.remove";

}  // namespace

Editor::Editor(World& world, Browser& browser)
    : world_(world), browser_(browser), history_(world.domain.schema, world.checker) {}

// Few, so that people meet.
base::Id Editor::hot_item() {
  const auto& items = world_.checker.items();
  if (items.empty()) return {};
  return items[items.size() - 1 - world_.random.index(std::min(items.size(), kHotItems))];
}

// No two are the same, so that every edit changes something.
std::string Editor::fresh_name() { return "e" + std::to_string(++world_.names); }

void Editor::act() {
  const base::Id item = hot_item();
  if (item.is_nil() || browser_.core() == nullptr) return;
  const std::uint64_t choice = world_.random.below(10);
  if (choice < 2) {
    (void)undo(world_.random.below(3) == 0);
  } else if (choice == 2) {
    type(item, fresh_name() + "-" + std::string(4 + world_.random.index(12), 'x'),
         20 + world_.up_to(80));
  } else if (choice == 3) {
    edit_several_times(item);
  } else if (choice == 4) {
    rename(item, fresh_name());
  } else {
    act_on_draft();
  }
}

// ---- single edits

void Editor::rename(const base::Id& item, const std::string& name) {
  const model::Record seen = browser_.core()->confirmed(kItemsId, item);
  if (!seen) return;
  (void)browser_.mutate(kUpdateItem, patch({{model::kIdField, item}, {Item::name, name}}),
                        {{kItemsId, item, model::kNoField, seen.version()}});
}

void Editor::edit_several_times(const base::Id& item) {
  const std::size_t count = 2 + world_.random.index(4);
  for (std::size_t i = 0; i < count && browser_.core() != nullptr; ++i) {
    const model::Record seen = browser_.core()->confirmed(kItemsId, item);
    if (!seen) return;
    model::Patch writes = patch({{model::kIdField, item}});
    if (world_.random.below(2) == 0) {
      writes.push_back(assignment(Item::name, fresh_name()));
    } else {
      writes.push_back(assignment(Item::position, static_cast<std::int64_t>(++world_.names)));
    }
    if (world_.random.below(2) == 0)
      writes.push_back({Item::price, model::WriteKind::increment, model::Decimal{100, 2}});
    std::vector<model::BaseVersion> bases;
    if (world_.random.below(4) != 0)
      bases.push_back({kItemsId, item, model::kNoField, seen.version()});
    (void)browser_.mutate(kUpdateItem, writes, bases);
  }
}

// ---- typing

void Editor::type(const base::Id& item, const std::string& text, std::int64_t key_ms) {
  if (typing_.length < typing_.text.size()) return;  // one thing at a time
  typing_ = {};
  typing_.item = item;
  typing_.text = text;
  typing_.key_ms = key_ms;
  typing_.others = changes_;
  press_key(++typings_);
}

void Editor::press_key(std::uint64_t typing) {
  if (typing != typings_ || browser_.core() == nullptr) return;
  const base::Timestamp now = browser_.clock();
  if (typing_.length == 0) typing_.began = now;
  const std::string text = typing_.text.substr(0, ++typing_.length);
  model::Patch writes = patch({{model::kIdField, typing_.item}, {Item::name, text}});
  // As a canary has it: every other key writes the same in another order.
  if (world_.hooks.keys_differ && typing_.length % 2 == 0) std::swap(writes[0], writes[1]);
  const std::uint64_t before = changes_;
  const client::MutateAnswer answer = browser_.mutate(kUpdateItem, writes, {});
  changes_ = before;
  if (!answer.status.ok()) {
    typing_ = {};  // he may not, or it is gone
    return;
  }
  typing_.mutations.insert(answer.id.sequence);
  if (typing_.length == typing_.text.size()) return check_typed(now, answer.id);
  world_.agenda.in(typing_.key_ms, [this, typing, life = life_] {
    if (life == life_) press_key(typing);
  });
}

// A person who types into a field for 2 s makes three changes of it at most, and the last is complete.
void Editor::check_typed(base::Timestamp last_key, const model::MutationId& last) {
  const model::Mutation* made = world_.checker.mutation(last);
  if (made == nullptr || !(made->arguments.get(Item::name) == Value(typing_.text)))
    world_.checker.violated("the last of what was typed is not complete");
  const bool alone = typing_.others == changes_ && last_key - typing_.began < kTypingMs;
  if (alone && typing_.mutations.size() > kTypedMax)
    world_.checker.violated(std::to_string(typing_.text.size()) + " characters in 2 s are " +
                            std::to_string(typing_.mutations.size()) + " mutations");
}

// ---- drafts

void Editor::act_on_draft() {
  if (drafts_.empty() || (drafts_.size() < kDraftsMax && world_.random.below(4) == 0)) {
    (void)open_draft(hot_item());
    return;
  }
  const std::size_t draft = world_.random.index(drafts_.size());
  const std::vector<model::FieldId> conflicts = drafts_[draft].conflicts();
  const std::uint64_t choice = world_.random.below(8);
  if (!conflicts.empty() && choice < 4) {
    decide(draft, conflicts[world_.random.index(conflicts.size())], choice < 2);
  } else if (choice < 5) {
    if (world_.random.below(2) == 0) {
      edit_draft(draft, Item::name, fresh_name());
    } else {
      edit_draft(draft, Item::position, static_cast<std::int64_t>(++world_.names));
    }
  } else if (choice < 7) {
    (void)save_draft(draft);
  } else {
    close_draft(draft);
  }
}

bool Editor::open_draft(const base::Id& item) {
  const auto id = browser_.open_draft(item);
  if (id) drafts_.emplace_back(world_.checker, own_, *id, item);
  return id.has_value();
}

void Editor::edit_draft(std::size_t draft, model::FieldId field, const Value& value) {
  DraftModel& model = drafts_[draft];
  const client::ClientCore& core = *browser_.core();
  if (!core.get(kItemsId, model.item())) return;
  browser_.change_draft(client::ClientCore::DraftAction::set, model.id(), field, value, 0,
                        [&] { model.typed(core, field, value, hidden_from(model.item(), field)); });
}

void Editor::decide(std::size_t draft, model::FieldId field, bool keep_mine) {
  DraftModel& model = drafts_[draft];
  // To keep mine would bring the record back, a deed that the model of undo does not know.
  if (model.is_deleted()) return;
  using Action = client::ClientCore::DraftAction;
  const client::DraftField* const last = model.told_of(field);
  if (last == nullptr) return;
  const client::DraftField told = *last;
  const bool really = keep_mine != world_.hooks.decisions_swapped;
  browser_.change_draft(really ? Action::keep_mine : Action::take_theirs, model.id(), field,
                        told.theirs, told.judged, [&] {
                          if (keep_mine) {
                            model.kept_mine(*browser_.core(), told,
                                            hidden_from(model.item(), field));
                          } else {
                            model.took_theirs(field);
                          }
                        });
}

base::Status Editor::save_draft(std::size_t draft) {
  DraftModel& model = drafts_[draft];
  const model::Record before = browser_.core()->get(kItemsId, model.item());
  const client::MutateAnswer answer = browser_.commit_draft(model.id(), [&](const auto& made) {
    std::optional<model::Mutation> mutation;
    if (made.status.ok() && !outstanding_.empty()) mutation = outstanding_.back();
    model.saved(made, mutation);
    if (!made.status.ok() || !mutation) return;
    HistoryModel::Deed done = deed(*browser_.core(), kUpdateItem, mutation->arguments.writes());
    done.id = made.id;
    done.before = before;
    done.after = browser_.core()->get(kItemsId, model.item());
    if (!made.certain) done.kind = HistoryModel::Deed::Kind::no_step;
    history_.did(std::move(done));
  });
  ++changes_;
  return answer.status;
}

void Editor::close_draft(std::size_t draft) {
  const client::DraftId id = drafts_[draft].id();
  drafts_.erase(drafts_.begin() + static_cast<std::ptrdiff_t>(draft));
  browser_.change_draft(client::ClientCore::DraftAction::close, id, 0, {}, 0, [] {});
}

// ---- undo

base::Status Editor::undo(bool redo) {
  const HistoryModel::Deed* next = history_.next(redo);
  const client::ClientCore& core = *browser_.core();
  const auto see = [&core](const HistoryModel::Deed& deed) {
    return core.get(deed.collection, deed.record);
  };
  const std::optional<HistoryModel::Deed> about =
      next == nullptr ? std::nullopt : std::optional(*next);
  const model::Record seen = about ? see(*about) : model::Record();
  const client::MutateAnswer answer = browser_.undo(redo, about ? &*about : nullptr);
  history_.took_back(redo, seen, about ? see(*about) : model::Record(), answer);
  ++changes_;
  return answer.status;
}

// ---- what goes on in the browser

HistoryModel::Deed Editor::deed(const client::ClientCore& core, const std::string& name,
                                const model::Patch& writes) const {
  using Kind = HistoryModel::Deed::Kind;
  HistoryModel::Deed deed;
  const bool of_item = name.rfind("shop.items.", 0) == 0;
  const bool of_shelf = name.rfind("shop.shelves.", 0) == 0;
  const bool removes = name.size() > 7 && name.rfind(".remove") == name.size() - 7;
  const bool updates = name.size() > 7 && name.rfind(".update") == name.size() - 7;
  deed.collection = of_shelf ? kShelvesId : kItemsId;
  if (!of_item && !of_shelf) deed.kind = Kind::no_step;
  // With a shelf all that stands on it may go.
  if (of_shelf && removes) deed.kind = Kind::unclear;
  for (const model::FieldWrite& write : writes) {
    if (write.field == model::kIdField) deed.record = write.value.id();
    if (updates && write.field != model::kIdField) deed.fields.push_back(write.field);
  }
  if (!updates) {
    for (const model::Field& field : world_.domain.schema.collection(deed.collection).fields()) {
      if (field.spec.id >= model::kFirstOwnField && !field.spec.read_only)
        deed.fields.push_back(field.spec.id);
    }
  }
  if (!deed.record.is_nil()) deed.before = core.get(deed.collection, deed.record);
  return deed;
}

client::MutateAnswer Editor::mutate(client::ClientCore& core, const std::string& name,
                                    const model::Patch& writes,
                                    const std::vector<model::BaseVersion>& bases,
                                    base::Timestamp now) {
  HistoryModel::Deed done = deed(core, name, writes);
  client::MutateAnswer answer = core.mutate(name, model::Arguments(writes), bases, now);
  ++changes_;
  if (!answer.status.ok()) return answer;
  done.id = answer.id;
  if (!answer.certain) done.kind = HistoryModel::Deed::Kind::no_step;
  if (done.record.is_nil() && !answer.result.empty() &&
      answer.result.front().second.kind() == Value::Kind::id)
    done.record = answer.result.front().second.id();
  if (!done.record.is_nil()) done.after = core.get(done.collection, done.record);
  history_.did(std::move(done));
  return answer;
}

// As the author knew the record whose field he changed first of all that waits: what came since he has not seen.
std::optional<model::Version> Editor::hidden_from(const base::Id& item,
                                                  model::FieldId field) const {
  std::optional<model::Version> earliest;
  std::optional<Value> before;
  // Nor does what the server has taken, and not yet said so.
  if (const model::Record server = browser_.core()->confirmed(kItemsId, item))
    before = server.get(field);
  for (const model::Mutation& each : outstanding_) {
    const model::Arguments& arguments = each.arguments;
    const bool removes = each.name == kRemoveItem;
    // Other mutators number their arguments as they like.
    if (each.name.rfind("shop.items.", 0) != 0) continue;
    if (!(arguments.get(model::kIdField) == Value(item))) continue;
    if (!removes && !arguments.has(field)) continue;
    // What an earlier one has written already covers nothing more.
    const bool writes = removes || before != arguments.get(field);
    before = removes ? std::nullopt : std::optional(arguments.get(field));
    if (!writes) continue;
    // What it was sent with says it by the field, or of the record as a whole.
    std::optional<model::Version> known;
    for (const model::BaseVersion& base : each.bases) {
      if (base.record == item && (base.field == field || (!known && base.field == model::kNoField)))
        known = base.version;
    }
    const auto made = known_as_.find({each.id.client, each.id.sequence});
    if (!known && made != known_as_.end()) known = made->second;
    if (known) earliest = std::min(earliest.value_or(*known), *known);
  }
  return earliest;
}

void Editor::note_known(const model::Mutation& mutation) {
  const Value about = mutation.arguments.get(model::kIdField);
  if (about.kind() != Value::Kind::id || browser_.core() == nullptr) return;
  const model::Record row = browser_.core()->confirmed(kItemsId, about.id());
  // Of what is his own and new, he has seen nothing of the server's.
  if (!row && !browser_.core()->get(kItemsId, about.id())) return;
  // Keys that fold into one another are of one mutation: the first of them says what was seen.
  known_as_.emplace(std::pair(mutation.id.client, mutation.id.sequence), row ? row.version() : 0);
}

void Editor::made(const model::Mutation& mutation) {
  note_known(mutation);
  for (model::Mutation& earlier : outstanding_) {
    if (earlier.id == mutation.id) {
      earlier = mutation;
      return;
    }
  }
  outstanding_.push_back(mutation);
}

void Editor::settled(const client::Settled& settled) {
  std::erase_if(outstanding_, [&](const model::Mutation& each) { return each.id == settled.id; });
  const model::Outcome outcome = settled.verdict.outcome;
  if (outcome != model::Outcome::applied && outcome != model::Outcome::merged)
    history_.refused(settled.id);
  const bool asks = outcome == model::Outcome::conflict && world_.swarm.editing > 0;
  if (!asks || world_.random.below(2) == 0) return;
  world_.agenda.in(world_.up_to(3'000), [this, settled, life = life_] {
    if (life == life_) answer(settled);
  });
}

// Mine shall stay: once more, and this time having seen theirs.
void Editor::answer(const client::Settled& settled) {
  if (settled.mutator != kUpdateItem || browser_.core() == nullptr) return;
  for (const model::Conflict& conflict : settled.verdict.conflicts) {
    if (conflict.deleted) continue;
    model::Patch writes = patch({{model::kIdField, conflict.record}});
    std::vector<model::BaseVersion> bases;
    for (const model::FieldConflict& field : conflict.fields) {
      const bool again = field.field == Item::name || field.field == Item::state;
      if (!again) continue;
      writes.push_back(assignment(field.field, field.mine));
      bases.push_back({kItemsId, conflict.record, field.field, settled.verdict.version});
    }
    if (writes.size() > 1) (void)browser_.mutate(kUpdateItem, writes, bases);
  }
}

void Editor::told(const client::DraftChanged& news) {
  for (DraftModel& draft : drafts_) {
    if (draft.id() == news.id) draft.told(news.draft);
  }
}

void Editor::forget() {
  ++life_;
  drafts_.clear();
  outstanding_.clear();
  known_as_.clear();
  typing_ = {};
  history_.forget();
}

void Editor::starts_with(const base::Id& client, const std::vector<model::Mutation>& outbox) {
  outstanding_ = outbox;
  for (const model::Mutation& mutation : outbox) note_known(mutation);
  own_ = {client};
  for (const model::Mutation& mutation : outbox) own_.insert(mutation.id.client);
}

void Editor::look(const client::ClientCore& core, bool all_answered) {
  for (DraftModel& draft : drafts_) draft.look(core, outstanding_);
  if (all_answered && world_.swarm.editing > 0) check_overlay(core);
}

// What is not decided yet lies over what the server said, the latest on top, field by field.
void Editor::check_overlay(const client::ClientCore& core) {
  std::set<base::Id> done;
  for (const model::Mutation& first : outstanding_) {
    if (first.name != kUpdateItem) continue;
    const base::Id item = first.arguments.get(model::kIdField).id();
    if (!done.insert(item).second) continue;
    const model::Record server = core.confirmed(kItemsId, item);
    if (!server || server.integer(Item::state) == 2) continue;  // what is broken is not changed
    // What has become somebody else's he may not change any more, though it has not been taken from him yet.
    const Value owner = server.get(Item::owner_id);
    if (!owner.is_null() && !(owner.id() == browser_.user())) continue;
    Value name = server.get(Item::name), position = server.get(Item::position);
    bool is_plain = true;
    for (const model::Mutation& each : outstanding_) {
      const model::Value& about = each.arguments.get(model::kIdField);
      const bool concerns = about.kind() == Value::Kind::id && about.id() == item;
      if (each.name == "shop.shelves.remove") is_plain = false;
      if (!concerns) continue;
      const model::Arguments& arguments = each.arguments;
      const bool refers = arguments.has(Item::owner_id) || arguments.has(Item::shelf_id) ||
                          arguments.has(Item::state) || arguments.has(Item::count);
      if (each.name != kUpdateItem || refers) is_plain = false;
      if (arguments.has(Item::name)) name = arguments.get(Item::name);
      if (arguments.has(Item::position)) position = arguments.get(Item::position);
    }
    const model::Record shown = core.get(kItemsId, item);
    if (is_plain &&
        (!shown || !(shown.get(Item::name) == name) || !(shown.get(Item::position) == position)))
      world_.checker.violated("edits that wait do not lie over " + tests::describe(server) +
                              " but give " + tests::describe(shown));
  }
}

}  // namespace syncline::simulation
