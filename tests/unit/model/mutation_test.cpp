#include "syncline/model/mutation.hpp"

#include <gtest/gtest.h>

#include "sample.hpp"

namespace syncline::model {
namespace {

TEST(Arguments, AbsentIsNullButPresentNullIsPresent) {
  Arguments arguments;
  EXPECT_TRUE(arguments.get(8).is_null());
  EXPECT_FALSE(arguments.has(8));
  arguments.set(8, Value());
  EXPECT_TRUE(arguments.has(8));
  EXPECT_TRUE(arguments.get(8).is_null());
}

TEST(Arguments, SettingReplaces) {
  Arguments arguments;
  arguments.set(8, 1);
  arguments.set(9, 2);
  arguments.set(8, 3);
  EXPECT_EQ(arguments.writes().size(), 2u);
  EXPECT_EQ(arguments.get(8), Value(3));
  EXPECT_EQ(arguments.get(9), Value(2));
  arguments.erase(8);
  EXPECT_FALSE(arguments.has(8));
  EXPECT_TRUE(arguments.has(9));
  arguments.erase(8);
  EXPECT_EQ(arguments.writes().size(), 1u);
}

TEST(Change, AnyIsTheRowThatExists) {
  const Record row = RecordBuilder(sample::things(), sample::id(1)).set(8, "a").build();
  const Change insert{ChangeKind::insert, {}, row};
  const Change remove{ChangeKind::remove, row, {}};
  for (const Change& change : {insert, remove}) {
    EXPECT_TRUE(change.any().same(row));
    EXPECT_EQ(change.id(), sample::id(1));
    EXPECT_EQ(change.collection().id(), sample::kThings);
  }
}

}  // namespace
}  // namespace syncline::model
