#include "syncline/authority/source_reader.hpp"

#include "syncline/ivm/relations.hpp"

namespace syncline::authority {

base::Result<mutation::Lookup> SourceReader::get(model::CollectionId collection,
                                                 const base::Id& id) {
  SYNC_ASSIGN(model::Record record, sources_.source(collection).get(id));
  mutation::Lookup lookup;
  lookup.state = record ? mutation::Lookup::State::present : mutation::Lookup::State::absent;
  lookup.record = std::move(record);
  return lookup;
}

base::Result<mutation::FindResult> SourceReader::find(const query::Query& query) {
  ivm::FetchRequest request;
  request.where = query.where;
  request.order = query.order;
  request.after = query.after;
  request.limit = query.limit;
  mutation::FindResult result;
  SYNC_TRY(ivm::read(sources_, query.collection, request, [&result](const model::Record& row) {
    result.rows.push_back(row);
    return true;
  }));
  return result;
}

}  // namespace syncline::authority
