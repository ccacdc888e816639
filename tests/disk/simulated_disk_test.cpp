// The disk that the other tests trust: what was synced is there after a cut, of the rest anything may be.
#include <algorithm>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/disk/platter.hpp"

namespace syncline::disk {
namespace {

base::Bytes filled(std::size_t size, char with) {
  return base::Bytes(size, static_cast<std::uint8_t>(with));
}

// Every image that some cut after all of the trace leaves.
std::vector<Image> cuts(const SimulatedDisk& disk, const Image& before = {}) {
  Platter platter(before);
  for (const Operation& operation : disk.trace()) platter.take(operation);
  std::vector<Image> images;
  base::Random random(1);
  for (int i = 0; i < 300; ++i) images.push_back(platter.after_cut(random));
  return images;
}

template <class Is>
bool any(const std::vector<Image>& images, Is is) {
  return std::any_of(images.begin(), images.end(), is);
}

TEST(SimulatedDisk, WhatWasSyncedStays) {
  SimulatedDisk disk;
  const FileNumber file = disk.create("a");
  EXPECT_EQ(disk.write(file, filled(2'000, 'x'), 0), SQLITE_OK);
  EXPECT_EQ(disk.sync(file), SQLITE_OK);
  disk.sync_folder();
  for (const Image& image : cuts(disk)) EXPECT_EQ(image.at("a"), filled(2'000, 'x'));
}

TEST(SimulatedDisk, ASyncedFileWhoseNameWasNotIsPerhapsNotThere) {
  SimulatedDisk disk;
  const FileNumber file = disk.create("a");
  EXPECT_EQ(disk.write(file, filled(10, 'x'), 0), SQLITE_OK);
  EXPECT_EQ(disk.sync(file), SQLITE_OK);
  const auto images = cuts(disk);
  EXPECT_TRUE(any(images, [](const Image& image) { return image.empty(); }));
  EXPECT_TRUE(any(images, [](const Image& image) { return image.contains("a"); }));
}

TEST(SimulatedDisk, WritesAreTornAndReordered) {
  const Image before{{"a", filled(2'048, '-')}};
  SimulatedDisk disk(before);
  EXPECT_EQ(disk.write(0, filled(1'024, '1'), 0), SQLITE_OK);
  EXPECT_EQ(disk.write(0, filled(1'024, '2'), 1'024), SQLITE_OK);
  const auto images = cuts(disk, before);
  const auto begins = [&](char first, char second, char third) {
    return any(images, [=](const Image& image) {
      const base::Bytes& content = image.at("a");
      return content[0] == first && content[512] == second && content[1'024] == third;
    });
  };
  EXPECT_TRUE(begins('-', '-', '-')) << "nothing";
  EXPECT_TRUE(begins('1', '1', '2')) << "all";
  EXPECT_TRUE(begins('-', '-', '2')) << "the later one alone";
  EXPECT_TRUE(begins('1', '-', '-')) << "half of one";
  for (const Image& image : images) EXPECT_EQ(image.at("a").size(), 2'048u);
}

TEST(SimulatedDisk, ARemovalMayComeBack) {
  const Image before{{"a", filled(5, 'x')}};
  SimulatedDisk disk(before);
  disk.remove("a");
  EXPECT_TRUE(any(cuts(disk, before), [](const Image& image) { return image.contains("a"); }));
  disk.sync_folder();
  EXPECT_FALSE(any(cuts(disk, before), [](const Image& image) { return image.contains("a"); }));
}

// What a failed sync was asked for is not on the disk because a later one succeeds.
TEST(SimulatedDisk, AFailedSyncForgets) {
  const Image before{{"a", filled(1'024, '-')}};
  SimulatedDisk disk(before);
  EXPECT_EQ(disk.write(0, filled(512, '1'), 0), SQLITE_OK);
  disk.set_refuse([](const Operation&) { return SimulatedDisk::Refusal{SQLITE_IOERR_FSYNC, 0}; });
  EXPECT_EQ(disk.sync(0), SQLITE_IOERR_FSYNC);
  disk.set_refuse({});
  EXPECT_EQ(disk.write(0, filled(512, '2'), 512), SQLITE_OK);
  EXPECT_EQ(disk.sync(0), SQLITE_OK);
  const auto images = cuts(disk, before);
  EXPECT_TRUE(any(images, [](const Image& image) { return image.at("a")[0] == '-'; }));
  EXPECT_FALSE(any(images, [](const Image& image) { return image.at("a")[512] != '2'; }));
}

TEST(SimulatedDisk, AFullOneTakesWhatFits) {
  SimulatedDisk disk;
  disk.set_capacity(700);
  const FileNumber file = disk.create("a");
  EXPECT_EQ(disk.write(file, filled(500, 'x'), 0), SQLITE_OK);
  EXPECT_EQ(disk.write(file, filled(500, 'y'), 500), SQLITE_FULL);
  EXPECT_EQ(disk.content(file).size(), 700u);
  EXPECT_EQ(disk.write(file, filled(500, 'z'), 0), SQLITE_OK) << "it need not grow";
}

}  // namespace
}  // namespace syncline::disk
