// One address cannot take the server from the others.
#include "server/net/address_table.hpp"

#include <gtest/gtest.h>

namespace syncline::server::net {
namespace {

TEST(AddressTable, LimitsStrangersPerAddressOnly) {
  AddressTable table({.strangers_per_address = 2});
  EXPECT_TRUE(table.add_stranger("a"));
  EXPECT_TRUE(table.add_stranger("a"));
  EXPECT_FALSE(table.add_stranger("a"));
  EXPECT_TRUE(table.add_stranger("b"));
  table.remove_stranger("a");
  EXPECT_TRUE(table.add_stranger("a"));
}

TEST(AddressTable, LimitsConnectionsPerAddressAndInAll) {
  AddressTable table({.connections = 3, .connections_per_address = 2});
  EXPECT_TRUE(table.add_connection("a"));
  EXPECT_TRUE(table.add_connection("a"));
  EXPECT_FALSE(table.add_connection("a"));
  EXPECT_TRUE(table.add_connection("b"));
  EXPECT_FALSE(table.add_connection("c"));
  EXPECT_EQ(table.connections(), 3u);
  table.remove_connection("a");
  EXPECT_TRUE(table.add_connection("c"));
}

TEST(AddressTable, SwitchedOffOnlyTheTotalCounts) {
  AddressTable table({.connections = 2,
                      .connections_per_address = 1,
                      .strangers_per_address = 0,
                      .enabled = false});
  EXPECT_TRUE(table.add_stranger("a"));
  EXPECT_TRUE(table.add_connection("a"));
  EXPECT_TRUE(table.add_connection("a"));
  EXPECT_FALSE(table.add_connection("a"));
}

}  // namespace
}  // namespace syncline::server::net
