#include "syncline/invalidation/interval_index.hpp"

#include <utility>

#include "syncline/base/hash.hpp"
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

struct IntervalIndex::Node {
  Interval interval;
  Handle handle = 0;
  std::uint64_t priority = 0;
  std::optional<Value> highest;  // of the whole subtree; none: unbounded
  Link left;
  Link right;
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
  node.highest = node.interval.high;
  for (const Node* child : {node.left.get(), node.right.get()}) {
    if (child != nullptr && compare_high(node.highest, child->highest) < 0)
      node.highest = child->highest;
  }
}

IntervalIndex::Link IntervalIndex::merge(Link left, Link right) {
  if (!left) return right;
  if (!right) return left;
  const bool left_on_top = left->priority >= right->priority;
  Link& top = left_on_top ? left : right;
  if (left_on_top) {
    left->right = merge(std::move(left->right), std::move(right));
  } else {
    right->left = merge(std::move(left), std::move(right->left));
  }
  update(*top);
  return std::move(top);
}

// `left` gets what comes before (interval, handle), `right` the rest.
void IntervalIndex::split(Link node, const Interval& interval, Handle handle, Link& left,
                          Link& right) {
  if (!node) return;
  if (compare(*node, interval, handle) < 0) {
    Link inner;
    split(std::move(node->right), interval, handle, inner, right);
    node->right = std::move(inner);
    update(*node);
    left = std::move(node);
  } else {
    Link inner;
    split(std::move(node->left), interval, handle, left, inner);
    node->left = std::move(inner);
    update(*node);
    right = std::move(node);
  }
}

void IntervalIndex::add(const Interval& interval, Handle handle) {
  Link left;
  Link right;
  split(std::move(root_), interval, handle, left, right);
  Link made = std::make_unique<Node>();
  made->interval = interval;
  made->handle = handle;
  made->priority = base::mix64(handle);
  update(*made);
  root_ = merge(merge(std::move(left), std::move(made)), std::move(right));
}

void IntervalIndex::remove_from(Link& node, const Interval& interval, Handle handle) {
  if (!node) return;
  const int side = compare(*node, interval, handle);
  if (side == 0) {
    node = merge(std::move(node->left), std::move(node->right));
    return;
  }
  remove_from(side < 0 ? node->right : node->left, interval, handle);
  update(*node);
}

void IntervalIndex::remove(const Interval& interval, Handle handle) {
  remove_from(root_, interval, handle);
}

void IntervalIndex::find_in(const Node* node, const Value& value, std::vector<Handle>& out) {
  for (; node != nullptr; node = node->right.get()) {
    if (node->highest && compare_plain(*node->highest, value) < 0) return;
    find_in(node->left.get(), value, out);
    if (node->interval.low && compare_plain(*node->interval.low, value) > 0) return;
    if (!node->interval.high || compare_plain(*node->interval.high, value) >= 0)
      out.push_back(node->handle);
  }
}

void IntervalIndex::find(const Value& value, std::vector<Handle>& out) const {
  find_in(root_.get(), value, out);
}

}  // namespace syncline::invalidation
