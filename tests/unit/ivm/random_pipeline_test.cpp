// Incremental == from scratch, after every step, for random schemas, queries and changes, against an oracle that shares no
// code with the engine (tests/support/naive_evaluator.hpp).
//
// A failure names its world. Alone, with the same steps:  SYNCLINE_WORLD=<seed> unit_ivm --gtest_filter='*OneWorld*'
// More worlds (nightly):  SYNCLINE_WORLDS=<count>
#include <cstdlib>

#include <gtest/gtest.h>

#include "syncline/ivm/memory_source.hpp"
#include "syncline/ivm/ordered_view.hpp"
#include "syncline/ivm/pipeline.hpp"
#include "syncline/query/canonical.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/random_world.hpp"

namespace syncline::tests {
namespace {

constexpr int kStepsPerWorld = 200;
constexpr int kQueriesPerWorld = 3;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What was seen moving: a test in which nothing moves proves nothing.
struct Tally {
  std::size_t adds = 0;
  std::size_t removes = 0;
  std::size_t edits = 0;
  std::size_t related = 0;
  std::size_t groups = 0;
  std::size_t refills = 0;  // a row left a window and another took its place in one push
};

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
  Live(const model::Schema& schema, query::Query query, ivm::SourceProvider& sources, Tally& tally)
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
    if (const auto shown = screen_.apply(edits, view_.rows().to_vector()); !shown) return shown;
    return compare(oracle.evaluate(query_));
  }

  ::testing::AssertionResult compare(const NaiveResult& expected) const {
    const std::vector<model::Record> rows = view_.rows().to_vector();
    if (rows != expected.rows) {
      return ::testing::AssertionFailure()
             << "rows:" << describe(rows) << "\nexpected:" << describe(expected.rows);
    }
    const std::size_t size = query_.aggregate ? expected.groups.size() : expected.rows.size();
    if (pipeline_.size() != size)
      return ::testing::AssertionFailure() << "size " << pipeline_.size() << ", not " << size;
    if (view_.groups().size() != expected.groups.size())
      return ::testing::AssertionFailure() << "number of groups";
    for (std::size_t i = 0; i < expected.groups.size(); ++i) {
      const ivm::AggregateRow& group = view_.groups()[i];
      const NaiveGroup& other = expected.groups[i];
      if (!(group.key == other.key) || group.rows != other.rows || group.values != other.values) {
        return ::testing::AssertionFailure()
               << "group " << describe(group.key) << " rows " << group.rows << ", expected "
               << describe(other.key) << " rows " << other.rows;
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

  Tally& tally_;
  const model::Schema& schema_;
  const query::Query query_;
  ivm::Pipeline pipeline_;
  ivm::OrderedView view_;
  Screen screen_;
  int size_ = 0;
};

query::Query checked_query(base::Random& random, const model::Schema& schema) {
  auto checked = query::check(schema, random_query(random, schema));
  SYNC_CHECK(checked.ok(), "a random query that check() refuses");
  return random.below(2) == 0 ? query::canonical(schema, std::move(*checked)) : std::move(*checked);
}

// A world of one seed: schema, queries that begin at different times, changes.
::testing::AssertionResult run_world(std::uint64_t seed, Tally& tally) {
  base::Random random(seed);
  RandomSchema schema(random);
  RandomChanges changes(random, schema.schema());
  ivm::MemorySources sources(schema.schema());
  std::vector<std::unique_ptr<Live>> live;
  const auto failed = [&](int step, const std::string& what,
                          const ::testing::AssertionResult& why) {
    return ::testing::AssertionFailure() << "SYNCLINE_WORLD=" << seed << " step " << step << "\n"
                                         << what << "\n"
                                         << why.message();
  };
  for (int step = 0; step < kStepsPerWorld; ++step) {
    if (step % 15 == 0 && live.size() < kQueriesPerWorld) {
      live.push_back(std::make_unique<Live>(schema.schema(), checked_query(random, schema.schema()),
                                            sources, tally));
      if (const auto ok = live.back()->hydrate(changes.rows()); !ok)
        return failed(step, live.back()->text(), ok);
    }
    const model::Change change = changes.next();
    sources.apply(change);
    for (const auto& query : live) {
      if (const auto ok = query->push(change, changes.rows()); !ok) {
        return failed(step, query->text() + "\nafter " + describe(change), ok);
      }
    }
    if (step == kStepsPerWorld / 2) {
      if (const auto ok = live.front()->start_again(changes.rows()); !ok)
        return failed(step, live.front()->text(), ok);
    }
  }
  return ::testing::AssertionSuccess();
}

// In parts, so that a failure is found at once and progress is seen: 10 × 50 worlds × 200 steps = 100,000 steps.
class RandomPipeline : public ::testing::TestWithParam<int> {};

TEST_P(RandomPipeline, IncrementalEqualsFromScratch) {
  Tally tally;
  const std::uint64_t worlds = number_from_environment("SYNCLINE_WORLDS", 500) / 10;
  for (std::uint64_t i = 0; i < worlds; ++i) {
    ASSERT_TRUE(run_world(static_cast<std::uint64_t>(GetParam()) * 1'000'000 + i, tally));
  }
  EXPECT_GT(tally.adds, 20 * worlds);
  EXPECT_GT(tally.removes, 10 * worlds);
  EXPECT_GT(tally.edits, 20 * worlds);
  EXPECT_GT(tally.refills, 5 * worlds);
  EXPECT_GT(tally.related, 5 * worlds);
  EXPECT_GT(tally.groups, 10 * worlds);
}
INSTANTIATE_TEST_SUITE_P(Parts, RandomPipeline, ::testing::Range(0, 10));

TEST(RandomPipelineReplay, OneWorld) {
  Tally tally;
  ASSERT_TRUE(run_world(number_from_environment("SYNCLINE_WORLD", 42), tally));
  EXPECT_GT(tally.adds + tally.groups, 0U);
}

}  // namespace
}  // namespace syncline::tests
