// SourceRelations: answers `exists` from sources, as they are now or as they were before one change: by the law of order
// (source.hpp) the two differ in exactly that row. So operators need to remember nothing about related rows.
// RelatedSource: a Source whose conditions may ask about related rows.
// Thread rule: as the sources.
#pragma once

#include <unordered_map>
#include <vector>

#include "syncline/ivm/source.hpp"
#include "syncline/model/change.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::ivm {

class SourceRelations : public query::Relations {
 public:
  // `sources` outlives this; so does `undone`, which the sources show already and this does not.
  explicit SourceRelations(SourceProvider& sources, const model::Change* undone = nullptr)
      : sources_(sources), undone_(undone) {}

  [[nodiscard]] bool holds(const query::Predicate& leaf, const model::Record& record,
                           bool negated) override;
  // The rows as this sees them. A failed read gives nothing and is remembered.
  [[nodiscard]] model::Record get(model::CollectionId collection, const base::Id& id);
  // Rows with field = value for which `where` is true, in no order.
  void fetch_by(model::CollectionId collection, model::FieldId field, const base::Id& value,
                const query::Predicate& where, const RowVisitor& visit);
  // The rows that an include brings along for this one, in its order.
  [[nodiscard]] std::vector<model::Record> included(const query::Include& include,
                                                    const model::Record& row);
  [[nodiscard]] const base::Status& status() const { return status_; }
  void forget_errors() { status_ = {}; }

 private:
  [[nodiscard]] bool is_undone(model::CollectionId collection, const base::Id& id) const {
    return undone_ != nullptr && undone_->collection().id() == collection && undone_->id() == id;
  }
  [[nodiscard]] bool exists(const query::Predicate& leaf, const model::Record& record);

  SourceProvider& sources_;
  const model::Change* undone_;
  base::Status status_;
};

class RelatedSource : public Source {
 public:
  // All outlive this. The relations answer for the rows of `inner`; `where` is relaxed before it is passed on.
  RelatedSource(Source& inner, query::Relations& relations)
      : inner_(inner), relations_(relations) {}

  // Until let_go() the row is shown as it was before the change that is being pushed; none: not at all.
  void hold_back(const base::Id& id, model::Record as_before) {
    held_back_[id] = std::move(as_before);
  }
  void let_go(const base::Id& id) { held_back_.erase(id); }
  void let_all_go() { held_back_.clear(); }

  [[nodiscard]] const model::Collection& collection() const override { return inner_.collection(); }
  [[nodiscard]] base::Result<model::Record> get(const base::Id& id) override {
    return inner_.get(id);
  }
  [[nodiscard]] base::Status fetch(const FetchRequest& request, const RowVisitor& visit) override;
  [[nodiscard]] base::Status fetch_by(model::FieldId field, const model::Value& value,
                                      const RowVisitor& visit) override {
    return inner_.fetch_by(field, value, visit);
  }

 private:
  class Merge;
  Source& inner_;
  query::Relations& relations_;
  std::unordered_map<base::Id, model::Record, base::IdHash> held_back_;
};

// Reads rows whose condition may ask about related rows. Errors: storage_failed.
[[nodiscard]] base::Status read(SourceProvider& sources, model::CollectionId collection,
                                const FetchRequest& request, const RowVisitor& visit);

}  // namespace syncline::ivm
