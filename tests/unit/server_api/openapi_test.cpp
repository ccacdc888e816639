// Rule: the description is whole: every reference resolves, every path parameter is declared, and every address that the API
// answers is in it.
#include "server/api/openapi.hpp"

#include <set>

#include "server/api/fixed_routes.hpp"
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OpenApiTest : public ApiTest {
 protected:
  OpenApiTest() : api_json_(get("/api/openapi.json", "").body) {}
  void for_each_reference(const Json& node, const std::function<void(const std::string&)>& visit) {
    if (node.is_object() && node.contains("$ref")) visit(node["$ref"]);
    if (!node.is_structured()) return;
    for (const Json& child : node) for_each_reference(child, visit);
  }
  Json api_json_;
};

TEST_F(OpenApiTest, EveryReferenceResolves) {
  ASSERT_EQ(api_json_["openapi"], "3.1.0");
  std::set<std::string> used;
  for_each_reference(api_json_, [&](const std::string& reference) {
    used.insert(reference);
    EXPECT_TRUE(api_json_.contains(Json::json_pointer(reference.substr(1)))) << reference;
  });
  for (const auto& [kind, entries] : api_json_["components"].items()) {
    if (kind == "securitySchemes") continue;
    for (const auto& entry : entries.items()) {
      const std::string reference = "#/components/" + kind + "/" + entry.key();
      EXPECT_TRUE(used.contains(reference) || entry.key() == "Event")
          << reference << " is used by nothing";
    }
  }
}

TEST_F(OpenApiTest, OperationsAreWellFormed) {
  std::set<std::string> ids;
  std::set<std::string> tags;
  for (const Json& tag : api_json_["tags"]) EXPECT_TRUE(tags.insert(tag["name"]).second);
  for (const auto& [path, methods] : api_json_["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << operation["operationId"];
      EXPECT_TRUE(tags.contains(operation["tags"][0])) << path;
      EXPECT_FALSE(operation["responses"].empty()) << path;
      const bool has_id = path.find("{id}") != std::string::npos;
      const Json parameters = operation.value("parameters", Json::array());
      const bool declares_id = std::count(parameters.begin(), parameters.end(),
                                          Json{{"$ref", "#/components/parameters/Id"}}) == 1;
      EXPECT_EQ(has_id, declares_id) << method << " " << path;
    }
  }
}

TEST_F(OpenApiTest, WhatIsAnsweredIsDescribed) {
  const Json& paths = api_json_["paths"];
  for (const model::Collection& collection : office_.domain().schema.collections()) {
    const std::string path(collection.spec().api_path);
    EXPECT_TRUE(paths.contains(path) && paths.contains(path + "/{id}")) << path;
  }
  for (const char* path :
       {"/api/crm/leads/{id}/convert", "/api/crm/deals/{id}/move", "/api/crm/leads/{id}/activities",
        "/api/mutate", "/api/events", "/api/sync"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
  for (const server::api::FixedRoute& route : server::api::fixed_routes()) {
    const std::string path(route.path);
    const bool about_itself =
        path == "/metrics" || path.rfind("/api/docs", 0) == 0 || path == "/api/openapi.json";
    EXPECT_TRUE(about_itself || paths.contains(path)) << path;
  }
}

TEST_F(OpenApiTest, RecordsKeepTheirSchema) {
  const Json lead = create_lead({{"value", "1.00"}, {"tags", {"vip"}}});
  const Json& schema = api_json_["components"]["schemas"]["Lead"];
  for (const auto& entry : lead.items()) {
    ASSERT_TRUE(schema["properties"].contains(entry.key())) << entry.key();
    const Json type = schema["properties"][entry.key()]["type"];
    const std::string actual = entry.value().is_null()      ? "null"
                               : entry.value().is_array()   ? "array"
                               : entry.value().is_number()  ? "integer"
                               : entry.value().is_boolean() ? "boolean"
                                                            : "string";
    const bool allowed =
        type.is_array() ? std::count(type.begin(), type.end(), actual) == 1 : type == actual;
    EXPECT_TRUE(allowed) << entry.key() << " is " << actual << ", not " << type;
  }
  EXPECT_EQ(api_json_["components"]["schemas"]["LeadInsert"]["required"], Json::array({"name"}));
}

TEST_F(OpenApiTest, ThePageLoadsNothingFromElsewhere) {
  const Reply page = get("/api/docs", "");
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.text, HasSubstr("<script src=\"/api/docs/docs.js\"></script>"));
  for (const std::string& text :
       {page.text, get("/api/docs/docs.js", "").text, get("/api/docs/docs.css", "").text}) {
    EXPECT_THAT(text, Not(HasSubstr("http://")));
    EXPECT_THAT(text, Not(HasSubstr("https://")));
    EXPECT_THAT(text, Not(HasSubstr("innerHTML")));
  }
  EXPECT_THAT(page.header("content-security-policy"), HasSubstr("default-src 'self'"));
}

}  // namespace
}  // namespace syncline::tests
