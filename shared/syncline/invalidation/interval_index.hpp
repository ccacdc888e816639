// IntervalIndex: which of many intervals contain a value, in O(log n) per one found. An AVL tree by lower bound in which every
// node knows the greatest upper bound below it: balanced whoever chooses the intervals, and in whatever order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "syncline/model/value.hpp"

namespace syncline::invalidation {

// Both ends included. None: unbounded on that side.
struct Interval {
  std::optional<model::Value> low;
  std::optional<model::Value> high;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// A total order of values; of two that fit one field it is the field's (model/order.hpp).
[[nodiscard]] int compare_plain(const model::Value& a, const model::Value& b);

class IntervalIndex {
 public:
  using Handle = std::uint64_t;

  IntervalIndex();
  ~IntervalIndex();
  IntervalIndex(IntervalIndex&&) noexcept;

  void add(const Interval& interval, Handle handle);
  // What was added and not removed yet; anything else is ignored.
  void remove(const Interval& interval, Handle handle);
  // Appends the handles of all intervals that contain the value.
  void find(const model::Value& value, std::vector<Handle>& out) const;
  // Levels of the tree.
  [[nodiscard]] int depth() const { return height(root_); }
  [[nodiscard]] bool empty() const { return root_ == nullptr; }

 private:
  struct Node;
  using Link = std::unique_ptr<Node>;
  [[nodiscard]] static int compare(const Node& node, const Interval& interval, Handle handle);
  static void update(Node& node);
  [[nodiscard]] static int height(const Link& node);
  static void rotate_left(Link& node);
  static void rotate_right(Link& node);
  static void balance(Link& node);
  static void insert_into(Link& node, Link made);
  [[nodiscard]] static Link take_first(Link& node);
  static void remove_from(Link& node, const Interval& interval, Handle handle);
  struct Search;
  static void find_in(const Node* node, const Search& search);

  Link root_;
};

}  // namespace syncline::invalidation
