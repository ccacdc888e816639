#include "syncline/invalidation/interval_index.hpp"

#include <algorithm>
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

struct IntervalIndex::Node {
  Interval interval;
  Handle handle = 0;
  int height = 1;
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
  node.height = 1 + std::max(height(node.left), height(node.right));
  node.highest = node.interval.high;
  for (const Node* child : {node.left.get(), node.right.get()}) {
    if (child != nullptr && compare_high(node.highest, child->highest) < 0)
      node.highest = child->highest;
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
