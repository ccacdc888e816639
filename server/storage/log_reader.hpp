// Reads the commit log's tables. Shared by the writer and by the read-only snapshots.
#pragma once

#include <functional>

#include "server/storage/sqlite.hpp"
#include "syncline/authority/storage.hpp"

namespace syncline::server::storage {

// As authority::Storage::read_log and writes_after. Collections the schema no longer has are left out.
[[nodiscard]] base::Status read_log(Connection& connection, const model::Schema& schema,
                                    model::Version after, std::uint32_t limit,
                                    const std::function<bool(const authority::LogEntry&)>& visit);
[[nodiscard]] base::Result<std::vector<authority::RecordWrite>> read_writes_after(
    Connection& connection, const model::Collection& collection, const base::Id& record,
    model::Version after);

}  // namespace syncline::server::storage
