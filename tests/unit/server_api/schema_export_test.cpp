// Rule: the exported schema is the compiled one: same hash, same slots, and every name that the SDK relies on.
#include "server/api/schema_export.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "domain/domain.hpp"
#include "server/api/query_export.hpp"

namespace syncline::tests {
namespace {

using ::testing::HasSubstr;

TEST(SchemaExport, JsonMirrorsTheSchema) {
  const auto domain = domain::make_domain();
  const auto json = nlohmann::json::parse(server::api::schema_json(*domain));
  EXPECT_EQ(json["hash"], std::to_string(domain->schema.hash()));
  ASSERT_EQ(json["collections"].size(), domain->schema.collections().size());
  for (std::size_t i = 0; i < json["collections"].size(); ++i) {
    const model::Collection& collection = domain->schema.collections()[i];
    const auto& exported = json["collections"][i];
    EXPECT_EQ(exported["name"], collection.name());
    EXPECT_EQ(exported["slotCount"], collection.slot_count());
    ASSERT_EQ(exported["fields"].size(), collection.fields().size());
    for (std::size_t f = 0; f < collection.fields().size(); ++f) {
      const model::Field& field = collection.fields()[f];
      EXPECT_EQ(exported["fields"][f]["id"], field.spec.id);
      EXPECT_EQ(exported["fields"][f]["slot"], field.slot == model::kNoSlot ? -1 : field.slot)
          << field.spec.name;
    }
  }
  EXPECT_EQ(json["roles"], (nlohmann::json{"admin", "manager", "agent", "engineer", "viewer"}));
  EXPECT_EQ(json["errorCodes"][static_cast<std::size_t>(base::Code::conflict)], "conflict");
}

// Screens hide what would be refused, and say what a deletion takes along, by these.
TEST(SchemaExport, SaysWhoMayDoWhatAndWhatGoesWithARecord) {
  const auto domain = domain::make_domain();
  const auto json = nlohmann::json::parse(server::api::schema_json(*domain));
  const auto named = [](const nlohmann::json& list, const char* name) {
    const auto found = std::find_if(list.begin(), list.end(),
                                    [name](const auto& each) { return each["name"] == name; });
    return found == list.end() ? nlohmann::json() : *found;
  };
  const nlohmann::json leads = named(json["collections"], "leads");
  EXPECT_EQ(leads["rights"]["viewer"], nlohmann::json({"read"}));
  EXPECT_EQ(leads["rights"]["agent"],
            nlohmann::json({"read", "create", "update", "remove", "act"}));
  EXPECT_EQ(leads["rights"]["engineer"], nlohmann::json::array());
  const auto fate = [&](const char* collection, const char* field) {
    return named(named(json["collections"], collection)["fields"], field)["whenTargetDeleted"];
  };
  EXPECT_EQ(fate("activities", "leadId"), "deleted");
  EXPECT_EQ(fate("contacts", "companyId"), "emptied");
  EXPECT_EQ(fate("deals", "stageId"), "refused");
  EXPECT_EQ(fate("deals", "value"), nullptr);
}

TEST(SchemaExport, TypescriptNamesEverything) {
  const auto domain = domain::make_domain();
  const std::string text = server::api::schema_typescript(*domain);
  EXPECT_THAT(text, HasSubstr("export interface Lead {\n  readonly id: string;\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "readonly status: 'new' | 'contacted' | 'qualified' | 'unqualified' | 'converted';"));
  EXPECT_THAT(text, HasSubstr("readonly company?: Company | null;"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "export interface LeadInsert {\n  readonly id?: string;\n  readonly name: string;\n"));
  EXPECT_THAT(text, HasSubstr("'crm.lead.convert': { readonly args: { readonly id: string; "
                              "readonly companyId?: string | null;"));
  EXPECT_THAT(text, HasSubstr("readonly leadSources: { readonly row: LeadSource;"));
}

// The dashboard's figures are those of REST: their definitions in other words, nothing more.
TEST(QueryExport, WritesPeriodsAsExpressionsAndNamesForNumbers) {
  const std::string text = server::api::crm_queries_typescript(*domain::make_domain());
  EXPECT_THAT(text,
              HasSubstr("  newLeads: (periods: Periods) => figuresOf('leads', {\"conditions\":["
                        "{\"kind\":\"compare\",\"field\":\"createdAt\",\"operator\":\">=\","
                        "\"value\":periods.previous.at},"));
  EXPECT_THAT(text, HasSubstr("\"trend\":{\"field\":\"closedOn\",\"previous\":periods.previous.on,"
                              "\"from\":periods.from.on,\"to\":periods.to.on}"));
  EXPECT_THAT(
      text,
      HasSubstr("{\"kind\":\"any\",\"children\":[{\"kind\":\"compare\",\"field\":\"openedOn\","
                "\"operator\":\"<\",\"value\":periods.from.on},"));
  EXPECT_THAT(text,
              HasSubstr("\"groupBy\":[{\"field\":\"stageId\",\"period\":\"none\",\"zone\":\"\"}]"));
  EXPECT_THAT(text, HasSubstr("  unfinishedTasks: () => rowsOf('tasks', {\"conditions\":[{\"kind\":"
                              "\"compare\",\"field\":\"status\",\"operator\":\"in\",\"value\":"
                              "[\"open\",\"in_progress\"]}],"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("${"))) << "an expression that stayed a text";
  EXPECT_THAT(text, ::testing::Not(HasSubstr("20000"))) << "a stand-in that stayed a value";
}

}  // namespace
}  // namespace syncline::tests
