// What mutators read of the replica: rows as the pending mutations before them have left them, also in the middle of a step.
#include <algorithm>
#include <limits>
#include <utility>

#include "syncline/base/sort.hpp"
#include "syncline/client/replica.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::client {

using model::Record;

base::Result<mutation::Lookup> Replica::get(model::CollectionId collection, const base::Id& id) {
  using State = mutation::Lookup::State;
  const RowKey key{collection, id};
  mutation::Lookup found;
  found.record = wanted(key);
  if (found.record) {
    found.state = State::present;
  } else {
    query::Query asked;
    asked.collection = collection;
    bool known = is_overlaid(key) || (covers_ && covers_(asked));
    if (!known && covers_) {
      asked.where = query::compare(model::kIdField, query::Op::eq, id);
      known = covers_(asked);
    }
    found.state = known ? State::absent : State::unknown;
  }
  return found;
}

// The visible rows, but for those that are not as the mutators shall see them.
base::Result<mutation::FindResult> Replica::find(const query::Query& query) {
  const model::Collection& collection = schema_.collection(query.collection);
  mutation::FindResult result;
  result.complete = covers_ && covers_(query);
  SYNC_CHECK(!query::has_relations(query.where), "mutators ask for rows by their own fields");
  ivm::FetchRequest request;
  request.where = query.where;
  request.order = query.order;
  request.after = query.after;
  // Each row apart can take at most one row out of the result.
  const std::size_t room = std::numeric_limits<std::uint32_t>::max() - query.limit;
  if (query.limit > 0)
    request.limit = query.limit + static_cast<std::uint32_t>(std::min(room, apart_.size()));
  SYNC_TRY(visible_.source(query.collection).fetch(request, [&](const Record& row) {
    if (!apart_.contains(key_of(row))) result.rows.push_back(row);
    return true;
  }));
  for (const auto& [key, entry] : apart_) {
    if (key.collection != query.collection) continue;
    const Record row = wanted(key);
    if (!row || !query::matches(query.where, row)) continue;
    if (query.after &&
        model::compare_record_to_key(collection, query.order, row, *query.after) <= 0)
      continue;
    result.rows.push_back(row);
  }
  base::sort(result.rows.begin(), result.rows.end(), [&](const Record& a, const Record& b) {
    return model::compare_records(collection, query.order, a, b) < 0;
  });
  if (query.limit > 0 && result.rows.size() > query.limit) result.rows.resize(query.limit);
  return result;
}

}  // namespace syncline::client
