// Conflict detection per field (SEMANTICS 1–7): pure functions over what was written, at which base, and what others did.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "syncline/model/change.hpp"
#include "syncline/mutation/transaction.hpp"

namespace syncline::mutation {

// The last commit of somebody else that changed a field after a base version, as the server's log tells it.
struct OtherWrite {
  model::Version version = 0;
  base::Id by;  // user
  base::Timestamp at;
  model::Value base;       // the field's value at the base version; null beyond retention
  bool base_known = true;  // false: there was nothing, or nothing that its author may read
  bool deleted = false;    // the record was deleted by it
};

// Asks the log: did somebody else (not this client and its earlier ids) change `field` of the record after `base`?
using OtherWrites = std::function<base::Result<std::optional<OtherWrite>>(
    model::CollectionId collection, const base::Id& record, model::FieldId field,
    model::Version base)>;

struct ConflictReport {
  bool merged = false;                     // somebody changed something else, or a policy merged
  std::vector<model::Conflict> conflicts;  // empty: go on
};

// Before the run: whole values of fields whose policy merges become what their author changed: `add` a delta (mine - base),
// `set_union` items included and excluded, `merge_text` the three-way merge with the current text. Only for generic updates,
// fields with a base and a change by somebody else; all else stays as it is. What cannot be merged stays too, and
// detect_conflicts() reports it. Nothing: all stays.
[[nodiscard]] base::Result<std::optional<Mutation>> merge_writes(const Domain& domain,
                                                                 const Mutation& mutation,
                                                                 Reader& current,
                                                                 const OtherWrites& others);

// REQUIRES: `outcome` succeeded over the current rows. Fields without a base are not checked (SEMANTICS 2); equal values
// never conflict; policies last_writer_wins, add, set_union merge by themselves (their writes are deltas; a whole value that
// merge_writes() left is treated as `reject`).
// Removing a record counts as writing all of its fields, positions and the like excepted.
[[nodiscard]] base::Result<ConflictReport> detect_conflicts(const Domain& domain,
                                                            const Mutation& mutation,
                                                            const RunOutcome& outcome,
                                                            const OtherWrites& others);

// For an outcome of not_found: the records with a base that somebody deleted since (SEMANTICS 6); empty: a plain not_found.
// Asks `others` about the fields a generic update writes, else about kIdField.
[[nodiscard]] base::Result<std::vector<model::Conflict>> detect_deletions(
    const Domain& domain, const Mutation& mutation, const OtherWrites& others);

}  // namespace syncline::mutation
