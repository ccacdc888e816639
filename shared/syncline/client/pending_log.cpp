#include "syncline/client/pending_log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace syncline::client {

void Concern::add(const RowKey& key) {
  rows.insert(key);
  collections |= Replica::collection_bit(key.collection);
}
void Concern::add(const std::vector<model::Change>& changes) {
  for (const model::Change& change : changes) add(key_of(change));
}
bool Concern::has_all(const std::vector<model::Change>& changes) const {
  return std::all_of(changes.begin(), changes.end(),
                     [this](const model::Change& change) { return has(key_of(change)); });
}
bool Concern::meets_writes(const Pending& pending) const {
  const auto& changes = pending.changes;
  return std::any_of(changes.begin(), changes.end(),
                     [this](const model::Change& change) { return has(key_of(change)); });
}
bool Concern::meets_reads(const Pending& pending) const {
  const auto& records = pending.reads.records;
  const auto& queries = pending.reads.queries;
  // What is written has been read, as a rule, and its rows have been looked up by then.
  constexpr std::size_t kFew = 8;
  const bool are_few = pending.changes.size() <= kFew;
  const auto is_written = [&](const RowKey& key) {
    return are_few &&
           std::any_of(pending.changes.begin(), pending.changes.end(),
                       [&key](const model::Change& change) { return key_of(change) == key; });
  };
  return std::any_of(records.begin(), records.end(),
                     [&](const auto& read) {
                       const RowKey key{read.first, read.second};
                       return !is_written(key) && has(key);
                     }) ||
         std::any_of(queries.begin(), queries.end(), [this](const query::Query& query) {
           return (collections & Replica::collection_bit(query.collection)) != 0;
         });
}

RebasePlan plan_rebase(const std::deque<Pending>& entries, std::size_t from, Concern& moved,
                       bool keep_settled) {
  RebasePlan plan{entries.size(), std::vector<Fate>(entries.size(), Fate::stays)};
  for (std::size_t at = from; at < entries.size(); ++at) {
    const Pending& pending = entries[at];
    const bool written = moved.meets_writes(pending);
    const bool stays =
        pending.settled ? keep_settled && !written : !written && !moved.meets_reads(pending);
    if (!stays) {
      plan.fates[at] = pending.settled ? Fate::leaves : Fate::runs_again;
      plan.first = std::min(plan.first, at);
      moved.add(pending.changes);
    } else if (plan.first < at) {
      for (const model::Change& change : pending.changes) {
        plan.standing |= Replica::collection_bit(change.collection().id());
      }
    }
  }
  return plan;
}

mutation::RunOutcome PendingLog::try_run(const model::Mutation& mutation) {
  mutation::Context context;
  context.actor = actor_;
  context.id = mutation.id;
  context.created_at = mutation.created_at;
  // Not the time of this run: a mutation that is run again must not change its time stamps.
  context.now = mutation.created_at;
  return mutation::run(domain_, replica_, mutation, context);
}

namespace {

bool wrote(const Pending& pending, const RowKey& key, model::FieldId field) {
  return std::any_of(pending.changes.begin(), pending.changes.end(), [&](const auto& change) {
    return key_of(change) == key && (!change.before || !change.after ||
                                     !(change.before.get(field) == change.after.get(field)));
  });
}

// What is forgotten is asked about once more.
constexpr std::size_t kConflictsRemembered = 128;
constexpr std::size_t kOwnWordsRemembered = 256;
constexpr std::size_t kEditsLookedAt = 64;

// The last.
const Word* find_word(const std::vector<Word>& words, const RowKey& key, model::FieldId field) {
  const auto last = std::find_if(words.rbegin(), words.rend(), [&](const Word& word) {
    return word.row == key && word.field == field;
  });
  return last == words.rend() ? nullptr : &*last;
}

void take(Pending& pending, mutation::RunOutcome& outcome) {
  pending.changes = std::move(outcome.changes.changes);
  pending.reads = std::move(outcome.read_set);
  // A mutation that fails when it is run again stays: the server will say the same, with the reason.
  pending.certain = outcome.status.ok() || PendingLog::is_refused(outcome.status);
}

// 0 says nothing of the row: it had been one's own that waits.
bool says_what_was_seen(const model::BaseVersion& base) { return base.version != 0; }

// The earliest versions stay: what came under the row since then lay under its author's own value. Of a row that it does not write
// yet its bases alone say what was seen.
void note_seen(Pending& pending, const model::Schema& schema, const Replica& replica) {
  const auto note = [&](const RowKey& key, model::Version version, std::size_t from) {
    for (std::size_t at = 0; at < pending.seen.size(); ++at) {
      Pending::Seen& earlier = pending.seen[at];
      if (!(earlier.row == key)) continue;
      if (at >= from) earlier.version = std::min(earlier.version, version);
      return;
    }
    pending.seen.push_back({key, version, replica.confirmed(key)});
  };
  for (const model::Change& change : pending.changes) {
    if (!change.before) continue;
    const RowKey key = key_of(change);
    note(key, replica.known_version(key, change.before.version()), 0);
  }
  const std::size_t written = pending.seen.size();
  for (const model::BaseVersion& base : pending.mutation.bases) {
    if (says_what_was_seen(base) && schema.find(base.collection) != nullptr)
      note({base.collection, base.record}, base.version, written);
  }
}

}  // namespace

void PendingLog::add(model::Mutation mutation, mutation::RunOutcome outcome, bool stored) {
  Pending pending;
  pending.mutation = std::move(mutation);
  pending.unstored = stored ? 0 : 1;
  take(pending, outcome);
  note_seen(pending, domain_.schema, replica_);
  show(pending);
  entries_.push_back(std::move(pending));
}

void PendingLog::note_known(std::vector<Word> words) {
  std::vector<Word>& known = entries_.back().known;
  std::move(words.begin(), words.end(), std::back_inserter(known));
}

void PendingLog::show(const Pending& pending) {
  for (const model::Change& change : pending.changes) replica_.overlay(change);
}

mutation::RunOutcome PendingLog::fold(const model::Mutation& mutation) {
  Pending& last = entries_.back();
  for (auto change = last.changes.rbegin(); change != last.changes.rend(); ++change)
    replica_.undo_overlay(*change);
  mutation::RunOutcome outcome = try_run(mutation);
  if (!is_refused(outcome.status)) {
    last.mutation = mutation;
    ++last.unstored;
    take(last, outcome);
    note_seen(last, domain_.schema, replica_);
  }
  show(last);
  return outcome;
}

void PendingLog::note_verdict(const model::MutationId& id, const model::Verdict& verdict) {
  const auto note_told = [&](const RowKey& row, model::FieldId field, const model::Value& value) {
    remember(told_, {{row, field, value}, verdict.version}, kConflictsRemembered);
  };
  for (const model::Conflict& conflict : verdict.conflicts) {
    const RowKey row{conflict.collection, conflict.record};
    if (conflict.fields.empty()) note_told(row, model::kNoField, {});
    for (const model::FieldConflict& field : conflict.fields)
      note_told(row, field.field, field.theirs);
  }
  if (verdict.outcome != model::Outcome::applied && verdict.outcome != model::Outcome::merged)
    return;
  const auto pending = std::find_if(entries_.begin(), entries_.end(), [&id](const Pending& each) {
    return each.mutation.id == id && !each.settled;
  });
  if (pending != entries_.end()) note_own(*pending, verdict.version);
}

void PendingLog::note_own(const Pending& pending, model::Version version) {
  const auto note = [&](const RowKey& row, model::FieldId field, const model::Value& value) {
    remember(own_words_, {{row, field, value}, version}, kOwnWordsRemembered);
  };
  for (const model::Change& change : pending.changes) {
    if (!change.before || !change.after) continue;
    for (const model::FieldId field : model::changed_fields(change.before, change.after))
      note(key_of(change), field, change.after.get(field));
  }
  // Where its row is here already it changes nothing any more.
  using Generic = mutation::MutatorSpec::Generic;
  const mutation::MutatorSpec* const spec = domain_.registry.find(pending.mutation.name);
  const Generic generic = spec == nullptr ? Generic::none : spec->generic;
  const model::Value& record = pending.mutation.arguments.get(model::kIdField);
  if (generic == Generic::none || record.kind() != model::Value::Kind::id) return;
  const RowKey key{spec->collection, record.id()};
  for (const model::FieldWrite& write : pending.mutation.arguments.writes()) {
    if (write.field == model::kIdField || write.kind != model::WriteKind::assign) continue;
    if (generic != Generic::insert ? !wrote(pending, key, write.field)
                                   : is_written_anew(pending, key, write.field))
      note(key, write.field, write.value);
  }
}

// Of what is new its author remembers what he has written anew since: as a rule right after it. Of a long queue each of many inserts
// is not to look at all.
bool PendingLog::is_written_anew(const Pending& pending, const RowKey& key,
                                 model::FieldId field) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Pending& each) { return &each == &pending; });
  const auto behind = static_cast<std::size_t>(entries_.end() - at) - 1;
  const auto end = at + 1 + static_cast<std::ptrdiff_t>(std::min(behind, kEditsLookedAt));
  return std::any_of(at + 1, end, [&](const Pending& later) {
    return !later.settled && wrote(later, key, field);
  });
}

void PendingLog::remember(std::vector<Said>& all, Said latest, std::size_t at_most) {
  if (all.size() == at_most) all.erase(all.begin());
  all.push_back(std::move(latest));
}

std::optional<model::Mutation> PendingLog::settle(const model::MutationId& id, bool keep_effects) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&id](const Pending& pending) {
    return pending.mutation.id == id && !pending.settled;
  });
  if (found == entries_.end()) return std::nullopt;
  model::Mutation mutation = found->mutation;
  if (keep_effects) {
    found->settled = true;
  } else {
    left_.add(found->changes);
    entries_.erase(found);
  }
  return mutation;
}

void PendingLog::rebase(bool keep_settled) {
  if (entries_.empty() && left_.rows.empty()) return;  // nothing is overlaid
  Concern below = std::exchange(left_, {});
  for (const RowKey& key : below.rows) replica_.lift_overlay(key);
  below.server = &replica_;
  below.collections |= replica_.changed_collections();
  Concern moved = below;
  RebasePlan plan = plan_rebase(entries_, 0, moved, keep_settled);
  if (plan.first == entries_.size()) return;
  take_back(plan, plan.first, false, below);
  // Each run sees only what came before it. As long as none looks at a row that another wrote, those that stay need not be
  // moved; else they are taken back as well, and all are put back one after another.
  bool all_taken = false;
  std::size_t kept = plan.first;
  for (std::size_t at = plan.first; at < entries_.size(); ++at) {
    Pending& pending = entries_[at];
    const Fate fate = plan.fates[at];
    if (fate == Fate::leaves) continue;
    if (fate == Fate::runs_again) {
      run_again(pending);
      if (!all_taken && (saw_overlay(plan, pending) || !moved.has_all(pending.changes))) {
        take_back(plan, at + 1, true, below);
        all_taken = true;
        run_again(pending);
      }
      if (!moved.has_all(pending.changes)) {
        // It writes other rows than it did: whoever comes after it and knows those runs again, too.
        moved.add(pending.changes);
        plan = plan_rebase(entries_, at + 1, moved, keep_settled);
      }
    }
    if (all_taken || fate == Fate::runs_again) {
      show(pending);
    }
    if (kept != at) entries_[kept] = std::move(pending);
    ++kept;
  }
  entries_.resize(kept);
}

// Whoever wrote a row that moved below runs again, so that row is the server's. Else it becomes as it was before: what is
// under it did not move, so before-images are still right.
void PendingLog::take_back(const RebasePlan& plan, std::size_t from, bool that_stay,
                           const Concern& below) {
  for (std::size_t at = entries_.size(); at > from;) {
    if ((plan.fates[--at] == Fate::stays) != that_stay) continue;
    const std::vector<model::Change>& changes = entries_[at].changes;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
      const RowKey key = key_of(*change);
      if (below.has(key)) {
        replica_.lift_overlay(key);
      } else {
        replica_.undo_overlay(*change);
      }
    }
  }
}

// It may have been written by one that comes later.
bool PendingLog::saw_overlay(const RebasePlan& plan, const Pending& pending) const {
  const auto& records = pending.reads.records;
  const auto& queries = pending.reads.queries;
  return std::any_of(pending.changes.begin(), pending.changes.end(),
                     [this](const auto& change) { return replica_.is_overlaid(key_of(change)); }) ||
         std::any_of(records.begin(), records.end(),
                     [this](const auto& read) {
                       return replica_.is_overlaid({read.first, read.second});
                     }) ||
         std::any_of(queries.begin(), queries.end(), [&plan](const query::Query& query) {
           return (plan.standing & Replica::collection_bit(query.collection)) != 0;
         });
}

void PendingLog::run_again(Pending& pending) {
  mutation::RunOutcome outcome = try_run(pending.mutation);
  take(pending, outcome);
}

RowSet PendingLog::needed(bool keep_settled) const {
  RowSet keys;
  for (const Pending& pending : entries_) {
    if (pending.settled && !keep_settled) continue;
    for (const model::Change& change : pending.changes) keys.insert(key_of(change));
    for (const auto& read : pending.reads.records) keys.insert({read.first, read.second});
  }
  return keys;
}

RowSet PendingLog::written() const {
  RowSet keys;
  for (const Pending& pending : entries_) {
    if (pending.settled) continue;
    for (const model::Change& change : pending.changes) keys.insert(key_of(change));
  }
  return keys;
}

std::optional<model::Version> PendingLog::seen(const RowKey& key,
                                               std::optional<model::Version> now) const {
  for (const Pending& pending : entries_) {
    if (pending.settled) continue;
    const auto note = [&now](model::Version version) {
      now = std::min(now.value_or(version), version);
    };
    for (const Pending::Seen& seen : pending.seen) {
      if (seen.row == key) note(seen.version);
    }
    for (const model::BaseVersion& base : pending.mutation.bases) {
      if (RowKey{base.collection, base.record} == key && says_what_was_seen(base))
        note(base.version);
    }
  }
  return now;
}

model::Version PendingLog::own_word(const model::Record& server, model::FieldId field) const {
  const Word word{{server.collection().id(), server.id()}, field, server.get(field)};
  const auto own = std::find_if(own_words_.rbegin(), own_words_.rend(), [&word](const Said& each) {
    return each.word.row == word.row && each.word.field == word.field;
  });
  if (own == own_words_.rend() || !(own->word.value == word.value)) return 0;
  // Where somebody else has spoken in between, the same word again is his.
  const bool is_his = std::any_of(told_.begin(), told_.end(), [&](const Said& each) {
    return each.word.row == word.row && each.word.field == word.field &&
           !(each.word.value == word.value) && each.version > own->version &&
           each.version <= server.version();
  });
  return is_his ? 0 : own->version;
}

std::optional<PendingLog::Hidden> PendingLog::hidden(const RowKey& key, model::FieldId field,
                                                     model::Version now) const {
  std::optional<Hidden> earliest;
  for (const Pending& pending : entries_) {
    if (pending.settled || !wrote(pending, key, field)) continue;
    for (const Pending::Seen& seen : pending.seen) {
      if (!(seen.row == key)) continue;
      const auto base = model::base_version(pending.mutation, key.collection, key.id, field);
      const model::Version version = base.value_or(seen.version);
      if (version >= now) continue;
      now = version;
      earliest = Hidden{version, {}};
      if (seen.server && seen.server.version() <= version) {
        earliest->word = seen.server.get(field);
      } else if (const Word* known = find_word(pending.known, key, field)) {
        earliest->word = known->value;
      }
    }
  }
  if (!earliest) return earliest;
  // Whoever answers a conflict has seen what that told, though later ones may be here.
  for (const Said& told : told_) {
    const Word& word = told.word;
    if (!earliest->word && told.version == earliest->since && word.row == key &&
        word.field == field)
      earliest->word = word.value;
  }
  const model::Record server = replica_.confirmed(key);
  // What was known then has any earlier word of one's own in it.
  const model::Version own = server ? own_word(server, field) : 0;
  if (own > (earliest->word ? earliest->since : 0)) earliest->word = server.get(field);
  return earliest;
}

void PendingLog::claim_no_more_than_seen(model::Mutation& mutation) const {
  if (entries_.empty()) return;
  std::vector<model::BaseVersion> of_fields;
  // What stands there as somebody decides about a conflict, the conflict itself has told.
  const auto since = [this](const RowKey& key, model::FieldId field, model::Version now) {
    const auto under = hidden(key, field, now);
    if (!under) return now;
    model::Version told = under->since;
    for (const Said& each : told_) {
      if (each.word.row == key) told = std::max(told, each.version);
    }
    return std::min(told, now);
  };
  for (model::BaseVersion& base : mutation.bases) {
    const RowKey key{base.collection, base.record};
    if (base.field != model::kNoField) {
      base.version = since(key, base.field, base.version);
      continue;
    }
    const auto is_id = [](const model::FieldWrite& write) {
      return write.field == model::kIdField;
    };
    const auto& writes = mutation.arguments.writes();
    const bool is_removal = std::all_of(writes.begin(), writes.end(), is_id);
    const model::Collection* const collection = domain_.schema.find(base.collection);
    if (collection == nullptr) continue;  // whoever runs it will say so
    for (const model::Field& field : collection->fields()) {
      const model::FieldId id = field.spec.id;
      if (id < model::kFirstOwnField || !(is_removal || mutation.arguments.has(id))) continue;
      const model::Version version = since(key, id, base.version);
      if (version < base.version) of_fields.push_back({base.collection, base.record, id, version});
    }
  }
  mutation.bases.insert(mutation.bases.end(), of_fields.begin(), of_fields.end());
}

bool PendingLog::may_have_written(const RowKey& key, model::FieldId field,
                                  const model::Value& value) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Pending& pending) {
    const model::Arguments& arguments = pending.mutation.arguments;
    return pending.gone_out && !pending.settled && arguments.has(field) &&
           arguments.get(field) == value && arguments.get(model::kIdField) == model::Value(key.id);
  });
}

bool PendingLog::has_written(const RowKey& key, model::FieldId field) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Pending& pending) {
    return !pending.settled && wrote(pending, key, field);
  });
}

bool PendingLog::is_uncertain(model::CollectionId collection) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Pending& pending) {
    if (pending.certain || pending.settled) return false;
    const mutation::MutatorSpec* spec = domain_.registry.find(pending.mutation.name);
    return spec != nullptr && spec->collection == collection;
  });
}

std::uint32_t PendingLog::size() const {
  return static_cast<std::uint32_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const Pending& pending) { return !pending.settled; }));
}

}  // namespace syncline::client
