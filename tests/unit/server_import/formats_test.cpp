// What `syncline import` reads: CSV, composed text, dates and numbers as other programs write them.
#include "server/app/import/formats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/crm/companies.hpp"
#include "server/app/import/csv_file.hpp"
#include "server/app/import/text_template.hpp"

namespace syncline::tests {
namespace {

using namespace server::app::import;
using base::Code;
using testing::ElementsAre;
using testing::HasSubstr;

CsvTable csv(std::string_view text, char delimiter = ',') {
  auto table = parse_csv(text, delimiter);
  SYNC_CHECK(table.ok(), "the CSV is good");
  return std::move(table).value();
}

TEST(Csv, TakesQuotesLineEndsAndTheByteOrderMark) {
  const CsvTable table =
      csv("\xef\xbb\xbfname,\"city\"\r\n\"Smith, \"\"Joe\"\"\",Köln\r\nAnna,\r\n");
  EXPECT_THAT(table.header, ElementsAre("name", "city"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_THAT(table.rows[0].cells, ElementsAre("Smith, \"Joe\"", "Köln"));
  EXPECT_THAT(table.rows[1].cells, ElementsAre("Anna", ""));
}

TEST(Csv, NamesTheLineWhereARowBegins) {
  const CsvTable table = csv("a,b\n1,\"two\nlines\"\n\n3,\"x\n\ny\"\n5,6");
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0].line, 2U);
  EXPECT_EQ(table.rows[0].cells[1], "two\nlines");
  EXPECT_EQ(table.rows[1].line, 5U);
  EXPECT_EQ(table.rows[1].cells[1], "x\n\ny");
  EXPECT_EQ(table.rows[2].line, 8U);
}

TEST(Csv, TakesOtherDelimitersAndOldLineEnds) {
  const CsvTable table = csv("a;b\r1,5;2\r", ';');
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_THAT(table.rows[0].cells, ElementsAre("1,5", "2"));
  EXPECT_EQ(table.rows[0].line, 2U);
}

TEST(Csv, LeavesWrongNumbersOfCellsToTheReader) {
  const CsvTable table = csv("a,b\n1\n1,2,3\n");
  EXPECT_EQ(table.rows[0].cells.size(), 1U);
  EXPECT_EQ(table.rows[1].cells.size(), 3U);
}

TEST(Csv, RefusesWhatIsNone) {
  const auto open = parse_csv("a,b\n1,2\n\"3,4\n5,6\n", ',');
  ASSERT_FALSE(open.ok());
  EXPECT_THAT(open.error().message, HasSubstr("line 3"));
  const auto stray = parse_csv("a,b\n1,6\" pipe\n", ',');
  ASSERT_FALSE(stray.ok());
  EXPECT_THAT(stray.error().message, HasSubstr("line 2"));
  EXPECT_EQ(parse_csv("", ',').error().code, Code::malformed);
  EXPECT_EQ(parse_csv("\n\n", ',').error().code, Code::malformed);
  EXPECT_THAT(parse_csv("a,b,a\n", ',').error().message, HasSubstr("named a"));
  EXPECT_EQ(read_csv("/nowhere/at-all.csv", ',').error().code, Code::not_found);
}

std::string compose(std::string_view pattern, const std::string& a, const std::string& b) {
  const auto parsed = TextTemplate::parse(pattern);
  SYNC_CHECK(parsed.ok(), "the template is good");
  return parsed->render(
      [&](const std::string& column) -> std::string_view { return column == "a" ? a : b; });
}

TEST(TextTemplate, ComposesColumns) {
  EXPECT_EQ(compose("{a} – {b}", "GTX", "Acme"), "GTX – Acme");
  EXPECT_EQ(compose("{a}[ – {b}]", "GTX", "Acme"), "GTX – Acme");
  EXPECT_EQ(compose("{a}[ – {b}]", "GTX", ""), "GTX");
  EXPECT_EQ(compose("{a|slug}@x.example", "Mei-Mei  Müller!", ""), "mei-mei-muller@x.example");
  EXPECT_EQ(compose("{a}@x.example", "", ""), "");
  EXPECT_EQ(compose("always", "", ""), "always");
}

TEST(TextTemplate, RefusesWhatDoesNotMatch) {
  for (const char* broken : {"{a", "a}", "{}", "{a|upper}", "[a", "a]", "[a[b]]", "{|slug}"}) {
    EXPECT_FALSE(TextTemplate::parse(broken).ok()) << broken;
  }
}

std::string iso(std::string_view pattern, std::string_view text) {
  return DatePattern::parse(pattern).value().to_iso(text, model::FieldType::date).value_or("none");
}

TEST(DatePattern, ReadsDates) {
  EXPECT_EQ(iso("M/D/YYYY", "3/1/2017"), "2017-03-01");
  EXPECT_EQ(iso("M/D/YYYY", "12/31/2017"), "2017-12-31");
  EXPECT_EQ(iso("DD.MM.YYYY", "01.02.2020"), "2020-02-01");
  EXPECT_EQ(DatePattern::parse("YYYYMMDD")
                .value()
                .to_iso("20200229", model::FieldType::timestamp)
                .value_or(""),
            "2020-02-29T00:00:00.000Z");
  for (const char* wrong :
       {"13/1/2017", "2/29/2017", "3/1/17", "3/1/2017 ", "3-1-2017", "", "3/1", "x"}) {
    EXPECT_EQ(iso("M/D/YYYY", wrong), "none") << wrong;
  }
  EXPECT_EQ(iso("DD.MM.YYYY", "1.2.2020"), "none");
  for (const char* wrong : {"", "M/D", "M/D/YY", "M/M/D/YYYY", "MMM/D/YYYY"}) {
    EXPECT_FALSE(DatePattern::parse(wrong).ok()) << wrong;
  }
}

TEST(NumberFormat, ReadsNumbersExactly) {
  using domain::crm::Company;
  const auto& field = domain::crm::kCompanyFields[Company::annual_revenue - model::kFirstOwnField];
  ASSERT_EQ(field.name, "annualRevenue");
  NumberFormat german;
  german.decimal_point = ',';
  german.group = ".";
  EXPECT_EQ(to_plain_number("1.234,50", german, field), "1234.50");
  EXPECT_EQ(to_plain_number("-12.345.678,9", german, field), "-12345678.9");
  EXPECT_EQ(to_plain_number("1234,5", german, field), "1234.5");
  for (const char* wrong : {"12.5.3", "1.23", "1.2345", "1234.567", ".123", "1.234.", "1..234",
                            "1,234.567", "1,2,3", "1.234,5.6"}) {
    EXPECT_EQ(to_plain_number(wrong, german, field), std::nullopt) << wrong;
  }
  NumberFormat swiss;
  swiss.decimal_point = ',';
  EXPECT_EQ(to_plain_number("1.234", swiss, field), std::nullopt);
  NumberFormat millions;
  millions.times = 1'000'000;
  EXPECT_EQ(to_plain_number("1100.04", millions, field), "1100040000.00");
  EXPECT_EQ(to_plain_number("much", millions, field), std::nullopt);
  EXPECT_EQ(to_plain_number("99999999999999", millions, field), std::nullopt);
}

}  // namespace
}  // namespace syncline::tests
