// What the random test (random_pipeline_test.cpp) cannot see: which deltas are sent, in which order, and what errors do.
#include "syncline/ivm/pipeline.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "syncline/ivm/memory_source.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using ivm::DeltaKind;
using query::Op;

// A source whose reads can be made to fail.
class BreakableSource : public ivm::Source {
 public:
  explicit BreakableSource(ivm::Source& inner) : inner_(inner) {}
  const model::Collection& collection() const override { return inner_.collection(); }
  base::Result<model::Record> get(const base::Id& id) override {
    if (broken) return failure();
    return inner_.get(id);
  }
  base::Status fetch(const ivm::FetchRequest& request, const ivm::RowVisitor& visit) override {
    ++fetches;
    return broken ? base::Status(failure()) : inner_.fetch(request, visit);
  }
  base::Status fetch_by(model::FieldId field, const model::Value& value,
                        const ivm::RowVisitor& visit) override {
    return broken ? base::Status(failure()) : inner_.fetch_by(field, value, visit);
  }
  bool broken = false;
  int fetches = 0;

 private:
  static base::Error failure() { return {base::Code::storage_failed, "The disk is gone."}; }
  ivm::Source& inner_;
};

class PipelineTest : public ::testing::Test, public ivm::SourceProvider {
 protected:
  PipelineTest()
      : sources_(test_schema()),
        items_(sources_.source(kItems)),
        groups_(sources_.source(kGroups)) {
    query_.collection = kItems;
    query_.order = {{kScore, false}};
  }
  ivm::Source& source(model::CollectionId collection) override {
    return collection == kItems ? items_ : groups_;
  }

  void put(const model::Record& row) { sources_.apply({model::ChangeKind::insert, {}, row}); }
  void open() {
    pipeline_ = std::make_unique<ivm::Pipeline>(test_schema(), query_, *this);
    ivm::ResultDelta delta;
    ASSERT_TRUE(pipeline_->hydrate(delta).ok());
    hydrated_ = text(delta);
  }

  // "+3" row 3 enters, "-3" leaves, "=3" changes; related records in (), groups as key:rows in [].
  static std::string text(const ivm::ResultDelta& delta) {
    const auto sign = [](DeltaKind kind) {
      return kind == DeltaKind::add ? "+" : kind == DeltaKind::edit ? "=" : "-";
    };
    const auto line = [&](const std::vector<ivm::RowDelta>& rows) {
      std::string out;
      for (const auto& row : rows) {
        out += sign(row.kind) + std::to_string((row.after ? row.after : row.before).id().bytes[15]);
      }
      return out;
    };
    std::string out = line(delta.rows);
    if (!delta.related.empty()) out += "(" + line(delta.related) + ")";
    for (const auto& group : delta.groups) {
      out += std::string("[") + sign(group.kind) + describe(group.row.key) + ":" +
             std::to_string(group.row.rows);
      for (const model::Value& value : group.row.values) out += " " + describe(value);
      out += "]";
    }
    return out;
  }

  std::string change(model::ChangeKind kind, const model::Record& before,
                     const model::Record& after) {
    const model::Change change{kind, before, after};
    sources_.apply(change);
    ivm::ResultDelta delta;
    const auto status = pipeline_->push(change, delta);
    return status.ok() ? text(delta) : std::string(to_string(status.error().code)) + text(delta);
  }
  std::string insert(const model::Record& row) {
    return change(model::ChangeKind::insert, {}, row);
  }
  std::string update(const model::Record& row) {
    const auto before = sources_.table(row.collection().id()).get(row.id());
    return change(model::ChangeKind::update, before, row);
  }
  std::string remove(model::CollectionId collection, std::uint32_t id) {
    return change(model::ChangeKind::remove, sources_.table(collection).get(test_id(id)), {});
  }

  ivm::MemorySources sources_;
  BreakableSource items_;
  BreakableSource groups_;
  query::Query query_;
  std::unique_ptr<ivm::Pipeline> pipeline_;
  std::string hydrated_;
};

model::Record scored(std::uint32_t id, int score) { return make_item(id, {{kScore, score}}); }
model::Record grouped(std::uint32_t id, std::uint32_t group, int score = 0) {
  return make_item(id, {{kScore, score}, {kGroup, test_id(group)}});
}

TEST_F(PipelineTest, FilterTurnsEditsAcrossItsEdgeIntoAddAndRemove) {
  query_.where = query::compare(kScore, Op::gte, 10);
  put(scored(1, 10));
  put(scored(2, 5));
  open();
  EXPECT_EQ(hydrated_, "+1");
  EXPECT_EQ(update(scored(2, 12)), "+2");
  EXPECT_EQ(update(scored(1, 11)), "=1");
  EXPECT_EQ(update(scored(1, 1)), "-1");
  EXPECT_EQ(update(scored(1, 2)), "");
  EXPECT_EQ(remove(kItems, 1), "");
  EXPECT_EQ(remove(kItems, 2), "-2");
  EXPECT_EQ(pipeline_->size(), 0U);
}

TEST_F(PipelineTest, TakeRemovesBeforeItAdds) {
  query_.limit = 2;
  for (std::uint32_t i = 1; i <= 4; ++i) put(scored(i, static_cast<int>(i) * 10));
  open();
  EXPECT_EQ(hydrated_, "+1+2");
  EXPECT_EQ(insert(scored(5, 15)), "-2+5");  // 1 5 | 2 3 4
  EXPECT_EQ(insert(scored(6, 35)), "");      // behind the bound
  EXPECT_EQ(remove(kItems, 1), "-1+2");      // 5 2 | 3 6 4
  EXPECT_EQ(update(scored(5, 99)), "-5+3");  // 2 3 | 6 4 5
  EXPECT_EQ(update(scored(3, 34)), "=3");    // still first behind the old bound
  EXPECT_EQ(update(scored(4, 1)), "-3+4");   // 4 2 | 3 6 5
  EXPECT_EQ(pipeline_->size(), 2U);
}

TEST_F(PipelineTest, TakeShrinksWhenNothingIsLeftBehindItAndFillsUpAgain) {
  query_.limit = 2;
  put(scored(1, 10));
  put(scored(2, 20));
  open();
  EXPECT_EQ(remove(kItems, 2), "-2");
  EXPECT_EQ(remove(kItems, 1), "-1");
  EXPECT_EQ(insert(scored(3, 30)), "+3");
  EXPECT_EQ(insert(scored(4, 5)), "+4");
  EXPECT_EQ(insert(scored(5, 40)), "");
  EXPECT_EQ(update(scored(5, 6)), "-3+5");
}

TEST_F(PipelineTest, TakeReadsTheSourceOnlyAtItsBound) {
  query_.limit = 3;
  for (std::uint32_t i = 1; i <= 5; ++i) put(scored(i, static_cast<int>(i) * 10));
  open();
  items_.fetches = 0;
  update(scored(1, 11));   // inside
  update(scored(5, 500));  // outside
  insert(scored(6, 600));  // outside
  EXPECT_EQ(items_.fetches, 0);
  insert(scored(7, 12));
  EXPECT_EQ(items_.fetches, 1);
}

TEST_F(PipelineTest, AWindowBehindACursorIgnoresWhatLiesBefore) {
  query_.limit = 2;
  query_.after = model::OrderKey{{20}, test_id(2)};
  for (std::uint32_t i = 1; i <= 5; ++i) put(scored(i, static_cast<int>(i) * 10));
  open();
  EXPECT_EQ(hydrated_, "+3+4");
  EXPECT_EQ(update(scored(1, 15)), "");
  EXPECT_EQ(update(scored(1, 25)), "-4+1");
  EXPECT_EQ(update(scored(3, 5)), "-3+4");
  EXPECT_EQ(update(scored(2, 20)), "");
}

TEST_F(PipelineTest, IncludedRecordsAreCountedNotRepeated) {
  query_.includes = {{kGroup}};
  put(make_group(8, {}));
  put(grouped(1, 8));
  open();
  EXPECT_EQ(hydrated_, "+1(+8)");
  EXPECT_EQ(pipeline_->collections(), (std::vector<model::CollectionId>{kItems, kGroups}));
  EXPECT_EQ(insert(grouped(2, 8)), "+2");
  EXPECT_EQ(insert(grouped(3, 9)), "+3");        // dangling
  EXPECT_EQ(insert(make_group(9, {})), "(+9)");  // now it is there
  EXPECT_EQ(update(make_group(8, {{kGroupName, "x"}})), "(=8)");
  EXPECT_EQ(update(grouped(1, 9)), "=1");
  EXPECT_EQ(update(grouped(2, 9)), "=2(-8)");
  EXPECT_EQ(update(make_group(8, {{kGroupName, "y"}})), "");  // nobody refers to it
  EXPECT_EQ(remove(kGroups, 9), "(-9)");
  EXPECT_EQ(remove(kItems, 1), "-1");
}

TEST_F(PipelineTest, ARecordThatOnlyChangesItsRowDoesNotLeave) {
  query_.includes = {{kGroup}};
  query_.limit = 1;
  put(make_group(8, {}));
  put(grouped(1, 8, 10));
  open();
  EXPECT_EQ(insert(grouped(2, 8, 5)), "-1+2");
}

TEST_F(PipelineTest, ARowMayIncludeItself) {
  query_.includes = {{kRelated}};
  open();
  const auto self = [](std::uint32_t id, int score) {
    return make_item(id, {{kScore, score}, {kRelated, test_id(id)}});
  };
  EXPECT_EQ(pipeline_->collections(), (std::vector<model::CollectionId>{kItems}));
  EXPECT_EQ(insert(self(1, 1)), "+1(+1)");
  EXPECT_EQ(update(self(1, 2)), "=1(=1)");
  EXPECT_EQ(update(scored(1, 3)), "=1(=1-1)");
  EXPECT_EQ(update(self(1, 4)), "=1(+1)");
  EXPECT_EQ(remove(kItems, 1), "-1(-1)");
}

TEST_F(PipelineTest, GroupsAppearChangeAndDisappear) {
  query_.order.clear();
  query_.aggregate =
      query::Aggregate{kStatus, {{query::Aggregator::count}, {query::Aggregator::sum, kPrice}}};
  const auto item = [](std::uint32_t id, int status, std::int64_t cents) {
    return make_item(id, {{kStatus, status}, {kPrice, model::Decimal{cents, 2}}});
  };
  put(item(1, 2, 150));
  put(item(2, 0, 5));
  open();
  EXPECT_EQ(hydrated_, "[+0:1 1 0.05][+2:1 1 1.50]");
  EXPECT_EQ(insert(item(3, 2, -50)), "[=2:2 2 1.00]");
  EXPECT_EQ(update(item(1, 2, 160)), "[=2:2 2 1.10]");
  EXPECT_EQ(update(item(1, 0, 160)), "[=0:2 2 1.65][=2:1 1 -0.50]");
  EXPECT_EQ(update(item(3, 1, 7)), "[+1:1 1 0.07][-2:1 1 -0.50]");
  EXPECT_EQ(update(make_item(3, {})), "[+null:1 1 0.00][-1:1 1 0.07]");
  EXPECT_EQ(pipeline_->size(), 2U);
}

TEST_F(PipelineTest, AnEditThatNoAggregateSeesSendsNothing) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{kStatus, {{query::Aggregator::sum, kScore}}};
  put(make_item(1, {{kStatus, 1}, {kScore, 4}}));
  open();
  EXPECT_EQ(update(make_item(1, {{kStatus, 1}, {kScore, 4}, {kTitle, "b"}}, 2)), "");
}

TEST_F(PipelineTest, WithoutGroupingThereIsOneRowAlsoWhenEmpty) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{
      model::kNoField, {{query::Aggregator::count}, {query::Aggregator::sum, kScore}}};
  open();
  EXPECT_EQ(hydrated_, "[+null:0 0 0]");
  EXPECT_EQ(insert(scored(1, 7)), "[=null:1 1 7]");
  EXPECT_EQ(remove(kItems, 1), "[=null:0 0 0]");
  EXPECT_EQ(pipeline_->size(), 1U);
}

TEST_F(PipelineTest, ASumThatLeavesItsTypeIsAnErrorNotAWrongNumber) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{model::kNoField, {{query::Aggregator::sum, kPrice}}};
  const auto rich = [](std::uint32_t id) {
    return make_item(id, {{kPrice, model::Decimal{std::numeric_limits<std::int64_t>::max(), 2}}});
  };
  put(rich(1));
  open();
  EXPECT_EQ(insert(rich(2)), "overflow");
  sources_.apply({model::ChangeKind::remove, rich(2), {}});
  pipeline_->reset();
  ivm::ResultDelta delta;
  ASSERT_TRUE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(text(delta), "[+null:1 92233720368547758.07]");
}

TEST_F(PipelineTest, ChangesOfOtherCollectionsDoNothing) {
  open();
  EXPECT_EQ(insert(make_group(1, {})), "");
}

TEST_F(PipelineTest, AFailedReadSendsNothingAndHydratingAgainHeals) {
  query_.limit = 1;
  query_.includes = {{kGroup}};
  put(make_group(8, {}));
  put(grouped(1, 8, 10));
  put(grouped(2, 9, 20));
  open();
  items_.broken = true;
  EXPECT_EQ(remove(kItems, 1), "storage_failed");
  items_.broken = false;
  pipeline_->reset();
  groups_.broken = true;
  ivm::ResultDelta delta;
  delta.rows.push_back({DeltaKind::add, {}, scored(7, 7)});  // what was there before stays
  EXPECT_FALSE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(text(delta), "+7");
  groups_.broken = false;
  pipeline_->reset();
  ASSERT_TRUE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(text(delta), "+7+2");
  EXPECT_EQ(pipeline_->size(), 1U);
}

TEST_F(PipelineTest, PushingBeforeHydratingIsABug) {
  ivm::Pipeline pipeline(test_schema(), query_, *this);
  ivm::ResultDelta delta;
  EXPECT_THROW((void)pipeline.push({model::ChangeKind::insert, {}, scored(1, 1)}, delta),
               base::CheckFailure);
  ASSERT_TRUE(pipeline.hydrate(delta).ok());
  EXPECT_THROW((void)pipeline.hydrate(delta), base::CheckFailure);
}

}  // namespace
}  // namespace syncline::tests
