#include "server/api/openapi.hpp"

#include <nlohmann/json.hpp>

#include "server/api/names.hpp"
#include "server/api/openapi_schemas.hpp"
#include "server/api/query_parameters.hpp"
#include "server/api/router.hpp"

namespace syncline::server::api {
namespace {

using Generic = mutation::MutatorSpec::Generic;

OutJson content(OutJson schema, std::string_view type = "application/json") {
  return OutJson{{std::string(type), OutJson{{"schema", std::move(schema)}}}};
}

OutJson response(std::string_view description, OutJson schema) {
  return OutJson{{"description", description},
                 {"headers", OutJson{{"Syncline-Version",
                                      OutJson{{"$ref", "#/components/headers/SynclineVersion"}}}}},
                 {"content", content(std::move(schema))}};
}

OutJson empty_response(std::string_view description) {
  return OutJson{{"description", description}};
}

OutJson body(OutJson schema, bool required = true) {
  return OutJson{{"required", required}, {"content", content(std::move(schema))}};
}

OutJson parameter_reference(std::string_view name) {
  return OutJson{{"$ref", "#/components/parameters/" + std::string(name)}};
}

OutJson query_parameter(std::string_view name, OutJson schema, std::string_view description) {
  return OutJson{
      {"name", name}, {"in", "query"}, {"description", description}, {"schema", std::move(schema)}};
}

// Successful answers plus the errors that every call may give.
OutJson responses(std::string_view status, OutJson success,
                  std::initializer_list<std::string_view> errors) {
  OutJson all{{std::string(status), std::move(success)}};
  for (const std::string_view error : errors) {
    all[std::string(error)] = OutJson{{"$ref", "#/components/responses/Problem"}};
  }
  all["default"] = OutJson{{"$ref", "#/components/responses/Problem"}};
  return all;
}

OutJson operation(std::string_view tag, std::string_view id, std::string_view summary) {
  return OutJson{{"tags", OutJson::array({tag})}, {"operationId", id}, {"summary", summary}};
}

OutJson list_parameters(const model::Collection& collection) {
  OutJson parameters = OutJson::array();
  for (const char* name : {"Sort", "Limit", "Cursor", "Fields", "Include", "Count", "Where"}) {
    parameters.push_back(parameter_reference(name));
  }
  for (const model::Field& field : collection.fields()) {
    const std::string name(field.spec.name);
    parameters.push_back(
        query_parameter(name, OutJson{{"type", "string"}},
                        "Only records with this " + label_of(name) + "; also " + name +
                            "[ne], [lt], [lte], [gt], [gte], [in], [like], [null]."));
  }
  return parameters;
}

class Description {
 public:
  explicit Description(const mutation::Domain& domain) : domain_(domain) {}

  OutJson make() {
    for (const model::Collection& collection : domain_.schema.collections())
      add_collection(collection);
    add_sign_in();
    add_figures();
    add_rest();
    OutJson api{{"openapi", "3.1.0"},
                {"info", info()},
                {"servers", OutJson::array({OutJson{{"url", "/"}}})},
                {"security", OutJson::array({OutJson{{"bearer", OutJson::array()}}})},
                {"tags", std::move(tags_)},
                {"paths", std::move(paths_)}};
    api["components"] = components();
    return api;
  }

 private:
  static OutJson info() {
    return OutJson{{"title", "Syncline"},
                   {"version", SYNCLINE_VERSION},
                   {"license", OutJson{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}},
                   {"description",
                    "Ids are UUIDs, times RFC 3339 UTC with milliseconds, decimals strings. Errors "
                    "are problem+json. Every "
                    "write takes an Idempotency-Key (at most 128 characters, kept for 24 hours)."}};
  }

  void add_tag(std::string_view name) { tags_.push_back(OutJson{{"name", name}}); }

  void add(const std::string& path, const char* method, OutJson operation) {
    paths_[path][method] = std::move(operation);
  }

  void add_collection(const model::Collection& collection) {
    const model::CollectionSpec& spec = collection.spec();
    const std::string path(spec.api_path);
    const std::string type(spec.type_name);
    const std::string key = camel_case(collection.name());
    add_tag(path);
    OutJson list = operation(path, "list_" + key, "List " + key);
    list["parameters"] = list_parameters(collection);
    list["responses"] = responses("200", response("A page.", schema_reference(type + "Page")),
                                  {"400", "401", "403"});
    add(path, "get", std::move(list));
    OutJson create = operation(path, "create_" + key, "Create a record");
    create["parameters"] = OutJson::array({parameter_reference("IdempotencyKey")});
    create["requestBody"] = body(schema_reference(type + "Insert"));
    create["responses"] =
        responses("201", response("The record; Location names it.", schema_reference(type)),
                  {"400", "401", "403", "422"});
    add(path, "post", std::move(create));
    add_record(collection, path + "/{id}", type, key);
    add_actions(collection);
    add_nested(collection);
  }

  void add_record(const model::Collection& collection, const std::string& path,
                  const std::string& type, const std::string& key) {
    const std::string tag(collection.spec().api_path);
    OutJson get = operation(tag, "get_" + key, "Read a record");
    get["parameters"] = OutJson::array(
        {parameter_reference("Id"), parameter_reference("Fields"), parameter_reference("Include")});
    get["responses"] =
        responses("200", response("The record; ETag is its version.", schema_reference(type)),
                  {"401", "404"});
    add(path, "get", std::move(get));
    const auto change = [&](const char* method, const std::string& id, std::string_view summary,
                            const std::string& schema) {
      OutJson made = operation(tag, id + key, summary);
      made["parameters"] =
          OutJson::array({parameter_reference("Id"), parameter_reference("IfMatch"),
                          parameter_reference("IdempotencyKey")});
      made["requestBody"] = body(schema_reference(schema));
      made["responses"] = responses(
          "200", response("The record, merged with what others changed.", schema_reference(type)),
          {"400", "401", "403", "404", "409", "412", "422"});
      add(path, method, std::move(made));
    };
    change("patch", "update_", "Change fields", type + "Patch");
    change("put", "replace_", "Replace the record; what is not named goes back to its default",
           type);
    OutJson remove = operation(tag, "delete_" + key, "Delete the record");
    remove["parameters"] =
        OutJson::array({parameter_reference("Id"), parameter_reference("IfMatch"),
                        parameter_reference("IdempotencyKey")});
    remove["responses"] =
        responses("204", empty_response("Deleted."), {"401", "403", "404", "412", "422"});
    add(path, "delete", std::move(remove));
  }

  void add_actions(const model::Collection& collection) {
    for (const mutation::MutatorSpec& mutator : domain_.registry.mutators()) {
      if (mutator.collection != collection.id() || mutator.generic != Generic::none ||
          !mutator.on_record)
        continue;
      const std::string tag(collection.spec().api_path);
      OutJson run =
          operation(tag, mutator.action + "_" + camel_case(collection.name()), mutator.name);
      run["parameters"] =
          OutJson::array({parameter_reference("Id"), parameter_reference("IdempotencyKey")});
      run["requestBody"] = body(arguments_schema(mutator.arguments), false);
      run["responses"] = responses("200", response("Done.", schema_reference("MutationResult")),
                                   {"400", "401", "403", "404", "409", "422"});
      add(tag + "/{id}/" + mutator.action, "post", std::move(run));
    }
  }

  void add_nested(const model::Collection& parent) {
    const std::string tag(parent.spec().api_path);
    for (const model::Collection& child : domain_.schema.collections()) {
      const std::string segment(last_segment(child.spec().api_path));
      const auto nested = find_nested(domain_.schema, parent, segment);
      if (!nested || nested->collection != &child) continue;
      const std::string type(child.spec().type_name);
      const std::string key = camel_case(child.name()) + "_of_" + camel_case(parent.name());
      OutJson list = operation(tag, "list_" + key, "List the " + segment + " of a record");
      list["parameters"] = list_parameters(child);
      list["parameters"].insert(list["parameters"].begin(), parameter_reference("Id"));
      list["responses"] = responses("200", response("A page.", schema_reference(type + "Page")),
                                    {"400", "401", "404"});
      std::string path = tag;
      path.append("/{id}/").append(segment);
      add(path, "get", std::move(list));
      OutJson create =
          operation(tag, "create_" + key, "Create one of the " + segment + " of a record");
      create["parameters"] =
          OutJson::array({parameter_reference("Id"), parameter_reference("IdempotencyKey")});
      create["requestBody"] = body(schema_reference(type + "Insert"));
      create["responses"] = responses("201", response("The record.", schema_reference(type)),
                                      {"400", "401", "404", "422"});
      add(path, "post", std::move(create));
    }
  }

  void add_sign_in() {
    add_tag("auth");
    const OutJson text{{"type", "string"}};
    OutJson credentials{
        {"type", "object"},
        {"required", OutJson::array({"email", "password"})},
        {"properties",
         OutJson{{"email", text}, {"password", text}, {"cookie", OutJson{{"type", "boolean"}}}}}};
    OutJson renewal{
        {"type", "object"},
        {"properties", OutJson{{"refreshToken", text}, {"cookie", OutJson{{"type", "boolean"}}}}}};
    OutJson login = operation("auth", "login", "Sign in");
    login["description"] =
        "With the header X-Syncline-App: 1 or \"cookie\": true the refresh token is an HttpOnly "
        "cookie instead.";
    login["security"] = OutJson::array();
    login["requestBody"] = body(std::move(credentials));
    login["responses"] =
        responses("200", response("Signed in.", schema_reference("Tokens")), {"401", "422", "429"});
    add("/api/auth/login", "post", std::move(login));
    OutJson refresh =
        operation("auth", "refresh", "New tokens for the refresh token, which is used up");
    refresh["security"] = OutJson::array();
    refresh["requestBody"] = body(std::move(renewal), false);
    refresh["responses"] =
        responses("200", response("Still signed in.", schema_reference("Tokens")), {"401"});
    add("/api/auth/refresh", "post", std::move(refresh));
    OutJson logout = operation("auth", "logout", "End the session");
    logout["responses"] = responses("204", empty_response("Signed out."), {"401"});
    add("/api/auth/logout", "post", std::move(logout));
    OutJson me = operation("auth", "me", "The user who is signed in");
    me["responses"] = responses("200", response("The user.", schema_reference("User")), {"401"});
    add("/api/auth/me", "get", std::move(me));
    OutJson ticket =
        operation("auth", "ticket", "A ticket for one event stream, valid for 30 seconds");
    OutJson granted{
        {"type", "object"},
        {"properties", OutJson{{"ticket", text}, {"expiresIn", OutJson{{"type", "integer"}}}}}};
    ticket["responses"] = responses("200", response("The ticket.", std::move(granted)), {"401"});
    add("/api/auth/ticket", "post", std::move(ticket));
  }

  void add_figure(const char* path, const char* id, const char* summary,
                  std::initializer_list<const char*> numbers) {
    OutJson get = operation("crm figures", id, summary);
    OutJson parameters = OutJson::array();
    for (const char* name : numbers) {
      parameters.push_back(query_parameter(name, OutJson{{"type", "integer"}, {"minimum", 1}}, ""));
    }
    get["parameters"] = std::move(parameters);
    get["responses"] =
        responses("200", response("Of the rows you may see.", OutJson{{"type", "object"}}),
                  {"400", "401", "403"});
    add(path, "get", std::move(get));
  }

  void add_figures() {
    add_tag("crm figures");
    add_figure("/api/crm/metrics", "crmMetrics",
               "Key figures of the last days, and of as many days before", {"days"});
    add_figure("/api/crm/lead-analytics", "crmLeadAnalytics",
               "Leads by source and status, time to convert", {});
    add_figure("/api/crm/pipeline", "crmPipeline", "Deals per stage: count, value, weighted value",
               {});
    add_figure("/api/crm/dashboard", "crmDashboard",
               "metrics, analytics, pipeline, activities and tasks in one answer",
               {"days", "limit"});
  }

  void add_rest() {
    add_tag("engine");
    OutJson mutate =
        operation("engine", "mutate", "One mutation, or several that succeed or fail together");
    mutate["parameters"] = OutJson::array({parameter_reference("IdempotencyKey")});
    OutJson several{{"type", "array"},
                    {"minItems", 1},
                    {"maxItems", 1000},
                    {"items", schema_reference("Mutation")}};
    mutate["requestBody"] = body(
        OutJson{{"oneOf", OutJson::array({schema_reference("Mutation"), std::move(several)})}});
    mutate["responses"] = responses("200", response("Done.", schema_reference("MutationResult")),
                                    {"400", "401", "403", "404", "409", "422"});
    add("/api/mutate", "post", std::move(mutate));
    OutJson events =
        operation("engine", "events", "Server-sent events; the same as the WebSocket /events");
    events["description"] = "Every message is an Event; its id is its version, for Last-Event-ID.";
    events["security"] = OutJson::array();
    events["parameters"] = OutJson::array(
        {query_parameter("rooms", OutJson{{"type", "string"}},
                         "Comma-separated: crm, leads, leads:<id>, crm:leads, user:<me>."),
         query_parameter("ticket", OutJson{{"type", "string"}}, "From POST /api/auth/ticket."),
         query_parameter("since", OutJson{{"type", "integer"}},
                         "Replays what came after this version.")});
    OutJson stream{{"description", "A stream of events."},
                   {"content", content(schema_reference("Event"), "text/event-stream")}};
    events["responses"] = responses("200", std::move(stream), {"400", "401"});
    add("/api/events", "get", std::move(events));
    OutJson sync = operation("engine", "sync", "The frames of the WebSocket /sync by long poll");
    sync["description"] =
        "Where WebSockets are blocked. Binary, as shared/syncline/protocol/PROTOCOL.md says; the "
        "access token is in the first frame.";
    sync["security"] = OutJson::array();
    const OutJson bytes =
        content(OutJson{{"type", "string"}, {"format", "binary"}}, "application/octet-stream");
    sync["requestBody"] = OutJson{{"required", true}, {"content", bytes}};
    OutJson frames{{"description", "The frames that have come, if any have."}, {"content", bytes}};
    sync["responses"] = responses("200", std::move(frames), {"400", "404", "429"});
    add("/api/sync", "post", std::move(sync));
    for (const auto& [path, summary] :
         {std::pair{"/healthz", "Is the process alive"}, std::pair{"/readyz", "Does it serve"}}) {
      OutJson get = operation("engine", std::string(path).substr(1), summary);
      get["security"] = OutJson::array();
      get["responses"] = responses("200", response("Yes.", OutJson{{"type", "object"}}), {});
      add(path, "get", std::move(get));
    }
  }

  static OutJson header_parameter(std::string_view name, std::string_view description) {
    return OutJson{{"name", name},
                   {"in", "header"},
                   {"description", description},
                   {"schema", OutJson{{"type", "string"}}}};
  }

  static OutJson parameters() {
    const OutJson text{{"type", "string"}};
    const OutJson flag{{"type", "boolean"}};
    OutJson id{{"name", "id"},
               {"in", "path"},
               {"required", true},
               {"schema", OutJson{{"type", "string"}, {"format", "uuid"}}}};
    return OutJson{
        {"Id", std::move(id)},
        {"Sort",
         query_parameter(
             "sort", text,
             "Fields in order, - for descending: -value,name. Records without a value come first "
             "ascending and last descending, or as :nulls_first and :nulls_last say: "
             "-value:nulls_first.")},
        {"Limit", query_parameter("limit",
                                  OutJson{{"type", "integer"},
                                          {"minimum", 1},
                                          {"maximum", kPageRowsMax},
                                          {"default", kPageRowsDefault}},
                                  "Records per page.")},
        {"Cursor",
         query_parameter("cursor", text,
                         "nextCursor of the page before; the other parameters stay the same.")},
        {"Fields", query_parameter("fields", text, "Only these fields, besides id and version.")},
        {"Include",
         query_parameter("include", text, "References to bring along, without Id: company.")},
        {"Count", query_parameter("count", flag, "Adds total.")},
        {"Where",
         query_parameter(
             "where", text,
             "JSON: {\"field\", \"op\", \"value\"}, {\"all_of\": […]}, {\"any_of\": "
             "[…]}, {\"not\": …}, {\"exists\": {\"field\", \"collection\", \"where\"}}; op: eq "
             "ne lt lte gt gte in like null contains. exists: the record that the "
             "reference names, or with a collection some record of it whose reference "
             "names this one.")},
        {"IfMatch",
         header_parameter("If-Match", "The version this change is based on, as ETag gave it.")},
        {"IdempotencyKey",
         header_parameter("Idempotency-Key",
                          "The same key and body give the same answer for 24 hours.")}};
  }

  OutJson components() const {
    return OutJson{
        {"schemas", openapi_schemas(domain_)},
        {"parameters", parameters()},
        {"headers",
         OutJson{{"SynclineVersion",
                  OutJson{{"description", "The database's version at which this was read."},
                          {"schema", OutJson{{"type", "integer"}}}}}}},
        {"responses",
         OutJson{{"Problem", OutJson{{"description", "A problem."},
                                     {"content", content(schema_reference("Problem"),
                                                         "application/problem+json")}}}}},
        {"securitySchemes",
         OutJson{{"bearer",
                  OutJson{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}};
  }

  const mutation::Domain& domain_;
  OutJson tags_ = OutJson::array();
  OutJson paths_ = OutJson::object();
};

}  // namespace

std::string openapi_json(const mutation::Domain& domain) {
  return dump(Description(domain).make());
}

}  // namespace syncline::server::api
