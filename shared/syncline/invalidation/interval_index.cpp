#include "syncline/invalidation/interval_index.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "syncline/model/order.hpp"

namespace syncline::invalidation {

using model::Value;

namespace {

int sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

// An absent low bound is below everything, an absent high bound above.
int compare_low(const std::optional<Value>& a, const std::optional<Value>& b) {
  if (!a || !b) return sign(!a && b, a && !b);
  return compare_plain(*a, *b);
}
int compare_high(const std::optional<Value>& a, const std::optional<Value>& b) {
  if (!a || !b) return sign(a && !b, !a && b);
  return compare_plain(*a, *b);
}

}  // namespace

int compare_plain(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return sign(a.kind() < b.kind(), true);
  switch (a.kind()) {
    case Value::Kind::null: return 0;
    case Value::Kind::boolean:
      return sign(!a.boolean() && b.boolean(), a.boolean() && !b.boolean());
    case Value::Kind::integer: return sign(a.integer() < b.integer(), b.integer() < a.integer());
    case Value::Kind::decimal: return model::compare(a.decimal(), b.decimal());
    case Value::Kind::text: return model::compare_text(a.text(), b.text());
    case Value::Kind::id: return base::Id::compare(a.id(), b.id());
    case Value::Kind::timestamp:
      return sign(a.timestamp() < b.timestamp(), b.timestamp() < a.timestamp());
    case Value::Kind::date: return sign(a.date() < b.date(), b.date() < a.date());
    case Value::Kind::set: break;  // sets have no ranges
  }
  return 0;
}

namespace {

// A number that orders as compare_plain() does, or is equal where that goes further: what differs by it needs no look at the
// values themselves, which lie in colder memory. The kind is above 60 bits of content.
using Rank = std::uint64_t;
constexpr Rank kLowest = 0;
constexpr Rank kHighest = ~Rank{0};

Rank rank_of(std::int64_t content) {
  constexpr std::int64_t kHalf = std::int64_t{1} << 59;
  return static_cast<Rank>(std::clamp(content, -kHalf, kHalf - 1) + kHalf);
}

Rank rank_of(model::Decimal decimal) {
  std::int64_t millionths = decimal.mantissa;
  for (auto scale = decimal.scale; scale < model::kScaleMax; ++scale) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 10;
    millionths = std::clamp(millionths, -kMax, kMax) * 10;
  }
  return rank_of(millionths);
}

Rank rank_of(const base::Id& id) {
  Rank rank = 0;
  for (std::size_t i = 0; i < sizeof(rank); ++i) rank = rank << 8 | id.bytes[i];
  return rank >> 4;
}

Rank rank_of(const Value& value) {
  const Rank kind = static_cast<Rank>(value.kind()) << 60;
  switch (value.kind()) {
    case Value::Kind::boolean: return kind | (value.boolean() ? 1u : 0u);
    case Value::Kind::integer: return kind | rank_of(value.integer());
    case Value::Kind::decimal: return kind | rank_of(value.decimal());
    case Value::Kind::id: return kind | rank_of(value.id());
    case Value::Kind::timestamp: return kind | rank_of(value.timestamp().ms);
    case Value::Kind::date: return kind | rank_of(std::int64_t{value.date().days});
    case Value::Kind::null:
    case Value::Kind::text:
    case Value::Kind::set: break;
  }
  return kind;
}

}  // namespace

struct IntervalIndex::Node {
  // What a search looks at, together.
  Link left;
  Link right;
  Rank low_rank = kLowest;
  Rank high_rank = kHighest;
  Rank highest_rank = kHighest;
  Handle handle = 0;
  int height = 1;
  Interval interval;
  std::optional<Value> highest;  // of the whole subtree; none: unbounded
};

struct IntervalIndex::Search {
  const Value& value;
  Rank rank;
  std::vector<Handle>& out;

  // Is the value above this bound? None: unbounded.
  [[nodiscard]] bool is_above(Rank bound_rank, const std::optional<Value>& bound) const {
    if (bound_rank != rank) return bound_rank < rank;
    return bound && compare_plain(*bound, value) < 0;
  }
  [[nodiscard]] bool is_below(Rank bound_rank, const std::optional<Value>& bound) const {
    if (bound_rank != rank) return bound_rank > rank;
    return bound && compare_plain(*bound, value) > 0;
  }
};

IntervalIndex::IntervalIndex() = default;
IntervalIndex::~IntervalIndex() = default;
IntervalIndex::IntervalIndex(IntervalIndex&&) noexcept = default;

int IntervalIndex::compare(const Node& node, const Interval& interval, Handle handle) {
  const int by_low = compare_low(node.interval.low, interval.low);
  if (by_low != 0) return by_low;
  const int by_high = compare_high(node.interval.high, interval.high);
  if (by_high != 0) return by_high;
  return sign(node.handle < handle, handle < node.handle);
}

void IntervalIndex::update(Node& node) {
  node.height = 1 + std::max(height(node.left), height(node.right));
  node.highest = node.interval.high;
  node.highest_rank = node.high_rank;
  for (const Node* child : {node.left.get(), node.right.get()}) {
    if (child == nullptr || compare_high(node.highest, child->highest) >= 0) continue;
    node.highest = child->highest;
    node.highest_rank = child->highest_rank;
  }
}

int IntervalIndex::height(const Link& node) { return node ? node->height : 0; }

void IntervalIndex::rotate_left(Link& node) {
  Link top = std::move(node->right);
  node->right = std::move(top->left);
  update(*node);
  top->left = std::move(node);
  node = std::move(top);
  update(*node);
}

void IntervalIndex::rotate_right(Link& node) {
  Link top = std::move(node->left);
  node->left = std::move(top->right);
  update(*node);
  top->right = std::move(node);
  node = std::move(top);
  update(*node);
}

// REQUIRES: both sides are balanced, and their heights differ by two at most.
void IntervalIndex::balance(Link& node) {
  update(*node);
  const int lean = height(node->left) - height(node->right);
  if (lean > 1) {
    if (height(node->left->left) < height(node->left->right)) rotate_left(node->left);
    rotate_right(node);
  } else if (lean < -1) {
    if (height(node->right->right) < height(node->right->left)) rotate_right(node->right);
    rotate_left(node);
  }
}

void IntervalIndex::insert_into(Link& node, Link made) {
  if (!node) {
    node = std::move(made);
    return;
  }
  const bool behind = compare(*node, made->interval, made->handle) < 0;
  insert_into(behind ? node->right : node->left, std::move(made));
  balance(node);
}

void IntervalIndex::add(const Interval& interval, Handle handle) {
  Link made = std::make_unique<Node>();
  made->interval = interval;
  if (interval.low) made->low_rank = rank_of(*interval.low);
  if (interval.high) made->high_rank = rank_of(*interval.high);
  made->handle = handle;
  update(*made);
  insert_into(root_, std::move(made));
}

// REQUIRES: the tree is not empty.
IntervalIndex::Link IntervalIndex::take_first(Link& node) {
  if (node->left) {
    Link first = take_first(node->left);
    balance(node);
    return first;
  }
  Link first = std::move(node);
  node = std::move(first->right);
  return first;
}

void IntervalIndex::remove_from(Link& node, const Interval& interval, Handle handle) {
  if (!node) return;
  const int side = compare(*node, interval, handle);
  if (side != 0) {
    remove_from(side < 0 ? node->right : node->left, interval, handle);
  } else {
    Link gone = std::move(node);
    if (gone->left && gone->right) {
      node = take_first(gone->right);
      node->left = std::move(gone->left);
      node->right = std::move(gone->right);
    } else {
      node = std::move(gone->left ? gone->left : gone->right);
    }
  }
  if (node) balance(node);
}

void IntervalIndex::remove(const Interval& interval, Handle handle) {
  remove_from(root_, interval, handle);
}

void IntervalIndex::find_in(const Node* node, const Search& search) {
  for (; node != nullptr; node = node->right.get()) {
    if (search.is_above(node->highest_rank, node->highest)) return;
    find_in(node->left.get(), search);
    if (search.is_below(node->low_rank, node->interval.low)) return;
    if (!search.is_above(node->high_rank, node->interval.high)) search.out.push_back(node->handle);
  }
}

void IntervalIndex::find(const Value& value, std::vector<Handle>& out) const {
  find_in(root_.get(), {value, rank_of(value), out});
}

}  // namespace syncline::invalidation
