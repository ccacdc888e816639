// HandleTable: handles by a hash, each once under a hash. Open addressing with linear probing in one array, and a hash of one
// handle has it in its place there: among very many of them a look-up is one look into cold memory.
// REQUIRES: well-mixed hashes. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <vector>

namespace syncline::invalidation {

// Ascending, each once.
using Handles = std::vector<std::uint64_t>;
void insert_sorted(Handles& handles, std::uint64_t handle);
// What is not there is ignored.
void erase_sorted(Handles& handles, std::uint64_t handle);

class HandleTable {
 public:
  using Handle = std::uint64_t;  // below 2^63

  void add(std::uint64_t hash, Handle handle);
  // What was not added is ignored.
  void remove(std::uint64_t hash, Handle handle);
  // Appends.
  void find(std::uint64_t hash, std::vector<Handle>& out) const;
  [[nodiscard]] bool empty() const { return used_ == 0; }

 private:
  struct Place {
    std::uint64_t hash = 0;
    std::uint64_t content =
        0;  // of a handle or of a place in lists_, see the .cpp; 0: nobody is here
  };
  [[nodiscard]] std::size_t place_of(std::uint64_t hash) const;
  void grow();
  void close_gap(std::size_t gap);

  std::vector<Place> places_;  // a power of two, at most three quarters used
  std::size_t used_ = 0;
  std::vector<Handles> lists_;  // where a hash has several handles
  std::vector<std::size_t> free_lists_;
};

}  // namespace syncline::invalidation
