#include "syncline/model/value.hpp"

#include <gtest/gtest.h>

namespace syncline::model {
namespace {

TEST(Value, KnowsItsKind) {
  EXPECT_EQ(Value().kind(), Value::Kind::null);
  EXPECT_EQ(Value(true).kind(), Value::Kind::boolean);
  EXPECT_EQ(Value(1).kind(), Value::Kind::integer);
  EXPECT_EQ(Value(Decimal{1, 2}).kind(), Value::Kind::decimal);
  EXPECT_EQ(Value("a").kind(), Value::Kind::text);  // not boolean, though a pointer converts to one
  EXPECT_EQ(Value(std::string_view("a")).kind(), Value::Kind::text);
  EXPECT_EQ(Value(base::Id{}).kind(), Value::Kind::id);
  EXPECT_EQ(Value(base::Timestamp{}).kind(), Value::Kind::timestamp);
  EXPECT_EQ(Value(base::Date{}).kind(), Value::Kind::date);
  EXPECT_EQ(Value(TextSet{}).kind(), Value::Kind::set);
}

// The tags travel and are persisted.
TEST(Value, TagsAreStable) {
  EXPECT_EQ(static_cast<int>(Value::Kind::null), 0);
  EXPECT_EQ(static_cast<int>(Value::Kind::text), 4);
  EXPECT_EQ(static_cast<int>(Value::Kind::set), 8);
}

TEST(Value, EqualityIsOfKindAndContent) {
  EXPECT_EQ(Value(), Value());
  EXPECT_EQ(Value("a"), Value(std::string("a")));
  EXPECT_FALSE(Value("a") == Value("A"));
  EXPECT_FALSE(Value(1) == Value(true));
  EXPECT_FALSE(Value(0) == Value());
  EXPECT_FALSE(Value("") == Value());
  EXPECT_FALSE(Value(Decimal{10, 1}) == Value(Decimal{1, 0}));
}

TEST(Value, ReadingAnotherKindIsABug) {
  EXPECT_THROW(static_cast<void>(Value(1).text()), base::CheckFailure);
  EXPECT_THROW(static_cast<void>(Value().integer()), base::CheckFailure);
  EXPECT_THROW(static_cast<void>(Value("1").integer()), base::CheckFailure);
}

TEST(TextSet, IsSortedByBytesWithoutDuplicates) {
  EXPECT_EQ(make_text_set({"b", "a", "ä", "B", "a", ""}), (TextSet{"", "B", "a", "b", "ä"}));
  EXPECT_TRUE(make_text_set({}).empty());
}

}  // namespace
}  // namespace syncline::model
