#include "syncline/query/key.hpp"

#include "syncline/base/hash.hpp"
#include "syncline/query/canonical.hpp"

namespace syncline::query {

base::Bytes key_bytes(const Query& canonical_query) {
  KeyArchive archive;
  archive(canonical_query);
  return archive.take();
}

std::uint64_t hash(const Query& canonical_query) {
  return base::hash_bytes(key_bytes(canonical_query));
}

}  // namespace syncline::query
