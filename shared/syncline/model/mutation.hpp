// Mutation: what a user did, as it is queued, sent and run: a mutator's name and arguments, and what the author had seen.
// Layer 1, so that protocol, mutation, client and authority share it.
#pragma once

#include <optional>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "syncline/base/fields.hpp"
#include "syncline/base/id.hpp"
#include "syncline/base/time.hpp"
#include "syncline/model/change.hpp"

namespace syncline::model {

// Argument values by field id of the mutator's argument specs. Reserved: kIdField = the record acted on.
// A missing argument is null or, where the spec has one, its default.
class Arguments {
 public:
  Arguments() = default;
  explicit Arguments(Patch writes) : writes_(std::move(writes)) {}
  [[nodiscard]] const Value& get(FieldId field) const;  // null when absent
  [[nodiscard]] bool has(FieldId field) const;          // present, though it may be null
  void set(FieldId field, Value value);
  void erase(FieldId field);
  [[nodiscard]] const Patch& writes() const { return writes_; }
  bool operator==(const Arguments&) const = default;
  template <class Archive>
  void serialize(Archive& ar) { ar(writes_); }

 private:
  Patch writes_;
};

// Names a mutation for ever (ARCHITECTURE rule 5). Sequences start at 1 per client.
struct MutationId {
  base::Id client;
  std::uint64_t sequence = 0;
  bool operator==(const MutationId&) const = default;
  SYNCLINE_FIELDS(client, sequence)
};

struct Mutation {
  MutationId id;
  std::string name;
  Arguments arguments;
  std::vector<BaseVersion> bases;
  base::Timestamp created_at;  // the author's estimate of the server's clock; new ids derive from it
  bool operator==(const Mutation&) const = default;
  SYNCLINE_FIELDS(id, name, arguments, bases, created_at)
};

// The version at which the author saw the field: its own entry before the record's.
[[nodiscard]] std::optional<Version> base_version(const Mutation& mutation, CollectionId collection,
                                                  const base::Id& record, FieldId field);

}  // namespace syncline::model
