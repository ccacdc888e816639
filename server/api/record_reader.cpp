#include "server/api/record_reader.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/api/names.hpp"
#include "syncline/ivm/relations.hpp"
#include "syncline/mutation/complaints.hpp"

namespace syncline::server::api {

using base::Result;
using base::Status;
using mutation::Right;

Result<RecordReader> RecordReader::open(const mutation::Domain& domain, Database& database,
                                        const mutation::Actor& actor) {
  SYNC_ASSIGN(std::unique_ptr<Snapshot> snapshot, database.snapshot());
  return RecordReader(domain, std::move(snapshot), actor);
}

Result<model::Record> RecordReader::find(const model::Collection& collection, const base::Id& id) {
  if (!domain_->access.may(actor_, collection.id(), Right::read)) return mutation::forbidden();
  SYNC_ASSIGN(model::Record record, snapshot_->sources().source(collection.id()).get(id));
  if (!record || !domain_->access.may(actor_, record, Right::read)) return mutation::not_found();
  return record;
}

Result<query::Query> RecordReader::admitted(const query::Query& query) const {
  SYNC_ASSIGN(query::Query allowed, domain_->access.rewrite(domain_->schema, actor_, query));
  SYNC_TRY(authority::admit(domain_->schema, allowed, snapshot_->planner(),
                            snapshot_->query_cost_max()));
  return allowed;
}

Result<std::vector<model::Record>> RecordReader::rows(const query::Query& query) {
  SYNC_ASSIGN(const query::Query allowed, admitted(query));
  ivm::FetchRequest request;
  request.where = allowed.where;
  request.order = allowed.order;
  request.after = allowed.after;
  request.limit = allowed.limit;
  std::vector<model::Record> rows;
  SYNC_TRY(ivm::read(snapshot_->sources(), allowed.collection, request,
                     [&rows](const model::Record& row) {
                       rows.push_back(row);
                       return true;
                     }));
  return rows;
}

Result<std::vector<ivm::AggregateRow>> RecordReader::aggregate(const query::Query& query) {
  SYNC_ASSIGN(const query::Query allowed, admitted(query));
  return snapshot_->aggregate(allowed);
}

Result<OutJson> RecordReader::list(const ListRequest& request) {
  SYNC_TRY(check_view(request));
  query::Query query = request.query;
  query.limit = request.query.limit + 1;  // one more tells whether there is a next page
  SYNC_ASSIGN(std::vector<model::Record> found, rows(query));
  const bool more = found.size() > request.query.limit;
  if (more) found.pop_back();
  OutJson data = OutJson::array();
  for (const model::Record& record : found) {
    SYNC_ASSIGN(OutJson json, with_includes(record, request));
    data.push_back(std::move(json));
  }
  OutJson body{
      {"data", std::move(data)},
      {"nextCursor", more ? OutJson(make_cursor(request, found.back())) : OutJson(nullptr)}};
  if (request.count) {
    query.limit = 0;
    query.after.reset();
    query.order.clear();
    SYNC_ASSIGN(const query::Query allowed, admitted(query));
    SYNC_ASSIGN(const std::uint64_t total, snapshot_->count(allowed));
    body["total"] = total;
  }
  return body;
}

Result<OutJson> RecordReader::view(const model::Record& record, const ListRequest& view) {
  SYNC_TRY(check_view(view));
  const auto allowed = domain_->access.rewrite(domain_->schema, actor_, view.query);
  if (!allowed.ok()) return allowed.error();
  return with_includes(record, view);
}

OutJson RecordReader::plain(const model::Record& record) const {
  RecordView view;
  view.masked = domain_->access.masked_fields(actor_, record.collection().id());
  return record_to_json(record, view);
}

Status RecordReader::check_view(const ListRequest& view) const {
  const auto masked = domain_->access.masked_fields(actor_, view.query.collection);
  for (const model::FieldId field : view.selected) {
    if (std::find(masked.begin(), masked.end(), field) == masked.end()) continue;
    const std::string name(
        domain_->schema.collection(view.query.collection).field(field).spec.name);
    return base::Error(base::Code::forbidden, "You may not read " + name + ".", name);
  }
  return {};
}

Result<OutJson> RecordReader::with_includes(const model::Record& record, const ListRequest& view) {
  RecordView fields;
  fields.masked = domain_->access.masked_fields(actor_, record.collection().id());
  fields.selected = view.selected;
  OutJson json = record_to_json(record, fields);
  for (const query::Include& include : view.query.includes) {
    const model::FieldSpec& field = record.collection().field(include.via).spec;
    OutJson related = nullptr;
    if (record.has(include.via)) {
      SYNC_ASSIGN(const model::Record row,
                  snapshot_->sources().source(field.target).get(record.reference(include.via)));
      if (row && domain_->access.may(actor_, row, Right::read)) related = plain(row);
    }
    json[std::string(include_name(field))] = std::move(related);
  }
  return json;
}

}  // namespace syncline::server::api
