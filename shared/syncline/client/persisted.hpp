// What a core leaves for the next one: rows, cursor and the queries they belong to, as one blob that is written in one
// transaction (ARCHITECTURE 14). Bound to schema and user; anything else is refused, and costs a full download, no more.
#pragma once

#include <vector>

#include "syncline/client/live_queries.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::client {

struct Persisted {
  protocol::Cursor cursor;
  std::vector<model::Record> rows;
  std::vector<LiveQueries::Kept> queries;
};

[[nodiscard]] base::Bytes write_persisted(const model::Schema& schema, const base::Id& user,
                                          const protocol::Cursor& cursor, const Replica& replica,
                                          const LiveQueries& queries);
// Errors: malformed, upgrade_required (another schema or layout), forbidden (another user).
[[nodiscard]] base::Result<Persisted> read_persisted(base::ByteView blob,
                                                     const model::Schema& schema,
                                                     const base::Id& user);

}  // namespace syncline::client
