// MemorySource: rows of one store::Table as a Source. MemorySources: a table per collection of a schema, made when first
// asked for. An equality that every row must satisfy picks the index (equality, order); the rest is filtered row by row.
// Thread rule: one thread.
#pragma once

#include <memory>
#include <vector>

#include "syncline/ivm/source.hpp"
#include "syncline/model/change.hpp"
#include "syncline/store/table.hpp"

namespace syncline::ivm {

class MemorySource : public Source {
 public:
  // `table` outlives the source.
  explicit MemorySource(store::Table& table) : table_(table) {}

  [[nodiscard]] const model::Collection& collection() const override { return table_.collection(); }
  // None of these fails.
  [[nodiscard]] base::Result<model::Record> get(const base::Id& id) override {
    return table_.get(id);
  }
  [[nodiscard]] base::Status fetch(const FetchRequest& request, const RowVisitor& visit) override;
  [[nodiscard]] base::Status fetch_by(model::FieldId field, const model::Value& value,
                                      const RowVisitor& visit) override;

 private:
  store::Table& table_;
};

class MemorySources : public SourceProvider {
 public:
  // `schema` outlives this.
  explicit MemorySources(const model::Schema& schema) : schema_(schema) {}
  MemorySources(const MemorySources&) = delete;

  [[nodiscard]] Source& source(model::CollectionId collection) override {
    return entry(collection).source;
  }
  // REQUIRES: the collection exists.
  [[nodiscard]] store::Table& table(model::CollectionId collection) {
    return entry(collection).table;
  }
  // Puts or erases the row. The caller pushes the change afterwards (the law of order).
  void apply(const model::Change& change);
  void clear();

 private:
  struct Entry {
    explicit Entry(const model::Collection& collection) : table(collection), source(table) {}
    store::Table table;
    MemorySource source;
  };
  Entry& entry(model::CollectionId collection);

  const model::Schema& schema_;
  std::vector<std::unique_ptr<Entry>> entries_;  // by collection id
};

}  // namespace syncline::ivm
