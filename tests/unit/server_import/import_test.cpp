// `syncline import` over a real database file: what becomes of rows, good and dirty, once, twice and in a dry run.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "domain/collections.hpp"
#include "domain/crm/companies.hpp"
#include "domain/crm/deal_stages.hpp"
#include "domain/crm/deals.hpp"
#include "domain/domain.hpp"
#include "server/app/import/database_reader.hpp"
#include "server/app/import/dry_run.hpp"
#include "server/app/import/importer.hpp"
#include "server/app/local_writer.hpp"

namespace syncline::tests {
namespace {

using namespace server::app;
using domain::crm::Company;
using domain::crm::Deal;
using domain::crm::DealStage;
using testing::HasSubstr;
using testing::Not;

constexpr base::Timestamp kNow{1'700'000'000'000};

constexpr const char* kDeals = R"({"steps": [{
  "file": "deals.csv", "collection": "deals", "key": "externalId", "nulls": ["NULL"],
  "corrections": {"product": {"GTXPro": "GTX Pro"}},
  "fields": {
    "externalId": "id",
    "name": {"text": "{product}[ – {account}]"},
    "product": "product",
    "companyId": {"column": "account", "lookup": {"by": "name"}, "onEmpty": "warn", "onMisfit": "warn"},
    "stageId": {"column": "stage", "lookup": {"by": "name", "create": true, "createWith": {"probability": "40"}}},
    "openedOn": {"column": "opened", "date": "M/D/YYYY", "onEmpty": "warn", "onMisfit": "warn"},
    "value": {"column": "value", "onMisfit": "skip"}
  }}]})";

class Import : public testing::Test {
 protected:
  Import() : domain_(domain::make_domain()) {
    std::string name = (std::filesystem::temp_directory_path() / "syncline-import-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    auto writer = LocalWriter::open((folder_ / "test.db").string(), *domain_);
    SYNC_CHECK(writer.ok(), "the database opens");
    writer_ = std::move(writer).value();
    auto reader = import::DatabaseReader::open((folder_ / "test.db").string(), domain_->schema);
    SYNC_CHECK(reader.ok(), "the database can be read");
    reader_ = std::move(reader).value();
  }
  ~Import() override {
    reader_.reset();
    writer_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string file(const std::string& name, const std::string& content) {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  base::Status run(const std::string& mapping, const std::vector<std::string>& files,
                   bool dry = false) {
    const auto parsed = import::parse_mapping(domain_->schema, mapping);
    if (!parsed.ok()) return parsed.error();
    import::DryRun dry_run(*domain_, *reader_, kNow);
    lines_.str("");
    import::Report report(&lines_);
    mutation::Reader& reader = dry ? static_cast<mutation::Reader&>(dry_run) : *reader_;
    Writer& writer = dry ? static_cast<Writer&>(dry_run) : *writer_;
    const base::Status status =
        import::Importer(*domain_, reader, writer, report, ++seed_, kNow).run(*parsed, files);
    counts_ = report.total();
    std::ostringstream summary;
    report.print_summary(summary);
    summary_ = summary.str();
    return status;
  }
  // "inserted/updated/unchanged/refused, warnings"
  std::string deals(const std::string& rows, bool dry = false) {
    const auto status =
        run(kDeals, {file("deals.csv", "id,product,account,stage,opened,value\n" + rows)}, dry);
    if (!status.ok()) return status.error().message;
    return std::to_string(counts_.inserted) + "/" + std::to_string(counts_.updated) + "/" +
           std::to_string(counts_.unchanged) + "/" + std::to_string(counts_.refused) + ", " +
           std::to_string(counts_.warnings);
  }
  void add_company(const char* name) {
    ASSERT_TRUE(
        run(R"({"steps": [{"collection": "companies", "key": "externalId",
                        "fields": {"externalId": "id", "name": "name"}}]})",
            {file("one.csv", "id,name\n" + std::to_string(++companies_) + "," + name + "\n")})
            .ok());
    ASSERT_EQ(counts_.inserted, 1U);
  }
  std::vector<model::Record> rows(model::CollectionId collection, model::FieldId field,
                                  const model::Value& value) {
    query::Query query;
    query.collection = collection;
    query.where = query::compare(field, query::Op::eq, value);
    return reader_->find(query).value().rows;
  }
  model::Record deal(const char* key) {
    const auto found = rows(domain::kDealsId, Deal::external_id, key);
    return found.size() == 1 ? found.front() : model::Record();
  }
  model::Version version() { return writer_->storage().version(); }

  std::unique_ptr<mutation::Domain> domain_;
  std::filesystem::path folder_;
  std::unique_ptr<LocalWriter> writer_;
  std::unique_ptr<import::DatabaseReader> reader_;
  std::ostringstream lines_;
  std::string summary_;
  import::Counts counts_;
  std::uint64_t seed_ = 0;
  int companies_ = 0;
};

TEST_F(Import, TakesRows) {
  add_company("\"Acme, Inc.\"");
  ASSERT_EQ(deals("A1,GTX,\"Acme, Inc.\",Won,3/1/2017,1054.50\n"), "1/0/0/0, 0");
  const model::Record made = deal("A1");
  ASSERT_TRUE(made);
  EXPECT_EQ(made.text(Deal::name), "GTX – Acme, Inc.");
  EXPECT_EQ(made.get(Deal::opened_on), model::Value(*base::make_date(2017, 3, 1)));
  EXPECT_EQ(made.integer(Deal::value), 105'450);
  EXPECT_EQ(made.text(Deal::currency), "EUR");
  EXPECT_EQ(made.integer(Deal::probability), 100);
  EXPECT_EQ(rows(domain::kCompaniesId, model::kIdField, made.get(Deal::company_id))
                .front()
                .text(Company::name),
            "Acme, Inc.");
}

TEST_F(Import, AgainChangesNothing) {
  add_company("Acme");
  const std::string file_rows =
      "A1,GTXPro,Acme,Won,3/1/2017,1054\nA2,MG,,Talking,,\nA3,MG,Acme,Lost,NULL,0\n";
  EXPECT_EQ(deals(file_rows), "3/0/0/0, 4");
  const model::Version before = version();
  EXPECT_EQ(deals(file_rows), "0/0/3/0, 4");
  EXPECT_EQ(version(), before);
}

TEST_F(Import, WritesOnlyWhatDiffers) {
  EXPECT_EQ(deals("A1,GTX,,Won,3/1/2017,10\nA2,GTX,,Won,3/1/2017,20\n"), "2/0/0/0, 2");
  const model::Record untouched = deal("A2");
  EXPECT_EQ(deals("A1,GTX,,Won,3/1/2017,11\nA2,GTX,,Won,3/1/2017,20\nA3,GTX,,Won,3/1/2017,30\n"),
            "1/1/1/0, 3");
  EXPECT_EQ(deal("A1").integer(Deal::value), 1'100);
  EXPECT_EQ(deal("A2"), untouched);
  EXPECT_EQ(deals("A1,GTX,,Won,3/1/2017,\n"), "0/1/0/0, 1");
  EXPECT_FALSE(deal("A1").has(Deal::value));
}

TEST_F(Import, ReportsWhatItCorrected) {
  EXPECT_EQ(deals("A1,GTXPro,,Won,3/1/2017,1\n"), "1/0/0/0, 2");
  EXPECT_EQ(deal("A1").text(Deal::product), "GTX Pro");
  EXPECT_THAT(summary_, HasSubstr("product: \"GTXPro\" was taken as \"GTX Pro\""));
  EXPECT_THAT(lines_.str(), HasSubstr(R"("line":2,"key":"A1","outcome":"inserted")"));
}

TEST_F(Import, EmptyAndInvalidValuesBecomeNullWithAWarning) {
  EXPECT_EQ(deals("A1,GTX,Nobody,Won,31/31/2017,1\nA2,GTX,,Discovery,,1\n"), "2/0/0/0, 4");
  EXPECT_FALSE(deal("A1").has(Deal::company_id));
  EXPECT_FALSE(deal("A1").has(Deal::opened_on));
  EXPECT_FALSE(deal("A2").has(Deal::opened_on));
  EXPECT_THAT(summary_,
              HasSubstr("companyId: There are no companies whose name is \"Nobody\"; left empty."));
  EXPECT_THAT(summary_, HasSubstr("openedOn: \"31/31/2017\" does not fit"));
}

TEST_F(Import, RefusesRowsOneByOne) {
  EXPECT_EQ(deals("A1,GTX,,Won,3/1/2017\nA2,GTX,,Won,3/1/2017,1,2\nA3,GTX,,Won,3/1/"
                  "2017,cheap\n,GTX,,Won,3/1/2017,1\n"
                  "A5,,,Won,3/1/2017,1\nA6,\xff,,Won,3/1/2017,1\nA7,GTX,,Won,3/1/2017,1\n"),
            "1/0/0/6, 5");
  EXPECT_TRUE(deal("A7"));
  EXPECT_FALSE(deal("A5"));
  EXPECT_THAT(summary_, HasSubstr("line 2: The row has 5 cells where the header has 6."));
  EXPECT_THAT(summary_, HasSubstr("line 3: The row has 7 cells where the header has 6."));
  EXPECT_THAT(summary_, HasSubstr("line 4 (A3): \"cheap\" does not fit"));
  EXPECT_THAT(summary_, HasSubstr("line 5: The row has no key."));
  EXPECT_THAT(summary_, HasSubstr("line 6 (A5)"));
  EXPECT_THAT(summary_, HasSubstr("line 7 (A6)"));
}

TEST_F(Import, LookupsCreateWhatIsMissingOnce) {
  EXPECT_EQ(deals("A1,GTX,,Talking,3/1/2017,1\nA2,GTX,,Talking,3/1/2017,1\n"), "2/0/0/0, 2");
  EXPECT_EQ(counts_.created, 1U);
  const auto stages = rows(domain::kDealStagesId, DealStage::name, "Talking");
  ASSERT_EQ(stages.size(), 1U);
  EXPECT_EQ(stages.front().integer(DealStage::probability), 40);
  EXPECT_EQ(deal("A2").reference(Deal::stage_id), stages.front().id());
}

TEST_F(Import, AnAmbiguousNameFindsNobody) {
  add_company("Acme");
  add_company("Acme");
  EXPECT_EQ(deals("A1,GTX,Acme,Won,3/1/2017,1\n"), "1/0/0/0, 1");
  EXPECT_THAT(summary_, HasSubstr("There are several companies whose name is \"Acme\""));
  EXPECT_FALSE(deal("A1").has(Deal::company_id));
}

TEST_F(Import, ARowMayComeTwiceInOneFile) {
  EXPECT_EQ(deals("A1,GTX,,Won,3/1/2017,1\nA1,GTX,,Won,3/1/2017,1\nA1,GTX,,Won,3/1/2017,2\n"),
            "1/1/1/0, 3");
  EXPECT_EQ(deal("A1").integer(Deal::value), 200);
}

TEST_F(Import, ADryRunSaysTheSameAndWritesNothing) {
  add_company("Acme");
  const std::string file_rows =
      "A1,GTXPro,Acme,Talking,3/1/2017,1\nA2,,,Won,3/1/"
      "2017,1\nA3,MG,Acme,Talking,,x\nA1,GTX,Acme,Won,3/1/2017,1\n";
  const model::Version before = version();
  const std::string foretold = deals(file_rows, true);
  const std::string foretold_lines = summary_;
  EXPECT_EQ(foretold, "1/1/0/2, 3");
  EXPECT_EQ(version(), before);
  EXPECT_FALSE(deal("A1"));
  EXPECT_TRUE(rows(domain::kDealStagesId, DealStage::name, "Talking").empty());
  EXPECT_EQ(deals(file_rows), foretold);
  EXPECT_EQ(summary_, foretold_lines);
}

TEST_F(Import, DistinctStepsTakeTheFirstRowOfEachKeyAndKeepWhatIsThere) {
  const std::string mapping =
      R"({"steps": [{"collection": "deal_stages", "key": "name", "distinct": true, "fields": {
    "name": "stage", "kind": {"column": "stage", "values": {"Talking": "open", "Won": "won"}, "keep": true},
    "probability": {"column": "percent", "keep": true}}}]})";
  ASSERT_TRUE(
      run(mapping, {file("s.csv", "stage,percent\nTalking,5\nWon,90\nTalking,6\nWho,1\n")}).ok());
  EXPECT_EQ(counts_.inserted, 1U);
  EXPECT_EQ(counts_.unchanged, 1U);
  EXPECT_EQ(counts_.refused, 1U);  // "Who" is none of the known values
  EXPECT_EQ(rows(domain::kDealStagesId, DealStage::name, "Talking")
                .front()
                .integer(DealStage::probability),
            5);
  EXPECT_EQ(
      rows(domain::kDealStagesId, DealStage::name, "Won").front().integer(DealStage::probability),
      100);
}

TEST_F(Import, EndsWhereTheMappingSaysSo) {
  const std::string mapping = R"({"steps": [{"collection": "companies", "key": "name", "fields": {
    "name": "name", "employees": {"column": "size", "onMisfit": "fail"}}}]})";
  const auto status = run(mapping, {file("c.csv", "name,size\nA,1\nB,many\n")});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr("line 3, employees"));
}

TEST_F(Import, NamesFilesThatDoNotFitTheMapping) {
  EXPECT_THAT(run(kDeals, {file("other.csv", "a\n")}).error().message, HasSubstr("no step"));
  EXPECT_THAT(run(kDeals, {file("deals.csv", "id,product\n")}).error().message,
              HasSubstr("no column account, opened, stage, value"));
  EXPECT_THAT(run(kDeals, {(folder_ / "deals" / "deals.csv").string()}).error().message,
              HasSubstr("Cannot read"));
}

TEST_F(Import, ManyRowsAreWrittenInBlocks) {
  std::string file_rows;
  for (int i = 0; i < 1'050; ++i) file_rows += "K" + std::to_string(i) + ",GTX,,Won,3/1/2017,1\n";
  EXPECT_EQ(deals(file_rows), "1050/0/0/0, 1050");
  EXPECT_THAT(summary_, HasSubstr("1,050 inserted"));
  EXPECT_EQ(deals(file_rows), "0/0/1050/0, 1050");
  EXPECT_EQ(rows(domain::kDealsId, Deal::product, "GTX").size(), 1'050U);
}

}  // namespace
}  // namespace syncline::tests
