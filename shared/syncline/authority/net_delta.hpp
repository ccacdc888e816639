// What a flush tells the subscribers of one group: the deltas of all commits since the last one, coalesced: per row the last
// content, or its removal, or nothing when it came and went (ENG-11). And the rule of what a group's sessions may see.
//
// Invariant: applying the taken bodies one after another to the first snapshot gives the pipeline's result.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "syncline/ivm/pipeline.hpp"
#include "syncline/mutation/access.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::authority {

// Row rules of included records (the primary rows' rule is part of the query), and fields that are blanked.
class Visibility {
 public:
  // REQUIRES: the query passed AccessRules::rewrite for this actor.
  Visibility(const model::Schema& schema, const mutation::AccessRules& access,
             const mutation::Actor& actor, const query::Query& query);

  [[nodiscard]] bool shows_related(const model::Record& record) const;
  // The record without its masked fields.
  [[nodiscard]] model::Record stripped(const model::Record& record) const;
  // May another role see more or less of the same row at the same version?
  [[nodiscard]] bool depends_on_role() const { return depends_on_role_; }
  // Equal bytes, equal visibility: part of a group's identity.
  [[nodiscard]] base::Bytes key_bytes() const;

 private:
  struct Rule {
    model::CollectionId collection = model::kNoCollection;
    bool included = false;
    query::Predicate rows;
    std::vector<model::FieldId> masked;
  };
  [[nodiscard]] const Rule* rule(model::CollectionId collection) const;
  std::vector<Rule> rules_;
  bool depends_on_role_ = false;
};

class NetDelta {
 public:
  // `includes_itself`: a record can be in the result as a row and as an included record at once.
  NetDelta(const Visibility& visibility, bool includes_itself)
      : visibility_(visibility), includes_itself_(includes_itself) {}

  // The whole result, as hydrated: what every subscriber has from now on. Forgets what waited.
  void start(const ivm::ResultDelta& result);
  void add(const ivm::ResultDelta& delta);
  [[nodiscard]] bool empty() const { return rows_.empty() && groups_.empty(); }
  // About as much as it holds.
  [[nodiscard]] std::size_t bytes() const;
  // What is to be sent; afterwards empty().
  [[nodiscard]] protocol::SegmentBody take();
  // Of what every subscriber holds that has got all bodies until now (protocol/signature.hpp).
  [[nodiscard]] std::uint64_t signature() const { return signature_; }

 private:
  enum Lane : std::uint8_t { kPrimary = 1, kRelated = 2 };
  struct Key {
    model::CollectionId collection;
    base::Id id;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(base::hash(key.id) ^ key.collection);
    }
  };
  struct Row {
    bool was_there = false;
    model::Version was_version = 0;
    std::uint8_t lanes = 0;  // in which it is now
    model::Record record;    // the last one seen
  };
  struct Group {
    bool was_there = false;
    bool is_there = false;
    ivm::AggregateRow row;
  };
  struct Presence {
    std::uint8_t lanes = 0;
    model::Version version = 0;
  };
  void start_row(const model::Record& record, Lane lane);
  void add_row(const ivm::RowDelta& delta, Lane lane);
  void add_group(const ivm::GroupDelta& delta);

  const Visibility& visibility_;
  const bool includes_itself_;
  std::unordered_map<Key, Row, KeyHash> rows_;
  std::vector<Group> groups_;
  // Of every row of the result; kept only where one row can be in both lanes.
  std::unordered_map<Key, Presence, KeyHash> presence_;
  std::uint64_t signature_ = 0;
};

// The visible records of a hydrated result, stripped, each once.
[[nodiscard]] std::vector<model::Record> visible_records(const Visibility& visibility,
                                                         const ivm::ResultDelta& result);
[[nodiscard]] protocol::SegmentBody::Group to_segment(const ivm::AggregateRow& row, bool removed);

}  // namespace syncline::authority
