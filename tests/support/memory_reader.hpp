// MemoryReader: rows in a std::map as the ground of a Transaction; every question is answered by looking at all of them. It can
// play a partial replica: hidden rows are unknown, and finds are then incomplete.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "syncline/model/change.hpp"
#include "syncline/mutation/reader.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::tests {

class MemoryReader : public mutation::Reader {
 public:
  using Key = std::pair<model::CollectionId, base::Id>;

  // `schema` outlives this.
  explicit MemoryReader(const model::Schema& schema) : schema_(schema) {}

  // The rows of a commit get its version.
  void apply(const model::ChangeSet& set, model::Version version) {
    for (const model::Change& change : set.changes) {
      const Key key(change.collection().id(), change.id());
      if (change.kind == model::ChangeKind::remove) {
        rows_.erase(key);
      } else {
        rows_[key] = model::with_version(change.after, version);
      }
    }
  }
  void put(const model::Record& record) {
    rows_[Key(record.collection().id(), record.id())] = record;
  }
  // A replica that does not hold this row.
  void hide(model::CollectionId collection, const base::Id& id) {
    hidden_.insert({collection, id});
  }
  // A replica that may lack rows of this collection: finds are incomplete, and a row it has not is unknown.
  void make_partial(model::CollectionId collection) { partial_.insert(collection); }

  [[nodiscard]] model::Record row(model::CollectionId collection, const base::Id& id) const {
    const auto found = rows_.find({collection, id});
    return found == rows_.end() ? model::Record() : found->second;
  }
  [[nodiscard]] std::vector<model::Record> rows(model::CollectionId collection) const {
    std::vector<model::Record> all;
    for (const auto& entry : rows_) {
      if (entry.first.first == collection) all.push_back(entry.second);
    }
    return all;
  }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  [[nodiscard]] base::Result<mutation::Lookup> get(model::CollectionId collection,
                                                   const base::Id& id) override {
    mutation::Lookup lookup;
    const auto found = rows_.find({collection, id});
    const bool unknown = hidden_.count({collection, id}) != 0 ||
                         (found == rows_.end() && partial_.count(collection) != 0);
    if (unknown) {
      lookup.state = mutation::Lookup::State::unknown;
    } else if (found != rows_.end()) {
      lookup.state = mutation::Lookup::State::present;
      lookup.record = found->second;
    }
    return lookup;
  }

  [[nodiscard]] base::Result<mutation::FindResult> find(const query::Query& query) override {
    mutation::FindResult result;
    result.complete = partial_.count(query.collection) == 0;
    const model::Collection& collection = schema_.collection(query.collection);
    for (const model::Record& row : rows(query.collection)) {
      if (hidden_.count({query.collection, row.id()}) != 0) {
        result.complete = false;
        continue;
      }
      const bool before = query.after && model::compare_record_to_key(collection, query.order, row,
                                                                      *query.after) <= 0;
      if (!before && query::matches(query.where, row)) result.rows.push_back(row);
    }
    std::sort(result.rows.begin(), result.rows.end(),
              [&](const model::Record& a, const model::Record& b) {
                return model::compare_records(collection, query.order, a, b) < 0;
              });
    if (query.limit != 0 && result.rows.size() > query.limit) result.rows.resize(query.limit);
    return result;
  }

 private:
  const model::Schema& schema_;
  std::map<Key, model::Record> rows_;
  std::set<Key> hidden_;
  std::set<model::CollectionId> partial_;
};

}  // namespace syncline::tests
