// Mapping files: a mistake is named with its place, before anything is read or written.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.hpp"
#include "server/app/import/csv_file.hpp"
#include "server/app/import/mapping.hpp"

namespace syncline::tests {
namespace {

using namespace server::app::import;
using testing::HasSubstr;

class ImportMapping : public testing::Test {
 protected:
  ImportMapping() : domain_(domain::make_domain()) {}
  // What is said about one step.
  std::string complaint(const std::string& step) {
    const auto mapping = parse_mapping(domain_->schema, "{\"steps\": [" + step + "]}");
    return mapping.ok() ? "none" : mapping.error().message;
  }
  std::string about_value(const std::string& rule) {
    return complaint(
        R"({"collection": "deals", "key": "externalId", "fields": {"externalId": "id", "stageId": )" +
        rule + "}}");
  }
  std::unique_ptr<mutation::Domain> domain_;
};

TEST_F(ImportMapping, OfTheProjectAreGood) {
  std::size_t count = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(SYNCLINE_SOURCE_DIR "/docs/import")) {
    if (file.path().extension() != ".json") continue;
    ++count;
    const auto mapping =
        parse_mapping(domain_->schema, read_text_file(file.path().string()).value());
    EXPECT_TRUE(mapping.ok()) << file.path() << ": "
                              << (mapping.ok() ? "" : mapping.error().message);
  }
  EXPECT_GT(count, 0U);
}

TEST_F(ImportMapping, SayWhereTheyAreWrong) {
  EXPECT_THAT(parse_mapping(domain_->schema, "{").error().message, HasSubstr("no JSON"));
  EXPECT_THAT(parse_mapping(domain_->schema, "[]").error().message, HasSubstr("object"));
  EXPECT_THAT(parse_mapping(domain_->schema, R"({"steps": []})").error().message,
              HasSubstr("steps"));
  EXPECT_THAT(parse_mapping(domain_->schema, R"({"steps": [{}], "x": 1})").error().message,
              HasSubstr("x"));
  EXPECT_THAT(complaint(R"({"collection": "tables"})"), HasSubstr("steps[0].collection"));
  EXPECT_THAT(complaint(R"({"collection": "deals", "key": "name", "fields": {"colour": "c"}})"),
              HasSubstr("steps[0].fields.colour"));
  EXPECT_THAT(complaint(R"({"collection": "deals", "key": "name", "fields": {"notes": "n"}})"),
              HasSubstr("steps[0].key"));
  EXPECT_THAT(
      complaint(R"({"collection": "deals", "key": "name", "fields": {"name": "n"}, "keys": 1})"),
      HasSubstr("steps[0].keys"));
  EXPECT_THAT(
      complaint(
          R"({"collection": "deals", "key": "name", "fields": {"name": "n", "version": "v"}})"),
      HasSubstr("version"));
}

TEST_F(ImportMapping, CheckEachFieldsRule) {
  EXPECT_EQ(about_value(R"({"column": "s", "lookup": {"by": "name"}})"), "none");
  EXPECT_THAT(about_value("7"), HasSubstr("stageId"));
  EXPECT_THAT(about_value("{}"), HasSubstr("column, text and constant"));
  EXPECT_THAT(about_value(R"({"column": "s", "constant": "t"})"),
              HasSubstr("column, text and constant"));
  EXPECT_THAT(about_value(R"({"text": "{s"})"), HasSubstr("stageId.text"));
  EXPECT_THAT(about_value(R"({"column": "s", "lookup": {"by": "nom"}})"),
              HasSubstr("stageId.lookup.by"));
  EXPECT_THAT(
      about_value(
          R"({"column": "s", "lookup": {"by": "name", "createWith": {"probability": "101"}}})"),
      HasSubstr("createWith.probability"));
  EXPECT_THAT(about_value(R"({"column": "s", "date": "M/D"})"), HasSubstr("stageId.date"));
  EXPECT_THAT(about_value(R"({"column": "s", "number": {"times": "many"}})"),
              HasSubstr("number.times"));
  EXPECT_THAT(about_value(R"({"column": "s", "onEmpty": "perhaps"})"), HasSubstr("onEmpty"));
  EXPECT_THAT(about_value(R"({"column": "s", "onMisfit": "null"})"), HasSubstr("onMisfit"));
  EXPECT_THAT(about_value(R"({"column": "s", "values": {"a": 1}})"), HasSubstr("values.a"));
  EXPECT_THAT(about_value(R"({"column": "s", "loockup": {}})"), HasSubstr("loockup"));
}

}  // namespace
}  // namespace syncline::tests
