// SourceReader: what mutators ask, answered from a storage's sources. The server holds everything, so nothing is unknown.
// Thread rule: as its sources.
#pragma once

#include "syncline/ivm/source.hpp"
#include "syncline/mutation/reader.hpp"

namespace syncline::authority {

class SourceReader : public mutation::Reader {
 public:
  // REQUIRES: `sources` outlives the reader.
  explicit SourceReader(ivm::SourceProvider& sources) : sources_(sources) {}

  [[nodiscard]] base::Result<mutation::Lookup> get(model::CollectionId collection,
                                                   const base::Id& id) override;
  [[nodiscard]] base::Result<mutation::FindResult> find(const query::Query& query) override;

 private:
  ivm::SourceProvider& sources_;
};

}  // namespace syncline::authority
