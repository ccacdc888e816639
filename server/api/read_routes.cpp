#include "server/api/read_routes.hpp"

#include <nlohmann/json.hpp>

#include "server/api/preconditions.hpp"
#include "server/api/problem.hpp"
#include "server/api/record_reader.hpp"

namespace syncline::server::api {

using base::Result;

Result<http::Response> list_records(const Service& service, const Call& call,
                                    const model::Collection& collection,
                                    const query::Predicate& scope) {
  SYNC_ASSIGN(const ListRequest request,
              parse_list(service.domain.schema, collection, call.target.parameters, scope));
  SYNC_ASSIGN(RecordReader reader,
              RecordReader::open(service.domain, service.database, call.actor()));
  SYNC_ASSIGN(const OutJson body, reader.list(request));
  http::Response response = json_answer(200, body);
  set_header(response, "syncline-version", std::to_string(reader.version()));
  return response;
}

Result<http::Response> get_record(const Service& service, const Call& call,
                                  const model::Collection& collection, const base::Id& id) {
  SYNC_ASSIGN(const ListRequest view,
              parse_view(service.domain.schema, collection, call.target.parameters));
  SYNC_ASSIGN(RecordReader reader,
              RecordReader::open(service.domain, service.database, call.actor()));
  SYNC_ASSIGN(const model::Record record, reader.find(collection, id));
  SYNC_ASSIGN(const OutJson body, reader.view(record, view));
  http::Response response = json_answer(200, body);
  SYNC_ASSIGN(const Precondition known,
              parse_precondition(call.request.header("if-none-match"), "If-None-Match"));
  if (known.any || known.version == record.version()) {
    response.status = 304;
    response.headers.clear();
    response.body.clear();
  }
  set_header(response, "etag", etag(record.version()));
  set_header(response, "syncline-version", std::to_string(reader.version()));
  return response;
}

base::Status check_visible(const Service& service, const Call& call,
                           const model::Collection& collection, const base::Id& id) {
  SYNC_ASSIGN(RecordReader reader,
              RecordReader::open(service.domain, service.database, call.actor()));
  const auto record = reader.find(collection, id);
  if (!record.ok()) return record.error();
  return {};
}

}  // namespace syncline::server::api
