// Rule: every value that a field can hold comes back from JSON as it went.
#include "server/api/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "server/api/preconditions.hpp"

namespace syncline::tests {
namespace {

using model::Value;
using server::api::ParsedJson;

TEST(Json, ValuesRoundTrip) {
  const std::string_view options[] = {"one", "two"};
  const std::vector<std::pair<model::FieldSpec, Value>> cases = {
      {model::boolean(8, "f"), true},
      {model::integer(8, "f"), std::int64_t{-9007199254740993}},
      {model::money(8, "f"), model::Decimal{-1, 2}},
      {model::decimal(8, "f", 6), model::Decimal{1, 6}},
      {model::text(8, "f"), "\"\\\n\t\xf0\x9f\x98\x80"},
      {model::enumeration(8, "f", options), 1},
      {model::text_set(8, "f"), model::make_text_set({"b", "a,c"})},
      {model::reference(8, "f", 1), *base::parse_id("01939f3e-0000-7000-8000-000000000001")},
      {model::timestamp(8, "f"), base::Timestamp{1'795'000'000'123}},
      {model::date(8, "f"), *base::make_date(2026, 11, 21)},
      {model::text(8, "f"), Value()},
  };
  for (const auto& [field, value] : cases) {
    const std::string text = server::api::dump(server::api::value_to_json(field, value));
    const auto parsed = server::api::parse_json(text);
    ASSERT_TRUE(parsed.ok()) << text;
    const auto back = server::api::value_from_json(field, *parsed);
    ASSERT_TRUE(back.ok()) << text << ": " << back.error().message;
    EXPECT_TRUE(*back == value) << text;
  }
}

TEST(Json, NumbersOfDecimalsAreTakenDigitByDigit) {
  const auto field = model::money(8, "f");
  for (const auto& [text, mantissa] : {std::pair<const char*, std::int64_t>{"0.1", 10},
                                       {"395000.1", 39500010},
                                       {"7", 700},
                                       {"\"1.10\"", 110}}) {
    const auto value = server::api::value_from_json(field, ParsedJson::parse(text));
    ASSERT_TRUE(value.ok()) << text;
    EXPECT_EQ(value->decimal().mantissa, mantissa) << text;
  }
  EXPECT_FALSE(server::api::value_from_json(field, ParsedJson::parse("0.123")).ok())
      << "never rounded silently";
}

TEST(Json, ANameGivenTwiceIsNoGuess) {
  using server::api::parse_json;
  for (const char* text :
       {R"({"a":1,"a":2})", R"([{"b":{"a":1,"c":[],"a":1}}])", R"({"":1,"":1})"}) {
    const auto parsed = parse_json(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, base::Code::malformed) << text;
  }
  for (const char* text : {R"({"a":{"a":1},"b":{"a":1}})", R"([{"a":1},{"a":1}])", R"(["a","a"])"})
    EXPECT_TRUE(parse_json(text).ok()) << text;
}

TEST(Preconditions, OneVersionOrAny) {
  using server::api::parse_precondition;
  EXPECT_EQ(parse_precondition("\"17\"", "If-Match")->version, 17u);
  EXPECT_EQ(parse_precondition("W/\"17\"", "If-Match")->version, 17u);
  EXPECT_EQ(parse_precondition("17", "If-Match")->version, 17u);
  EXPECT_TRUE(parse_precondition("*", "If-Match")->any);
  EXPECT_FALSE(parse_precondition("", "If-Match")->version.has_value());
  for (const char* bad : {"\"\"", "\"17", "\"1\", \"2\"", "-1", "abc", "99999999999999999999"}) {
    EXPECT_FALSE(parse_precondition(bad, "If-Match").ok()) << bad;
  }
}

}  // namespace
}  // namespace syncline::tests
