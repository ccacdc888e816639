// RecordReader: the rows of one snapshot as one user may see them, as JSON. One per request; short-lived (SEMANTICS 14).
#pragma once

#include <memory>

#include "server/api/json.hpp"
#include "server/api/ports.hpp"
#include "server/api/query_parameters.hpp"

namespace syncline::server::api {

class RecordReader {
 public:
  // Errors: unavailable.
  [[nodiscard]] static base::Result<RecordReader> open(const mutation::Domain& domain,
                                                       Database& database,
                                                       const mutation::Actor& actor);

  [[nodiscard]] model::Version version() const { return snapshot_->version(); }
  // Errors: not_found, also for what the user may not see.
  [[nodiscard]] base::Result<model::Record> find(const model::Collection& collection,
                                                 const base::Id& id);
  // {data, nextCursor, total?}. Errors: forbidden, query_too_costly, storage_failed.
  [[nodiscard]] base::Result<OutJson> list(const ListRequest& request);
  // With the includes and the selection of `view`. Errors: forbidden (a masked field or collection is mentioned).
  [[nodiscard]] base::Result<OutJson> view(const model::Record& record, const ListRequest& view);
  // Without what is masked.
  [[nodiscard]] OutJson plain(const model::Record& record) const;

  // All rows of a query as this user sees them. REQUIRES: checked. Errors: forbidden, query_too_costly, storage_failed.
  [[nodiscard]] base::Result<std::vector<model::Record>> rows(const query::Query& query);
  [[nodiscard]] base::Result<std::vector<ivm::AggregateRow>> aggregate(const query::Query& query);

 private:
  RecordReader(const mutation::Domain& domain, std::unique_ptr<Snapshot> snapshot,
               const mutation::Actor& actor)
      : domain_(&domain), snapshot_(std::move(snapshot)), actor_(actor) {}
  // The query as this user may ask it.
  [[nodiscard]] base::Result<query::Query> admitted(const query::Query& query) const;
  [[nodiscard]] base::Status check_view(const ListRequest& view) const;
  [[nodiscard]] base::Result<OutJson> with_includes(const model::Record& record,
                                                    const ListRequest& view);

  const mutation::Domain* domain_;
  std::unique_ptr<Snapshot> snapshot_;
  mutation::Actor actor_;
};

}  // namespace syncline::server::api
