// What the checker knows of single fields: who wrote them when, what an author had seen of that, and what he may be told.
#include <algorithm>

#include "tests/simulation/checker.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

using tests::Item;
using tests::kItemsId;

namespace {

// Fields of items whose policy is to refuse.
constexpr model::FieldId kGuarded[] = {Item::name, Item::state, Item::owner_id};

std::string name_of(const model::MutationId& id) {
  return base::to_string(id.client) + ":" + std::to_string(id.sequence);
}

const model::FieldWrite* write_to(const model::Mutation& mutation, model::FieldId field) {
  for (const model::FieldWrite& write : mutation.arguments.writes()) {
    if (write.field == field) return &write;
  }
  return nullptr;
}

// What the author had seen of a field: what he says of it before what he says of the record.
std::optional<model::Version> seen(const model::Mutation& mutation, const base::Id& record,
                                   model::FieldId field) {
  std::optional<model::Version> version;
  for (const model::BaseVersion& base : mutation.bases) {
    if (!(base.record == record)) continue;
    if (base.field == field) return base.version;
    if (base.field == model::kNoField) version = base.version;
  }
  return version;
}

}  // namespace

const std::vector<Checker::Write>& Checker::writes(const base::Id& item,
                                                   model::FieldId field) const {
  static const std::vector<Write> kNone;
  const auto found = writes_.find({item, field});
  return found == writes_.end() ? kNone : found->second;
}

bool Checker::was_restored(const base::Id& item, model::Version after) const {
  const auto found = restored_.find(item);
  return found != restored_.end() && found->second > after;
}

const model::Mutation* Checker::mutation(const model::MutationId& id) const {
  const auto found = mutations_.find({id.client, id.sequence});
  return found == mutations_.end() ? nullptr : &found->second.mutation;
}

void Checker::note_writes(std::size_t profile, const base::Id& client,
                          const model::Change& change) {
  if (change.kind != model::ChangeKind::update) return;
  for (const model::Field& field : change.collection().fields()) {
    const model::FieldId id = field.spec.id;
    if (id < model::kFirstOwnField) continue;
    const model::Value before = change.before.get(id);
    const model::Value after = change.after.get(id);
    if (!(before == after))
      writes_[{change.id(), id}].push_back(
          {change.after.version(), profile, client, before, after});
  }
}

// A write to a guarded field by somebody who had not seen what somebody else wrote last.
void Checker::check_conflicts(const Known& known, const model::Change& change) {
  if (change.kind != model::ChangeKind::update || change.collection().id() != kItemsId) return;
  for (const model::FieldId field : kGuarded) {
    const model::FieldWrite* mine = write_to(known.mutation, field);
    const std::vector<Write>& written = writes(change.id(), field);
    const auto base = seen(known.mutation, change.id(), field);
    if (mine == nullptr || written.empty() || !base) continue;
    const Write& last = written.back();
    const model::Value theirs = change.before.get(field);
    const bool unseen =
        last.version > *base && last.profile != known.profile && !(theirs == mine->value);
    if (!unseen) continue;
    const auto first = std::find_if(written.begin(), written.end(),
                                    [&](const Write& write) { return write.version > *base; });
    if (first->before == theirs || first->profile == known.profile) continue;
    violated("overwrote what its author had not seen: " + name_of(known.mutation.id) + " field " +
             std::to_string(field));
  }
}

model::Value Checker::value_at(const model::Record& item, model::FieldId field,
                               model::Version version) const {
  model::Value value = item.get(field);
  const std::vector<Write>& written = writes(item.id(), field);
  for (auto write = written.rbegin(); write != written.rend(); ++write) {
    if (write->version <= version) return value;
    value = write->before;
  }
  return value;
}

bool Checker::changes_nothing(const model::Mutation& mutation, model::Version at) const {
  const model::Value& id = mutation.arguments.get(model::kIdField);
  // A restoration of what is there is an update.
  const bool of_shelf = mutation.name == "shop.shelves.update";
  const bool updates =
      of_shelf || mutation.name == "shop.items.update" || mutation.name == "shop.items.restore";
  if (!updates || id.kind() != model::Value::Kind::id) return false;
  const auto item = rows_.get(of_shelf ? tests::kShelvesId : kItemsId, id.id());
  // Of what is gone nobody can say.
  if (!item) return of_shelf || std::find(items_.begin(), items_.end(), id.id()) != items_.end();
  for (const model::FieldWrite& write : mutation.arguments.writes()) {
    if (write.field == model::kIdField) continue;
    const bool same =
        write.kind == model::WriteKind::assign && value_at(*item, write.field, at) == write.value;
    if (!same) return false;
  }
  return true;
}

// ---- what is made here

void Checker::made(std::size_t profile, const model::Mutation& mutation) {
  Known& known = mutations_[Key(mutation.id.client, mutation.id.sequence)];
  known.profile = profile;
  known.mutation = mutation;
  known.unstored.push_back(mutation);
}

void Checker::stored(const model::MutationId& id) {
  const auto found = mutations_.find({id.client, id.sequence});
  if (found == mutations_.end() || found->second.unstored.empty()) return;
  found->second.stored = std::move(found->second.unstored.front());
  found->second.unstored.pop_front();
}

void Checker::lost_unstored(std::size_t profile) {
  for (auto& [key, known] : mutations_) {
    if (known.profile != profile || known.unstored.empty()) continue;
    known.unstored.clear();
    if (known.stored) known.mutation = *known.stored;
  }
}

// ---- taking back

void Checker::takes_back(TakenBack undo) {
  const auto found = mutations_.find({undo.id.client, undo.id.sequence});
  if (found == mutations_.end()) return violated("nothing was made of an undo");
  found->second.undo = std::move(undo);
}

// Whoever takes back his own step finds the fields as he left them, or as he has written them since.
void Checker::check_undo(std::size_t profile, const TakenBack& undo, const model::Change& change) {
  // With a record others may go that belong to it, as with any removal.
  if (change.kind == model::ChangeKind::remove && !(change.id() == undo.record)) return;
  if (!(change.id() == undo.record)) return violated("undo changes another record");
  if (undo.collection != kItemsId || change.kind == model::ChangeKind::insert) return;
  for (const model::FieldId field : undo.fields) {
    const model::Policy policy = change.collection().field(field).spec.policy;
    if (policy != model::Policy::reject) continue;  // there all may write
    const model::Value before = change.before.get(field);
    if (change.after && change.after.get(field) == before) continue;
    const std::vector<Write>& written = writes(undo.record, field);
    const bool is_own = !written.empty() && written.back().profile == profile;
    if (!is_own && !(before == undo.from.get(field)))
      violated("undo took back what somebody else wrote: " + name_of(undo.id) + " field " +
               std::to_string(field) + " of " + tests::describe(change.before));
  }
}

// ---- what an author is told of others

void Checker::check_told_conflicts(const Known& known, const model::Verdict& verdict) {
  for (const model::Conflict& conflict : verdict.conflicts) {
    if (conflict.collection != kItemsId || conflict.deleted) continue;
    if (was_restored(conflict.record, 0)) continue;  // all of it is somebody's
    for (const model::FieldConflict& field : conflict.fields) {
      const auto base = seen(known.mutation, conflict.record, field.field);
      model::Value theirs;
      bool by_others = false;
      for (const Write& write : writes(conflict.record, field.field)) {
        if (write.version > verdict.version) break;
        theirs = write.after;
        const bool is_own = write.client == known.mutation.id.client;
        by_others = by_others || (base && write.version > *base && !is_own);
      }
      const std::string which =
          name_of(known.mutation.id) + " field " + std::to_string(field.field);
      if (!by_others) violated("a conflict with nobody: " + which);
      if (by_others && !(theirs == field.theirs))
        violated("a conflict tells of another value than is there: " + which);
      const model::FieldWrite* mine = write_to(known.mutation, field.field);
      if (mine != nullptr && mine->kind == model::WriteKind::assign && !(mine->value == field.mine))
        violated("a conflict tells of another value than was wanted: " + which);
    }
  }
}

}  // namespace syncline::simulation
