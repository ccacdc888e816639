// Reads the commit log. Shared by the writer and by the read-only snapshots.
//
// The writes to one record are found without an index of them: its row has the version of the last one, each before image that
// of the one before, and removals, after which there is no row, have a table of their own.
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
// The same of a record whose row has been written since without being logged: `last` is what was logged of it last.
[[nodiscard]] base::Result<std::vector<authority::RecordWrite>> read_writes_between(
    Connection& connection, const model::Collection& collection, const base::Id& record,
    model::Version after, model::Version last);
// When it was removed last; 0: never.
[[nodiscard]] base::Result<model::Version> last_removal(Connection& connection,
                                                        model::CollectionId collection,
                                                        const base::Id& record);

}  // namespace syncline::server::storage
