#include "syncline/invalidation/handle_table.hpp"

#include <algorithm>
#include <utility>

namespace syncline::invalidation {

namespace {

// The lowest bit tells a list; one is added so that nothing is 0.
constexpr std::uint64_t of_handle(std::uint64_t handle) { return (handle << 1) + 2; }
constexpr std::uint64_t of_list(std::size_t list) { return (std::uint64_t{list} << 1) + 1; }
constexpr bool is_list(std::uint64_t content) { return (content & 1) != 0; }
constexpr std::uint64_t handle_in(std::uint64_t content) { return (content >> 1) - 1; }
constexpr std::size_t list_in(std::uint64_t content) {
  return static_cast<std::size_t>(content >> 1);
}

}  // namespace

void insert_sorted(Handles& handles, std::uint64_t handle) {
  const auto at = std::lower_bound(handles.begin(), handles.end(), handle);
  if (at == handles.end() || *at != handle) handles.insert(at, handle);
}
void erase_sorted(Handles& handles, std::uint64_t handle) {
  const auto at = std::lower_bound(handles.begin(), handles.end(), handle);
  if (at != handles.end() && *at == handle) handles.erase(at);
}

// Where the hash is, or would be. REQUIRES: there are places.
std::size_t HandleTable::place_of(std::uint64_t hash) const {
  const std::size_t mask = places_.size() - 1;
  std::size_t at = static_cast<std::size_t>(hash) & mask;
  while (places_[at].content != 0 && places_[at].hash != hash) at = (at + 1) & mask;
  return at;
}

void HandleTable::grow() {
  std::vector<Place> old(std::max<std::size_t>(8, places_.size() * 2));
  old.swap(places_);
  for (const Place& place : old) {
    if (place.content != 0) places_[place_of(place.hash)] = place;
  }
}

void HandleTable::add(std::uint64_t hash, Handle handle) {
  if (used_ * 4 >= places_.size() * 3) grow();
  Place& place = places_[place_of(hash)];
  if (place.content == 0) {
    place = {hash, of_handle(handle)};
    ++used_;
    return;
  }
  if (!is_list(place.content)) {
    const Handle first = handle_in(place.content);
    if (first == handle) return;
    if (free_lists_.empty()) {
      free_lists_.push_back(lists_.size());
      lists_.emplace_back();
    }
    const std::size_t list = free_lists_.back();
    free_lists_.pop_back();
    lists_[list].push_back(first);
    place.content = of_list(list);
  }
  insert_sorted(lists_[list_in(place.content)], handle);
}

void HandleTable::remove(std::uint64_t hash, Handle handle) {
  if (used_ == 0) return;
  const std::size_t at = place_of(hash);
  const std::uint64_t content = places_[at].content;
  if (content == 0) return;
  if (!is_list(content)) {
    if (handle_in(content) == handle) close_gap(at);
    return;
  }
  Handles& handles = lists_[list_in(content)];
  erase_sorted(handles, handle);
  if (!handles.empty()) return;
  handles.shrink_to_fit();
  free_lists_.push_back(list_in(content));
  close_gap(at);
}

// Whoever was pushed on by who was here moves back.
void HandleTable::close_gap(std::size_t gap) {
  const std::size_t mask = places_.size() - 1;
  for (std::size_t at = (gap + 1) & mask; places_[at].content != 0; at = (at + 1) & mask) {
    const std::size_t wanted = static_cast<std::size_t>(places_[at].hash) & mask;
    if (((at - wanted) & mask) < ((at - gap) & mask)) continue;
    places_[gap] = places_[at];
    gap = at;
  }
  places_[gap] = {};
  --used_;
}

void HandleTable::find(std::uint64_t hash, std::vector<Handle>& out) const {
  if (used_ == 0) return;
  const std::uint64_t content = places_[place_of(hash)].content;
  if (content == 0) return;
  if (!is_list(content)) {
    out.push_back(handle_in(content));
    return;
  }
  const Handles& handles = lists_[list_in(content)];
  out.insert(out.end(), handles.begin(), handles.end());
}

}  // namespace syncline::invalidation
