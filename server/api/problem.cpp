#include "server/api/problem.hpp"

#include <nlohmann/json.hpp>

namespace syncline::server::api {
namespace {

OutJson conflict_fields(const model::Collection& collection, const model::Conflict& conflict) {
  OutJson fields = OutJson::object();
  for (const model::FieldConflict& entry : conflict.fields) {
    const model::Field* field = collection.find(entry.field);
    if (field == nullptr) continue;
    fields[std::string(field->spec.name)] = OutJson{
        {"base", value_to_json(field->spec, entry.base)},
        {"mine", value_to_json(field->spec, entry.mine)},
        {"theirs", conflict.deleted ? OutJson(nullptr) : value_to_json(field->spec, entry.theirs)},
        {"by", entry.by.is_nil() ? OutJson(nullptr) : OutJson(base::to_string(entry.by))},
        {"at", base::to_string(entry.at)}};
  }
  return fields;
}

OutJson conflict_json(const model::Schema& schema, const model::Conflict& conflict) {
  const model::Collection& collection = schema.collection(conflict.collection);
  return OutJson{{"collection", collection.name()},
                 {"id", base::to_string(conflict.record)},
                 {"deleted", conflict.deleted},
                 {"fields", conflict_fields(collection, conflict)}};
}

OutJson problem_body(int status, std::string_view title, const base::Error& error) {
  const std::string code(base::to_string(error.code));
  OutJson body{{"type", "urn:syncline:error:" + code},
               {"title", title},
               {"status", status},
               {"detail", error.message},
               {"code", code}};
  OutJson errors = OutJson::array();
  for (const base::FieldError& field : error.fields) {
    errors.push_back(OutJson{
        {"field", field.field}, {"code", base::to_string(field.code)}, {"message", field.message}});
  }
  body["errors"] = std::move(errors);
  return body;
}

http::Response problem_answer(int status, const OutJson& body) {
  http::Response response;
  response.status = status;
  response.headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  response.body = dump(body);
  return response;
}

std::string title_of(base::Code code) {
  std::string title(base::meaning(code));
  if (!title.empty() && title.front() >= 'a' && title.front() <= 'z') {
    title.front() = static_cast<char>(title.front() - 'a' + 'A');
  }
  return title;
}

}  // namespace

http::Response problem(int status, std::string_view title, const base::Error& error) {
  http::Response response = problem_answer(status, problem_body(status, title, error));
  if (status == 401) set_header(response, "www-authenticate", "Bearer");
  if (status == 429) set_header(response, "retry-after", "60");
  if (status == 503) set_header(response, "retry-after", "1");
  return response;
}

http::Response problem(const base::Error& error) {
  return problem(base::http_status(error.code), title_of(error.code), error);
}

http::Response problem(const model::Schema& schema, const model::Verdict& verdict) {
  if (verdict.outcome != model::Outcome::conflict || verdict.conflicts.empty())
    return problem(verdict.error);
  base::Error error = verdict.error;
  if (error.code != base::Code::conflict)
    error = {base::Code::conflict, "Somebody else changed this meanwhile."};
  OutJson body = problem_body(409, title_of(base::Code::conflict), error);
  body["conflict"] = conflict_json(schema, verdict.conflicts.front());
  if (verdict.conflicts.size() > 1) {
    OutJson all = OutJson::array();
    for (const model::Conflict& conflict : verdict.conflicts)
      all.push_back(conflict_json(schema, conflict));
    body["conflicts"] = std::move(all);
  }
  return problem_answer(409, body);
}

http::Response json_answer(int status, const OutJson& body) {
  http::Response response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
  response.body = dump(body);
  return response;
}

void set_header(http::Response& response, std::string_view name, std::string value) {
  for (auto& [key, old] : response.headers) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  response.headers.emplace_back(std::string(name), std::move(value));
}

std::string etag(model::Version version) { return "\"" + std::to_string(version) + "\""; }

}  // namespace syncline::server::api
