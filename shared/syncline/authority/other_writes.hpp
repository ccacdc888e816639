// What others did to a record since its author saw it, read from the commit log (SEMANTICS 2, 3).
#pragma once

#include <functional>
#include <vector>

#include "syncline/authority/source_reader.hpp"
#include "syncline/authority/storage.hpp"
#include "syncline/mutation/conflict.hpp"

namespace syncline::authority {

// Was the row, as it was at some time, one that the author may read?
using MayRead = std::function<bool(const model::Record& image)>;

// Writes by `own` clients are not somebody else's. What the author might not read when it was so stays unsaid: a base is null
// then, and a deletion of such a row is no answer at all (SEMANTICS 10, 18). REQUIRES: used while no write happens, by one
// mutation, and dropped: the answers of the log are remembered. `storage` outlives the function.
[[nodiscard]] mutation::OtherWrites other_writes(Storage& storage, std::vector<base::Id> own,
                                                 MayRead may_read);

// What mutators ask of the server, which also remembers what was deleted. REQUIRES: as its sources; `storage` outlives it.
class RememberingReader final : public SourceReader {
 public:
  explicit RememberingReader(Storage& storage)
      : SourceReader(storage.sources()), storage_(storage) {}
  [[nodiscard]] base::Result<mutation::Lookup> deleted(model::CollectionId collection,
                                                       const base::Id& id) override;

 private:
  Storage& storage_;
};

}  // namespace syncline::authority
