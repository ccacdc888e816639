#include "syncline/mutation/conflict.hpp"

#include <algorithm>
#include <utility>

#include "syncline/mutation/text_merge.hpp"

namespace syncline::mutation {
namespace {

using model::base_version;
using model::FieldWrite;
using model::Policy;
using model::Value;
using model::WriteKind;

const model::Change* find_change(const model::ChangeSet& set, model::CollectionId collection,
                                 const base::Id& record) {
  const auto found =
      std::find_if(set.changes.begin(), set.changes.end(), [&](const model::Change& change) {
        return change.collection().id() == collection && change.id() == record;
      });
  return found == set.changes.end() ? nullptr : &*found;
}

std::string text_of(const Value& value) { return value.is_null() ? std::string() : value.text(); }

// Whether `mine` is a merge already: merging it once more gives itself.
bool contains_theirs(const Value& base, const Value& mine, const Value& theirs) {
  const auto merged = merge_text(text_of(base), text_of(mine), text_of(theirs));
  return merged && *merged == text_of(mine);
}

Value set_difference(const Value& from, const Value& minus) {
  model::TextSet items = from.is_null() ? model::TextSet{} : from.set();
  if (!minus.is_null()) {
    std::erase_if(items, [&minus](const std::string& item) {
      return std::binary_search(minus.set().begin(), minus.set().end(), item);
    });
  }
  return items;
}

// What was added and taken away since the base, applied to what is there now.
Value merged_set(const Value& base, const Value& mine, const Value& theirs) {
  const Value removed = set_difference(base, mine);
  model::TextSet items = set_difference(theirs, removed).set();
  const model::TextSet added = set_difference(mine, base).set();
  items.insert(items.end(), added.begin(), added.end());
  if (items.empty()) return {};  // as validation leaves it
  return model::make_text_set(std::move(items));
}

// REQUIRES: somebody else changed the field, and mine and theirs differ.
bool merges(const model::FieldSpec& field, const FieldWrite& write, const Value& base,
            const Value& mine, const Value& theirs) {
  switch (field.policy) {
    case Policy::reject: return false;
    case Policy::last_writer_wins: return true;
    case Policy::add: return write.kind == WriteKind::increment;
    case Policy::set_union:
      return write.kind != WriteKind::assign || merged_set(base, mine, theirs) == mine;
    case Policy::merge_text: return contains_theirs(base, mine, theirs);
  }
  return false;
}

model::Conflict& conflict_of(ConflictReport& report, model::CollectionId collection,
                             const base::Id& record) {
  for (model::Conflict& conflict : report.conflicts) {
    if (conflict.collection == collection && conflict.record == record) return conflict;
  }
  model::Conflict conflict;
  conflict.collection = collection;
  conflict.record = record;
  report.conflicts.push_back(std::move(conflict));
  return report.conflicts.back();
}

model::FieldConflict field_conflict(model::FieldId field, const OtherWrite& other, Value mine,
                                    Value theirs) {
  model::FieldConflict conflict;
  conflict.field = field;
  conflict.base = other.base;
  conflict.mine = std::move(mine);
  conflict.theirs = std::move(theirs);
  conflict.by = other.by;
  conflict.at = other.at;
  return conflict;
}

bool is_written(const Transaction::Written& written, model::FieldId field) {
  return std::any_of(written.patch.begin(), written.patch.end(),
                     [field](const FieldWrite& write) { return write.field == field; });
}

// Did somebody else change a field that this mutation leaves alone?
base::Result<bool> others_changed_rest(const Mutation& mutation,
                                       const Transaction::Written& written,
                                       const model::Change& change, const OtherWrites& others) {
  for (const model::Field& field : change.collection().fields()) {
    const model::FieldId id = field.spec.id;
    if (id < model::kFirstOwnField || is_written(written, id)) continue;
    const auto base = base_version(mutation, written.collection, written.record, model::kNoField);
    if (!base || change.before.version() <= *base) return false;
    SYNC_ASSIGN(const auto other, others(written.collection, written.record, id, *base));
    if (other) return true;
  }
  return false;
}

base::Status check_written(const Mutation& mutation, const Transaction::Written& written,
                           const model::Change& change, const OtherWrites& others,
                           ConflictReport& report) {
  for (const FieldWrite& write : written.patch) {
    const auto base = base_version(mutation, written.collection, written.record, write.field);
    if (!base) continue;
    Value mine = change.after.get(write.field);
    Value theirs = change.before.get(write.field);
    if (mine == theirs) continue;
    SYNC_ASSIGN(const auto other, others(written.collection, written.record, write.field, *base));
    if (!other) continue;
    const model::FieldSpec& field = change.collection().field(write.field).spec;
    if (merges(field, write, other->base, mine, theirs)) {
      report.merged = true;
    } else {
      conflict_of(report, written.collection, written.record)
          .fields.push_back(
              field_conflict(write.field, *other, std::move(mine), std::move(theirs)));
    }
  }
  SYNC_ASSIGN(const bool rest, others_changed_rest(mutation, written, change, others));
  report.merged = report.merged || rest;
  return {};
}

base::Status check_requirements(const Mutation& mutation, const RunOutcome& outcome,
                                const OtherWrites& others, ConflictReport& report) {
  for (const Requirement& needed : outcome.requirements) {
    const auto base = base_version(mutation, needed.collection, needed.record, needed.field);
    if (!base) continue;
    SYNC_ASSIGN(const auto other, others(needed.collection, needed.record, needed.field, *base));
    if (!other) continue;
    const model::Change* change = find_change(outcome.changes, needed.collection, needed.record);
    Value theirs = change != nullptr && change->before ? change->before.get(needed.field) : Value();
    conflict_of(report, needed.collection, needed.record)
        .fields.push_back(field_conflict(needed.field, *other, other->base, std::move(theirs)));
  }
  return {};
}

// A record that its author saw at a base is not removed over somebody else's later change: every field of it is written.
base::Status check_removed(const Mutation& mutation, const model::Change& change,
                           const OtherWrites& others, ConflictReport& report) {
  const model::CollectionId collection = change.collection().id();
  for (const model::Field& field : change.collection().fields()) {
    const model::FieldId id = field.spec.id;
    if (id < model::kFirstOwnField || field.spec.policy == Policy::last_writer_wins) continue;
    const auto base = base_version(mutation, collection, change.id(), id);
    if (!base || change.before.version() <= *base) continue;
    SYNC_ASSIGN(const auto other, others(collection, change.id(), id, *base));
    // At base 0 the record was its author's own, which waited: what it held then the log cannot say.
    const bool can_tell = *base != 0 && other && other->base_known;
    if (!other || (can_tell && other->base == change.before.get(id))) continue;
    conflict_of(report, collection, change.id())
        .fields.push_back(field_conflict(id, *other, {}, change.before.get(id)));
  }
  return {};
}

std::optional<Value> delta(const Value& mine, const Value& base) {
  if (mine.kind() != base.kind()) return std::nullopt;
  if (mine.kind() == Value::Kind::integer) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(mine.integer(), base.integer(), &difference)) return std::nullopt;
    return Value(difference);
  }
  if (mine.kind() != Value::Kind::decimal) return std::nullopt;
  auto difference = model::subtract(mine.decimal(), base.decimal());
  if (!difference.ok()) return std::nullopt;
  return Value(difference.value());
}

// The write as its author meant it, given what others wrote meanwhile; unchanged where that cannot be told.
void merge_write(const model::FieldSpec& field, const Value& base, const Value& theirs,
                 FieldWrite& write) {
  if (field.policy == Policy::add) {
    if (auto change = delta(write.value, base)) {
      write.kind = WriteKind::increment;
      write.value = std::move(*change);
    }
  } else if (field.policy == Policy::set_union) {
    const bool is_set = write.value.is_null() || write.value.kind() == Value::Kind::set;
    if (!is_set) return;
    const Value removed = set_difference(base, write.value);
    if (removed.set().empty()) {
      write.kind = WriteKind::include;
      write.value = set_difference(write.value, base);
    } else if (set_difference(write.value, base).set().empty()) {
      write.kind = WriteKind::exclude;
      write.value = removed;
    } else {
      write.value = merged_set(base, write.value, theirs);
    }
  } else if (field.policy == Policy::merge_text) {
    const bool is_text = write.value.is_null() || write.value.kind() == Value::Kind::text;
    if (!is_text) return;
    auto merged = merge_text(text_of(base), text_of(write.value), text_of(theirs));
    if (merged) write.value = std::move(*merged);
  }
}

bool is_merging(Policy policy) {
  return policy == Policy::add || policy == Policy::set_union || policy == Policy::merge_text;
}

}  // namespace

base::Result<ConflictReport> detect_conflicts(const Domain&, const Mutation& mutation,
                                              const RunOutcome& outcome,
                                              const OtherWrites& others) {
  SYNC_CHECK(outcome.status.ok(), "conflicts are detected after a successful run");
  ConflictReport report;
  for (const Transaction::Written& written : outcome.written) {
    const model::Change* change = find_change(outcome.changes, written.collection, written.record);
    // Without a change, what was written is what is there: the same value on both sides.
    if (change == nullptr || !change->before || !change->after) continue;
    SYNC_TRY(check_written(mutation, written, *change, others, report));
  }
  for (const model::Change& change : outcome.changes.changes) {
    if (!change.after) SYNC_TRY(check_removed(mutation, change, others, report));
  }
  SYNC_TRY(check_requirements(mutation, outcome, others, report));
  return report;
}

base::Result<std::optional<Mutation>> merge_writes(const Domain& domain, const Mutation& mutation,
                                                   Reader& current, const OtherWrites& others) {
  const MutatorSpec* spec = domain.registry.find(mutation.name);
  const Value& id = mutation.arguments.get(model::kIdField);
  const bool applies = spec != nullptr && spec->generic == MutatorSpec::Generic::update &&
                       id.kind() == Value::Kind::id && !mutation.bases.empty();
  if (!applies) return std::optional<Mutation>();
  const model::Collection& collection = domain.schema.collection(spec->collection);
  const model::Patch& given = mutation.arguments.writes();
  model::Patch merged;  // all of them, once one differs
  for (std::size_t i = 0; i < given.size(); ++i) {
    const FieldWrite& write = given[i];
    const model::Field* field = collection.find(write.field);
    if (field == nullptr || !is_merging(field->spec.policy)) continue;
    const auto base = base_version(mutation, spec->collection, id.id(), write.field);
    if (!base || write.kind != WriteKind::assign) continue;
    SYNC_ASSIGN(const auto other, others(spec->collection, id.id(), write.field, *base));
    if (!other || other->deleted) continue;
    SYNC_ASSIGN(const Lookup row, current.get(spec->collection, id.id()));
    if (row.state != Lookup::State::present) break;
    if (merged.empty()) merged = given;
    merge_write(field->spec, other->base, row.record.get(write.field), merged[i]);
  }
  if (merged.empty()) return std::optional<Mutation>();
  Mutation result = mutation;
  result.arguments = Arguments(std::move(merged));
  return std::optional(std::move(result));
}

base::Result<std::vector<model::Conflict>> detect_deletions(const Domain& domain,
                                                            const Mutation& mutation,
                                                            const OtherWrites& others) {
  const MutatorSpec* spec = domain.registry.find(mutation.name);
  const Value& id = mutation.arguments.get(model::kIdField);
  ConflictReport report;
  if (spec == nullptr || id.kind() != Value::Kind::id) return report.conflicts;
  const bool is_update = spec->generic == MutatorSpec::Generic::update;
  model::Patch writes = mutation.arguments.writes();
  if (!is_update) {
    std::erase_if(writes, [](const FieldWrite& write) { return write.field != model::kIdField; });
  }
  for (const FieldWrite& write : writes) {
    if (is_update && write.field == model::kIdField && writes.size() > 1) continue;
    const auto base = base_version(mutation, spec->collection, id.id(), write.field);
    if (!base) continue;
    SYNC_ASSIGN(const auto other, others(spec->collection, id.id(), write.field, *base));
    if (!other || !other->deleted) continue;
    model::Conflict& conflict = conflict_of(report, spec->collection, id.id());
    conflict.deleted = true;
    if (write.field != model::kIdField) {
      conflict.fields.push_back(field_conflict(write.field, *other, write.value, {}));
    }
  }
  return report.conflicts;
}

}  // namespace syncline::mutation
