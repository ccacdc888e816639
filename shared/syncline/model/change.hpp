// What happened: field writes, changes of rows, the set of them one mutation makes, and the verdict on it. Layer 1, so that
// protocol, mutation, client and authority share them (SEMANTICS 32).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "syncline/base/error.hpp"
#include "syncline/base/fields.hpp"
#include "syncline/model/record.hpp"

namespace syncline::model {

enum class WriteKind : std::uint8_t {
  assign,      // the value replaces the field
  increment,   // policy add: integer or decimal delta
  include,     // set: these items are added
  exclude,     // set: these items are removed
};

struct FieldWrite {
  FieldId field = kNoField;
  WriteKind kind = WriteKind::assign;
  Value value;
  bool operator==(const FieldWrite&) const = default;
  SYNCLINE_FIELDS(field, kind, value)
};
using Patch = std::vector<FieldWrite>;  // each field at most once

enum class ChangeKind : std::uint8_t { insert, update, remove };

struct Change {
  ChangeKind kind = ChangeKind::insert;
  Record before;  // none for insert
  Record after;   // none for remove
  [[nodiscard]] const Record& any() const { return after ? after : before; }
  [[nodiscard]] const Collection& collection() const { return any().collection(); }
  [[nodiscard]] base::Id id() const { return any().id(); }
};

// A domain action or declared transition, beside the generic created/updated/deleted (API.md, events).
struct DomainEvent {
  CollectionId collection = kNoCollection;
  base::Id record;
  std::string type;    // "lead_converted"
  std::string action;  // "converted"
  bool operator==(const DomainEvent&) const = default;
  SYNCLINE_FIELDS(collection, record, type, action)
};

// All effects of one mutation, in the order in which the mutator first wrote the rows; a row appears once.
struct ChangeSet {
  std::vector<Change> changes;
  std::vector<DomainEvent> events;
};

// The version at which the author saw a record, or one field of it (SEMANTICS 2). Without a collection: a mutation that he took as
// done, `record` its client and `version` its sequence; where that was refused, so is what takes it back.
struct BaseVersion {
  CollectionId collection = kNoCollection;
  base::Id record;
  FieldId field = kNoField;  // kNoField: all fields of the record
  Version version = 0;
  bool operator==(const BaseVersion&) const = default;
  SYNCLINE_FIELDS(collection, record, field, version)
};

struct FieldConflict {
  FieldId field = kNoField;
  Value base;  // null beyond the log's retention
  Value mine;
  Value theirs;
  base::Id by;  // user who made theirs
  base::Timestamp at;
  bool operator==(const FieldConflict&) const = default;
  SYNCLINE_FIELDS(field, base, mine, theirs, by, at)
};

struct Conflict {
  CollectionId collection = kNoCollection;
  base::Id record;
  bool deleted = false;  // somebody deleted the record; theirs is null then
  std::vector<FieldConflict> fields;
  bool operator==(const Conflict&) const = default;
  SYNCLINE_FIELDS(collection, record, deleted, fields)
};

enum class Outcome : std::uint8_t { applied, merged, conflict, rejected };

// The server's final word on one mutation.
struct Verdict {
  std::uint64_t sequence = 0;
  Outcome outcome = Outcome::applied;
  Version version = 0;  // the commit it became; for conflict and rejected the version at which it was judged
  base::Error error;    // conflict, rejected
  std::vector<Conflict> conflicts;
  std::vector<std::pair<std::string, Value>> result;  // what the mutator answers ("dealId" → …)
  bool operator==(const Verdict&) const = default;
  SYNCLINE_FIELDS(sequence, outcome, version, error, conflicts, result)
};

}  // namespace syncline::model
