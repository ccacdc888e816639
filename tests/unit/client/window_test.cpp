// Edits of a window, against a list of numbers that is edited as a whole and cut afterwards; and what a core tells its readers.
#include "syncline/client/window.hpp"

#include "syncline/base/random.hpp"
#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using client::Window;
using ivm::ViewEdit;
using Numbers = std::vector<std::uint32_t>;
using Kind = ViewEdit::Kind;

Numbers cut(const Numbers& list, const Window& window) {
  const std::uint32_t shown = window.shown(list.size());
  if (shown == 0) return {};
  const auto first = list.begin() + window.first;
  return {first, first + shown};
}

// Inserted and replaced rows are 0: the reader gets them from the list as it is at the end.
Numbers applied(Numbers list, const std::vector<ViewEdit>& edits, const Numbers& now,
                std::size_t at_most) {
  for (const ViewEdit& edit : edits) {
    const auto at = list.begin() + static_cast<std::ptrdiff_t>(edit.position);
    switch (edit.kind) {
      case Kind::insert: list.insert(at, 0); break;
      case Kind::remove: list.erase(at); break;
      case Kind::replace: *at = 0; break;
    }
    EXPECT_LE(list.size(), at_most);
  }
  for (std::size_t at = 0; at < list.size() && at < now.size(); ++at) {
    if (list[at] == 0) list[at] = now[at];
  }
  return list;
}

TEST(WindowEdits, LeadFromTheOldWindowToTheNewOne) {
  base::Random random(3);
  std::uint32_t fresh = 0;
  std::size_t silent = 0;
  for (int round = 0; round < 20'000; ++round) {
    Numbers list(random.index(12));
    for (auto& number : list) number = ++fresh;
    const Window window{static_cast<std::uint32_t>(random.below(8)),
                        static_cast<std::uint32_t>(random.below(6))};
    const Numbers before = cut(list, window);
    const std::size_t size = list.size();
    std::vector<ViewEdit> edits;
    for (std::size_t left = random.index(5); left > 0; --left) {
      const auto kind = list.empty() ? Kind::insert : static_cast<Kind>(random.below(3));
      const std::size_t at = random.index(list.size() + (kind == Kind::insert ? 1 : 0));
      const auto place = list.begin() + static_cast<std::ptrdiff_t>(at);
      switch (kind) {
        case Kind::insert: list.insert(place, ++fresh); break;
        case Kind::remove: list.erase(place); break;
        case Kind::replace: *place = ++fresh; break;
      }
      edits.push_back({kind, static_cast<std::uint32_t>(at)});
    }
    std::vector<ViewEdit> told;
    client::window_edits(edits, size, window, told);
    const Numbers after = cut(list, window);
    ASSERT_EQ(applied(before, told, after, window.count), after) << "round " << round;
    silent += told.empty() && !edits.empty() ? 1 : 0;
  }
  EXPECT_GT(silent, 1'000u) << "what happens outside of the window is not told";
}

TEST(WindowEdits, AMoveBeforeTheWindowIsNotTold) {
  std::vector<ViewEdit> told;
  client::window_edits({{Kind::remove, 1}, {Kind::insert, 3}}, 100, {10, 5}, told);
  client::window_edits({{Kind::remove, 40}, {Kind::insert, 20}}, 100, {10, 5}, told);
  client::window_edits({{Kind::replace, 9}, {Kind::replace, 15}}, 100, {10, 5}, told);
  EXPECT_TRUE(told.empty());
  client::window_edits({{Kind::remove, 1}, {Kind::insert, 12}}, 100, {10, 5}, told);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].position, 0u);
  EXPECT_EQ(told[1].position, 2u);
}

class Windows : public Bench {
 protected:
  std::vector<client::ViewUpdate> updates() {
    std::vector<client::ViewUpdate> all;
    while (core_->poll_effect()) {
    }
    while (auto update = core_->poll_view()) all.push_back(std::move(*update));
    return all;
  }
  void say(model::Version version, std::vector<protocol::Segment> segments) {
    core_->received(
        protocol::encode(protocol::ServerMessage(protocol::Poke{version, {}, std::move(segments)})),
        now_);
  }
  Rows ten() const {
    Rows rows;
    for (std::uint8_t i = 1; i <= 10; ++i)
      rows.push_back(item(i, "i" + std::to_string(i), i * 10, 10));
    return rows;
  }
};

TEST_F(Windows, AReaderHearsOfItsWindowOnly) {
  connect();
  const QueryId query = *core_->subscribe(items_by_count(), now_, {4, 3});
  say(10, {snapshot(1, ten())});
  auto told = updates();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].rows, 10u);
  EXPECT_EQ(told[0].edits.size(), 3u);
  say(11, {delta(1, {item(1, "renamed", 10, 11)})});
  EXPECT_TRUE(updates().empty());
  say(12, {delta(1, {item(6, "renamed", 60, 12)})});
  told = updates();
  ASSERT_EQ(told.size(), 1u);
  ASSERT_EQ(told[0].edits.size(), 1u);
  EXPECT_EQ(told[0].edits[0].kind, Kind::replace);
  EXPECT_EQ(told[0].edits[0].position, 1u);
  // The length is told even when the window stays as it is.
  say(13, {delta(1, {item(11, "last", 999, 13)})});
  told = updates();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].edits.empty());
  EXPECT_EQ(told[0].rows, 11u);
  core_->set_window(query, {9, 5});
  told = updates();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].edits.size(), 3u + 2u);
  core_->set_window(77, {1, 1});
  EXPECT_TRUE(updates().empty());
}

TEST_F(Windows, PreloadedRowsServeOtherQueriesAndMutators) {
  connect();
  const QueryId preload = *core_->subscribe(items_by_count(), now_, {0, 0});
  say(10, {snapshot(1, ten())});
  auto told = updates();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].status, QueryStatus::complete);
  EXPECT_TRUE(told[0].edits.empty());
  EXPECT_TRUE(core_->view(preload)->rows().empty()) << "nobody looks at them, so no list is kept";
  const QueryId few = *core_->subscribe(items_by_count(3), now_);
  told = updates();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(list(few), "i1:10,i2:20,i3:30");
  say(11, {delta(1, {item(9, "i9", 5, 11)})});
  ASSERT_EQ(updates().size(), 1u);
  EXPECT_EQ(list(few), "i9:5,i1:10,i2:20");
  // Now somebody looks at what was only preloaded.
  core_->set_window(preload, {0, 2});
  told = updates();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].edits.size(), 2u);
  EXPECT_EQ(core_->view(preload)->rows().size(), 10u);
}

// So many rows at once that queries are evaluated anew instead of being told of each.
class Floods : public Windows {
 protected:
  static constexpr std::uint32_t kMany = 5'000;

  // Items from `first` on, by ascending count.
  Rows many(std::uint32_t first, model::Version version) const {
    Rows rows;
    for (std::uint32_t i = first; i < first + kMany; ++i) {
      Id id = numbered_id(3);
      id.bytes[0] = static_cast<std::uint8_t>(i >> 8);
      id.bytes[1] = static_cast<std::uint8_t>(i);
      model::RecordBuilder builder(domain_->schema.collection(kItemsId), id);
      builder.set(Item::name, "n")
          .set(Item::count, static_cast<std::int64_t>(5'500 + i))
          .set(Item::state, 0);
      rows.push_back(builder.set_version(version).build());
    }
    return rows;
  }
};

TEST_F(Floods, LeaveEveryQueryRight) {
  connect();
  const QueryId few = *core_->subscribe(items_by_count(3), now_);
  say(10, {snapshot(1, {item(1, "a", 5000, 10), item(2, "b", 6000, 10)})});
  ASSERT_EQ(updates().size(), 1u);
  const QueryId preload = *core_->subscribe(items_by_count(), now_, {0, 0});
  (void)updates();
  say(10, {snapshot(2, many(0, 10))});
  const auto told = updates();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(list(few), "a:5000,n:5500,n:5501");
  EXPECT_EQ(told[0].query, few);
  // "a" stayed where it was, so it is not told again.
  for (const ViewEdit& edit : told[0].edits) EXPECT_GT(edit.position, 0u);
  EXPECT_EQ(core_->status(preload), QueryStatus::complete);
}

TEST_F(Floods, ReplaceWhatWasThereAndNothingNewer) {
  connect();
  const QueryId all = *core_->subscribe(items_by_count(), now_);
  const QueryId few = *core_->subscribe(items_by_count(2), now_);
  say(10, {snapshot(1, many(0, 10)), snapshot(2, {many(0, 10)[0], many(0, 10)[1]})});
  EXPECT_EQ(core_->view(all)->rows().size(), kMany);
  say(12, {delta(1, {model::RecordBuilder(many(0, 12)[4'000]).set(Item::name, "newer").build()})});
  // An answer after a reconnect, say: half of the rows are others now, and one of them came out of date.
  say(13, {snapshot(1, many(2'500, 11))});
  (void)updates();
  const ivm::RowList& rows = core_->view(all)->rows();
  // Two of those that left are still held for the other query.
  ASSERT_EQ(rows.size(), kMany + 2);
  EXPECT_EQ(rows[2].integer(Item::count), 5'500 + 2'500);
  EXPECT_EQ(rows[2].version(), 11u);
  EXPECT_EQ(rows[2 + 1'500].text(Item::name), "newer");
  EXPECT_EQ(list(few), "n:5500,n:5501");
  say(14, {snapshot(2, {})});
  EXPECT_EQ(core_->view(all)->rows().size(), kMany);
  EXPECT_EQ(list(few), "n:8000,n:8001");
}

TEST_F(Floods, KeepWhatIsPending) {
  connect();
  const QueryId all = *core_->subscribe(items_by_count(), now_);
  say(10, {snapshot(1, {item(1, "a", 5000, 10)})});
  model::Arguments mine(patch({{model::kIdField, numbered_id(1)}, {Item::name, "mine"}}));
  ASSERT_TRUE(core_->mutate("shop.items.update", std::move(mine), {}, now_).status.ok());
  Rows rows = many(0, 11);
  rows.push_back(item(1, "theirs", 5001, 11));
  say(11, {snapshot(1, rows)});
  (void)updates();
  ASSERT_EQ(core_->view(all)->rows().size(), kMany + 1);
  EXPECT_EQ(core_->view(all)->rows()[0].text(Item::name), "mine");
  EXPECT_EQ(core_->view(all)->rows()[0].integer(Item::count), 5'001);
  EXPECT_EQ(core_->confirmed(kItemsId, numbered_id(1)).text(Item::name), "theirs");
}

}  // namespace
}  // namespace syncline::tests
