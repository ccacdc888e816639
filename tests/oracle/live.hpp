// One live query with everything that hangs on it, and the comparison of what it shows with what an oracle says.
#pragma once

#include "syncline/ivm/ordered_view.hpp"
#include "syncline/ivm/pipeline.hpp"
#include "tests/oracle/oracle.hpp"
#include "tests/support/describe.hpp"

namespace syncline::tests {

// A screen: it knows positions only, and takes what is new from the view.
class Screen {
 public:
  ::testing::AssertionResult apply(const std::vector<ivm::ViewEdit>& edits,
                                   const std::vector<model::Record>& rows) {
    for (const ivm::ViewEdit& edit : edits) {
      const auto at = rows_.begin() + edit.position;
      if (edit.position > rows_.size())
        return ::testing::AssertionFailure() << "an edit beyond the end";
      if (edit.kind == ivm::ViewEdit::Kind::insert) {
        rows_.insert(at, model::Record());
        continue;
      }
      if (edit.position == rows_.size())
        return ::testing::AssertionFailure() << "an edit beyond the end";
      if (edit.kind == ivm::ViewEdit::Kind::remove) rows_.erase(at);
      if (edit.kind == ivm::ViewEdit::Kind::replace) *at = model::Record();
    }
    if (rows_.size() != rows.size())
      return ::testing::AssertionFailure() << "edits do not give the view's size";
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows_[i] && !(rows_[i] == rows[i]))
        return ::testing::AssertionFailure() << "row " << i << " moved silently";
      rows_[i] = rows[i];
    }
    return ::testing::AssertionSuccess();
  }

 private:
  std::vector<model::Record> rows_;
};

// One live query with everything that hangs on it.
class Live {
 public:
  Live(const model::Schema& schema, query::Query query, ivm::SourceProvider& sources,
       OracleTally& tally)
      : tally_(tally),
        schema_(schema),
        query_(std::move(query)),
        pipeline_(schema, query_, sources),
        view_(schema, query_) {}

  ::testing::AssertionResult hydrate(const NaiveEvaluator& oracle) {
    ivm::ResultDelta delta;
    if (!pipeline_.hydrate(delta).ok()) return ::testing::AssertionFailure() << "hydrate failed";
    return absorb(delta, oracle);
  }
  ::testing::AssertionResult push(const model::Change& change, const NaiveEvaluator& oracle) {
    ivm::ResultDelta delta;
    if (!pipeline_.push(change, delta).ok()) return ::testing::AssertionFailure() << "push failed";
    return absorb(delta, oracle);
  }
  ::testing::AssertionResult start_again(const NaiveEvaluator& oracle) {
    pipeline_.reset();
    view_.clear();
    screen_ = Screen();
    size_ = 0;
    return hydrate(oracle);
  }
  [[nodiscard]] std::string text() const { return describe(schema_, query_); }
  [[nodiscard]] const query::Query& query() const { return query_; }

 private:
  ::testing::AssertionResult absorb(const ivm::ResultDelta& delta, const NaiveEvaluator& oracle) {
    bool removed = false;
    for (const ivm::RowDelta& row : delta.rows) {
      switch (row.kind) {
        case ivm::DeltaKind::add: ++size_, ++tally_.adds, tally_.refills += removed ? 1 : 0; break;
        case ivm::DeltaKind::remove: --size_, ++tally_.removes, removed = true; break;
        case ivm::DeltaKind::edit: ++tally_.edits; break;
      }
      if (query_.limit > 0 && size_ > static_cast<int>(query_.limit)) {
        return ::testing::AssertionFailure() << "more rows than the limit within a push";
      }
    }
    tally_.related += delta.related.size();
    tally_.groups += delta.groups.size();
    std::vector<ivm::ViewEdit> edits;
    view_.apply(delta, edits);
    if (const auto shown = screen_.apply(edits, view_.rows()); !shown) return shown;
    return compare(oracle.evaluate(query_));
  }

  ::testing::AssertionResult compare(const NaiveResult& expected) const {
    if (view_.rows() != expected.rows) {
      return ::testing::AssertionFailure()
             << "rows:" << describe(view_.rows()) << "\nexpected:" << describe(expected.rows);
    }
    const std::size_t size = query_.aggregate ? expected.groups.size() : expected.rows.size();
    if (pipeline_.size() != size)
      return ::testing::AssertionFailure() << "size " << pipeline_.size() << ", not " << size;
    if (view_.groups().size() != expected.groups.size())
      return ::testing::AssertionFailure() << "number of groups";
    for (std::size_t i = 0; i < expected.groups.size(); ++i) {
      const ivm::AggregateRow& group = view_.groups()[i];
      const ivm::AggregateRow& other = expected.groups[i];
      if (!(group == other)) {
        return ::testing::AssertionFailure()
               << "group " << describe(group) << ", expected " << describe(other);
      }
    }
    return compare_related(expected);
  }

  // Every expected record is there and nothing else: each other id of the world is absent.
  ::testing::AssertionResult compare_related(const NaiveResult& expected) const {
    std::size_t next = 0;
    for (const model::Collection& collection : schema_.collections()) {
      for (std::uint32_t number = 1; number <= kIdsPerCollection; ++number) {
        const model::Record mine = view_.related(collection.id(), test_id(number));
        const bool wanted = next < expected.related.size() &&
                            expected.related[next].collection().id() == collection.id() &&
                            expected.related[next].id() == test_id(number);
        const bool same = wanted ? mine && mine == expected.related[next] : !mine;
        if (!same) {
          return ::testing::AssertionFailure()
                 << "related " << describe(mine)
                 << "\nexpected: " << (wanted ? describe(expected.related[next]) : "none");
        }
        if (wanted) ++next;
      }
    }
    if (next != expected.related.size())
      return ::testing::AssertionFailure() << "related records were not compared";
    return ::testing::AssertionSuccess();
  }

  OracleTally& tally_;
  const model::Schema& schema_;
  const query::Query query_;
  ivm::Pipeline pipeline_;
  ivm::OrderedView view_;
  Screen screen_;
  int size_ = 0;
};

}  // namespace syncline::tests
