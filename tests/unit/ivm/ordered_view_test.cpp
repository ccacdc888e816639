#include "syncline/ivm/ordered_view.hpp"

#include <gtest/gtest.h>

#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using ivm::DeltaKind;
using ivm::RowDelta;
using Kind = ivm::ViewEdit::Kind;

query::Query by_score() {
  query::Query query;
  query.collection = kItems;
  query.order = {{kScore, false}};
  return query;
}
model::Record item(std::uint32_t id, int score, const char* title = "a") {
  return make_item(id, {{kScore, score}, {kTitle, title}});
}
RowDelta added(const model::Record& row) { return {DeltaKind::add, {}, row}; }

class View : public ::testing::Test {
 protected:
  View() : view_(test_schema(), by_score()) {
    for (std::uint32_t i = 1; i <= 3; ++i)
      apply({.rows = {added(item(i, static_cast<int>(i) * 10))}});
  }
  // The edits as text: "+0" insert at 0, "-1" remove at 1, "=2" replace at 2.
  std::string apply(const ivm::ResultDelta& delta) {
    std::vector<ivm::ViewEdit> edits;
    view_.apply(delta, edits);
    std::string text;
    for (const ivm::ViewEdit& edit : edits) {
      text += (edit.kind == Kind::insert   ? "+"
               : edit.kind == Kind::remove ? "-"
                                           : "=") +
              std::to_string(edit.position);
    }
    return text;
  }
  std::string ids() const {
    std::string text;
    for (const model::Record& row : view_.rows()) text += std::to_string(row.id().bytes[15]);
    return text;
  }
  ivm::OrderedView view_;
};

TEST_F(View, InsertsWhereTheOrderSays) {
  EXPECT_EQ(apply({.rows = {added(item(4, 15)), added(item(5, 5)), added(item(6, 99))}}), "+1+0+5");
  EXPECT_EQ(ids(), "514236");
}

TEST_F(View, RemovesByTheRowThatWasThere) {
  EXPECT_EQ(apply({.rows = {{DeltaKind::remove, item(2, 20), {}}}}), "-1");
  EXPECT_EQ(ids(), "13");
}

TEST_F(View, AnEditInPlaceIsOneReplacement) {
  EXPECT_EQ(apply({.rows = {{DeltaKind::edit, item(2, 20), item(2, 20, "b")}}}), "=1");
  EXPECT_EQ(apply({.rows = {{DeltaKind::edit, item(2, 20, "b"), item(2, 25)}}}), "=1");
  EXPECT_EQ(ids(), "123");
}

TEST_F(View, AnEditThatMovesIsARemovalAndAnInsertion) {
  EXPECT_EQ(apply({.rows = {{DeltaKind::edit, item(1, 10), item(1, 30)}}}),
            "-0+1");  // tie with 3: id decides
  EXPECT_EQ(ids(), "213");
  EXPECT_EQ(apply({.rows = {{DeltaKind::edit, item(3, 30), item(3, 1)}}}), "-2+0");
  EXPECT_EQ(ids(), "321");
}

TEST_F(View, KeepsRelatedRecords) {
  const auto group = make_group(7, {{kGroupName, "g"}});
  const auto renamed = make_group(7, {{kGroupName, "h"}});
  EXPECT_FALSE(view_.related(kGroups, test_id(7)));
  EXPECT_EQ(apply({.related = {added(group)}}), "");
  EXPECT_TRUE(view_.related(kGroups, test_id(7)).same(group));
  EXPECT_FALSE(view_.related(kItems, test_id(7)));
  apply({.related = {{DeltaKind::edit, group, renamed}}});
  EXPECT_TRUE(view_.related(kGroups, test_id(7)).same(renamed));
  apply({.related = {{DeltaKind::remove, renamed, {}}}});
  EXPECT_FALSE(view_.related(kGroups, test_id(7)));
}

TEST_F(View, ClearForgetsEverything) {
  apply({.related = {added(make_group(7, {}))}});
  view_.clear();
  EXPECT_TRUE(view_.rows().empty());
  EXPECT_FALSE(view_.related(kGroups, test_id(7)));
}

TEST_F(View, ADeltaThatDoesNotFitIsABug) {
  EXPECT_THROW(apply({.rows = {{DeltaKind::remove, item(9, 10), {}}}}), base::CheckFailure);
  EXPECT_THROW(apply({.related = {{DeltaKind::remove, make_group(7, {}), {}}}}),
               base::CheckFailure);
}

}  // namespace
}  // namespace syncline::tests
