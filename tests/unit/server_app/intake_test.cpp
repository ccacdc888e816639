// What waits at the engine: in order for each connection, bounded for each, and told once when there is room again.
#include "server/app/intake.hpp"

#include <gtest/gtest.h>

namespace syncline::server::app {
namespace {

base::Bytes frame(std::size_t size, std::uint8_t content = 0) { return base::Bytes(size, content); }

TEST(Intake, KeepsTheOrderOfEachAndTheEndComesLast) {
  Intake intake;
  EXPECT_TRUE(intake.put(1, frame(1, 10)).is_first);
  EXPECT_FALSE(intake.put(1, frame(1, 11)).is_first);
  EXPECT_TRUE(intake.put(2, frame(1, 20)).is_first);
  EXPECT_FALSE(intake.put_end(1).is_first);
  EXPECT_EQ(intake.take(1).frame, frame(1, 10));
  EXPECT_EQ(intake.take(2).frame, frame(1, 20));
  const Intake::Taken second = intake.take(1);
  EXPECT_EQ(second.frame, frame(1, 11));
  EXPECT_FALSE(second.is_last);
  const Intake::Taken end = intake.take(1);
  EXPECT_TRUE(end.is_end && end.is_last && !end.frame);
  EXPECT_TRUE(intake.put(2, frame(1)).is_first) << "all of it had been taken";
}

TEST(Intake, IsFullByBytesOrByFramesAndSaysOnceThatHalfIsLeft) {
  for (const std::size_t size : {Intake::kBytesMax / 4, std::size_t{1}}) {
    Intake intake;
    std::size_t count = 1;
    while (intake.put(1, frame(size)).has_room) ++count;
    EXPECT_EQ(count, size == 1 ? Intake::kFramesMax : 4u);
    EXPECT_TRUE(intake.put(2, frame(size)).has_room) << "the limit is of each";
    EXPECT_EQ(intake.statistics().full, 1u);
    EXPECT_EQ(intake.statistics().bytes, (count + 1) * size);
    std::size_t told = 0;
    for (std::size_t left = count; left-- > 0;) {
      const Intake::Taken taken = intake.take(1);
      EXPECT_EQ(taken.read_on, left == count / 2) << left;
      told += taken.read_on ? 1 : 0;
    }
    EXPECT_EQ(told, 1u);
    EXPECT_EQ(intake.statistics().full, 0u);
  }
}

TEST(Intake, WhatIsDroppedIsNotTakenAndItsTurnStillComes) {
  Intake intake;
  EXPECT_FALSE(intake.put(1, frame(Intake::kBytesMax)).has_room);
  intake.drop_frames(1);
  EXPECT_EQ(intake.statistics().bytes, 0u);
  EXPECT_FALSE(intake.put_end(1).is_first) << "its turn was asked for already";
  EXPECT_TRUE(intake.take(1).is_end);
  EXPECT_EQ(intake.statistics().full, 0u);
  (void)intake.put(2, frame(1));
  intake.drop_frames(2);
  const Intake::Taken nothing = intake.take(2);
  EXPECT_TRUE(!nothing.frame && !nothing.is_end && nothing.is_last);
}

}  // namespace
}  // namespace syncline::server::app
