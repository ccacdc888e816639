// Coalescing: what many deltas come to. One table: the events of one row, and what is sent of it.
#include "syncline/authority/net_delta.hpp"

#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using ivm::DeltaKind;

model::Record card_record(std::uint32_t id, int points) {
  return make_record(card_domain().schema, kCards, test_id(id), {{kLabel, "a"}, {kPoints, points}},
                     static_cast<model::Version>(points));
}

authority::Visibility everything(const query::Query& query) {
  return {card_domain().schema, card_domain().access, {test_id(1), mutation::Role::admin}, query};
}

struct Case {
  const char* name;
  std::vector<DeltaKind> events;
  bool sent = false;
  bool removed = false;
};

TEST(NetDelta, EventsOfOneRow) {
  const Case cases[] = {
      {"came", {DeltaKind::add}, true, false},
      {"changed", {DeltaKind::edit}, true, false},
      {"left", {DeltaKind::remove}, false, true},
      {"came and went", {DeltaKind::add, DeltaKind::remove}, false, false},
      {"came, changed and went",
       {DeltaKind::add, DeltaKind::edit, DeltaKind::remove},
       false,
       false},
      {"went and came back", {DeltaKind::remove, DeltaKind::add}, true, false},
      {"changed and left", {DeltaKind::edit, DeltaKind::remove}, false, true},
      {"left, came, left", {DeltaKind::remove, DeltaKind::add, DeltaKind::remove}, false, true},
      {"changed often", {DeltaKind::edit, DeltaKind::edit, DeltaKind::edit}, true, false},
  };
  const query::Query query = cards();
  const authority::Visibility visibility = everything(query);
  for (const Case& one : cases) {
    authority::NetDelta net(visibility, false);
    int points = 1;
    for (const DeltaKind kind : one.events) {
      ivm::ResultDelta delta;
      ivm::RowDelta row;
      row.kind = kind;
      if (kind != DeltaKind::add) row.before = card_record(1, points);
      if (kind != DeltaKind::remove) row.after = card_record(1, ++points);
      delta.rows.push_back(row);
      net.add(delta);
    }
    const protocol::SegmentBody body = net.take();
    ASSERT_EQ(body.puts.size(), one.sent ? 1u : 0u) << one.name;
    EXPECT_EQ(body.removals.size(), one.removed ? 1u : 0u) << one.name;
    if (one.sent) {
      const auto record = card_record(1, points);
      EXPECT_EQ(body.puts[0], base::Bytes(record.bytes().begin(), record.bytes().end()))
          << one.name;
    }
    EXPECT_TRUE(net.empty()) << one.name;
  }
}

TEST(NetDelta, GroupsCancelToo) {
  const authority::Visibility visibility = everything(cards());
  authority::NetDelta net(visibility, false);
  ivm::ResultDelta delta;
  ivm::AggregateRow row;
  row.key = {model::Value(1)};
  row.rows = 1;
  delta.groups = {{DeltaKind::add, row}, {DeltaKind::remove, row}};
  net.add(delta);
  EXPECT_TRUE(net.take().groups.empty());
  delta.groups = {{DeltaKind::remove, row}};
  net.add(delta);
  ASSERT_EQ(net.take().groups.size(), 1u);
}

}  // namespace
}  // namespace syncline::tests
