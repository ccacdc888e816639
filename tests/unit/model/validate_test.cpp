#include "syncline/model/validate.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "sample.hpp"

namespace syncline::model {
namespace {

using base::Code;
using sample::thing_field;

constexpr std::int64_t kSafe = (std::int64_t{1} << 53) - 1;

void accepts(std::string_view field, const Value& value, const Value& expected) {
  const auto result = validate_value(thing_field(field), value);
  ASSERT_TRUE(result.ok()) << field << ": " << result.error().message;
  EXPECT_EQ(*result, expected) << field;
}

void refuses(std::string_view field, const Value& value, Code code) {
  const auto result = validate_value(thing_field(field), value);
  ASSERT_FALSE(result.ok()) << field;
  EXPECT_EQ(result.error().code, code) << field << ": " << result.error().message;
  ASSERT_EQ(result.error().fields.size(), 1u);
  EXPECT_EQ(result.error().fields[0].field, field);
  EXPECT_EQ(result.error().fields[0].code, code);
  EXPECT_FALSE(result.error().message.empty());
}

TEST(ValidateValue, NullFitsEveryField) {
  for (const Field& field : sample::things().fields())
    EXPECT_TRUE(validate_value(field.spec, {})->is_null());
}

TEST(ValidateValue, EveryFieldRefusesEveryOtherKind) {
  const Value kOfEachKind[] = {
      true,          1,           Decimal{1, 0}, "text", sample::id(1), base::Timestamp{1},
      base::Date{1}, TextSet{"a"}};
  for (const Field& field : sample::things().fields()) {
    if (field.spec.id < kFirstOwnField) continue;
    int accepted = 0;
    for (const Value& value : kOfEachKind) {
      const auto result = validate_value(field.spec, value);
      accepted += result.ok() || result.error().code != Code::wrong_type;
    }
    EXPECT_EQ(accepted, field.spec.type == FieldType::decimal ? 2 : 1) << field.spec.name;
  }
}

TEST(ValidateValue, Text) {
  accepts("name", " Acme \u00a0", "Acme");
  accepts("name", "", {});
  accepts("name", "  \t ", {});
  std::string long_name;
  for (std::uint32_t i = 0; i < kTextLengthMax; ++i) long_name += "é";
  accepts("name", long_name, long_name);
  refuses("name", long_name + "é", Code::out_of_range);
  refuses("name", "two\nlines", Code::invalid);
  refuses("name", std::string("nul\0l", 5), Code::invalid);
  refuses("name", "\xff", Code::invalid);
  refuses("email", "nobody", Code::invalid);
  accepts("email", " a@b.cd ", "a@b.cd");
}

TEST(ValidateValue, LongTextKeepsItsWhiteSpace) {
  accepts("notes", "  two\n\tlines\r\n", "  two\n\tlines\r\n");
  accepts("notes", "", {});
  refuses("notes", std::string("nul\0l", 5), Code::invalid);
  refuses("notes", "\x1b[31m", Code::invalid);
  refuses("notes", std::string(kLongTextLengthMax + 1, 'x'), Code::out_of_range);
}

TEST(ValidateValue, Numbers) {
  accepts("count", -10, -10);
  accepts("count", 1000, 1000);
  refuses("count", -11, Code::out_of_range);
  refuses("count", 1001, Code::out_of_range);
  const FieldSpec any = integer(8, "any");
  EXPECT_TRUE(validate_value(any, kSafe).ok());
  EXPECT_TRUE(validate_value(any, -kSafe).ok());
  EXPECT_EQ(validate_value(any, kSafe + 1).error().code, Code::out_of_range);
  EXPECT_EQ(validate_value(any, std::numeric_limits<std::int64_t>::min()).error().code,
            Code::out_of_range);
}

TEST(ValidateValue, Decimals) {
  accepts("price", Decimal{5, 0}, Decimal{500, 2});
  accepts("price", 5, Decimal{500, 2});
  accepts("price", Decimal{12300, 4}, Decimal{123, 2});
  refuses("price", Decimal{12345, 4}, Code::invalid);  // never rounded silently
  refuses("price", Decimal{1, 200}, Code::invalid);
  refuses("price", Decimal{kSafe + 1, 2}, Code::out_of_range);
  refuses("price", std::numeric_limits<std::int64_t>::max(), Code::overflow);
  const FieldSpec positive = money(8, "positive").at_least(100);
  EXPECT_EQ(validate_value(positive, Decimal{99, 2}).error().message, "Enter at least 1.00.");
}

TEST(ValidateValue, OptionsAndSets) {
  accepts("state", 2, 2);
  refuses("state", 3, Code::out_of_range);
  refuses("state", -1, Code::out_of_range);
  accepts("tags", TextSet{" b ", "", "a", "b"}, TextSet{"a", "b"});
  accepts("tags", TextSet{}, {});
  accepts("tags", TextSet{" "}, {});
  refuses("tags", TextSet{"a,b"}, Code::invalid);
  refuses("tags", TextSet{"\xff"}, Code::invalid);
  refuses("tags", TextSet{"a\nb"}, Code::invalid);
  refuses("tags", TextSet{std::string(kTextLengthMax + 1, 'x')}, Code::out_of_range);
  accepts("kinds", TextSet{"carrier"}, TextSet{"carrier"});
  refuses("kinds", TextSet{"carrier", "friend"}, Code::out_of_range);
  std::vector<std::string> many;
  for (std::uint32_t i = 0; i <= kSetItemsMax; ++i) many.push_back("t" + std::to_string(i));
  refuses("tags", make_text_set(many), Code::out_of_range);
  many.pop_back();
  accepts("tags", make_text_set(many), make_text_set(many));
}

TEST(ValidateValue, ReferencesAndTimes) {
  accepts("ownerId", sample::id(1), sample::id(1));
  accepts("ownerId", base::Id{}, {});
  const base::Date first = *base::make_date(1, 1, 1);
  const base::Date last = *base::make_date(9999, 12, 31);
  accepts("on", first, first);
  accepts("on", last, last);
  refuses("on", base::Date{first.days - 1}, Code::out_of_range);
  refuses("on", base::Date{last.days + 1}, Code::out_of_range);
  const base::Timestamp end = base::start_of({last.days + 1});
  accepts("at", base::Timestamp{end.ms - 1}, base::Timestamp{end.ms - 1});
  refuses("at", end, Code::out_of_range);
  accepts("at", base::start_of(first), base::start_of(first));
  refuses("at", base::Timestamp{base::start_of(first).ms - 1}, Code::out_of_range);
  refuses("at", base::Timestamp{std::numeric_limits<std::int64_t>::max()}, Code::out_of_range);
  refuses("at", base::Timestamp{std::numeric_limits<std::int64_t>::min()}, Code::out_of_range);
}

TEST(ValidateValue, ValidatingTwiceChangesNothing) {
  base::Random random(1);
  for (int i = 0; i < 3000; ++i) {
    for (const Field& field : sample::things().fields()) {
      const auto once = validate_value(field.spec, sample::random_value(random, field.spec));
      if (!once.ok()) continue;
      const auto twice = validate_value(field.spec, *once);
      ASSERT_TRUE(twice.ok());
      ASSERT_EQ(*twice, *once);
    }
  }
}

TEST(ValidateRecord, NamesEveryMissingField) {
  static constexpr FieldSpec kFields[] = {text(8, "name").require(), integer(9, "size").require(),
                                          text(10, "city"), long_text(11, "body").require()};
  const Schema schema({CollectionSpec{5, "m", "rows", "row", "Row", "/api/rows", 8, kFields}});
  const auto& collection = schema.collection(5);
  const base::Status status =
      validate_record(RecordBuilder(collection, sample::id(1)).set(8, "").set(11, "x").build());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::invalid);
  ASSERT_EQ(status.error().fields.size(), 2u);
  EXPECT_EQ(status.error().fields[0].field, "name");
  EXPECT_EQ(status.error().fields[0].code, Code::required);
  EXPECT_EQ(status.error().fields[1].field, "size");
  EXPECT_TRUE(
      validate_record(
          RecordBuilder(collection, sample::id(1)).set(8, "a").set(9, 0).set(11, "x").build())
          .ok());
}

struct Reading {
  const char* field;
  const char* text;
  Value value;
};

TEST(ParseValue, ReadsWhatRestWrites) {
  const auto date = *base::make_date(2026, 11, 21);
  for (const Reading& r :
       {Reading{"name", " Acme ", "Acme"}, Reading{"name", "", {}}, Reading{"notes", " a ", " a "},
        Reading{"active", "true", true}, Reading{"active", " false ", false},
        Reading{"count", "-7", -7}, Reading{"price", "395000.00", Decimal{39500000, 2}},
        Reading{"price", "5", Decimal{500, 2}}, Reading{"state", "done", 2},
        Reading{"tags", "b, a ,,b", TextSet{"a", "b"}}, Reading{"tags", " , ", {}},
        Reading{"kinds", "supplier", TextSet{"supplier"}},
        Reading{"ownerId", "00000000-0000-0000-0000-000000000009", sample::id(9)},
        Reading{"on", "2026-11-21", date},
        Reading{"at", "2026-11-21T01:00:00+01:00", base::start_of(date)}, Reading{"at", " ", {}}}) {
    const auto parsed = parse_value(thing_field(r.field), r.text);
    ASSERT_TRUE(parsed.ok()) << r.field << " " << r.text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, r.value) << r.field << " " << r.text;
  }
}

struct Refusal {
  const char* field;
  const char* text;
  Code code;
};

TEST(ParseValue, RefusesTheRestByField) {
  for (const Refusal& r :
       {Refusal{"active", "1", Code::wrong_type}, Refusal{"active", "TRUE", Code::wrong_type},
        Refusal{"count", "7.0", Code::wrong_type}, Refusal{"count", "+7", Code::wrong_type},
        Refusal{"count", "99999999999999999999", Code::out_of_range},
        Refusal{"count", "1001", Code::out_of_range}, Refusal{"price", "1.234", Code::invalid},
        Refusal{"price", "many", Code::invalid},
        Refusal{"price", "92233720368547758080", Code::overflow},
        Refusal{"state", "Done", Code::out_of_range}, Refusal{"state", "1", Code::out_of_range},
        Refusal{"kinds", "friend", Code::out_of_range}, Refusal{"ownerId", "9", Code::wrong_type},
        Refusal{"on", "21.11.2026", Code::wrong_type},
        Refusal{"on", "2026-02-30", Code::wrong_type},
        Refusal{"at", "2026-11-21", Code::wrong_type}}) {
    const auto parsed = parse_value(thing_field(r.field), r.text);
    ASSERT_FALSE(parsed.ok()) << r.field << " " << r.text;
    EXPECT_EQ(parsed.error().code, r.code) << r.field << " " << r.text;
    ASSERT_EQ(parsed.error().fields.size(), 1u);
    EXPECT_EQ(parsed.error().fields[0].field, r.field);
  }
  EXPECT_EQ(parse_value(thing_field("state"), "x").error().message,
            "Choose one of new, open, done.");
}

TEST(FormatValue, IsTheInverseOfParsing) {
  base::Random random(2);
  int seen = 0;
  for (int i = 0; i < 3000; ++i) {
    for (const Field& field : sample::things().fields()) {
      const auto valid = validate_value(field.spec, sample::random_value(random, field.spec));
      if (!valid.ok()) continue;
      ++seen;
      const std::string text = format_value(field.spec, *valid);
      ASSERT_EQ(text.empty(), valid->is_null()) << field.spec.name;
      const auto parsed = parse_value(field.spec, text);
      ASSERT_TRUE(parsed.ok()) << field.spec.name << ": " << text;
      ASSERT_EQ(*parsed, *valid) << field.spec.name << ": " << text;
    }
  }
  EXPECT_GT(seen, 20'000);
  EXPECT_EQ(format_value(thing_field("state"), 1), "open");
  EXPECT_EQ(format_value(thing_field("tags"), TextSet{"a", "b"}), "a,b");
}

base::Result<Value> write(std::string_view field, const Value& before, WriteKind kind,
                          Value value) {
  const FieldSpec& spec = thing_field(field);
  return apply_write(spec, before, {spec.id, kind, std::move(value)});
}

TEST(ApplyWrite, AssignReplacesAndNormalises) {
  EXPECT_EQ(*write("name", "old", WriteKind::assign, " new "), Value("new"));
  EXPECT_EQ(*write("name", "old", WriteKind::assign, {}), Value());
  EXPECT_EQ(write("count", 1, WriteKind::assign, 5000).error().code, Code::out_of_range);
}

TEST(ApplyWrite, IncrementAdds) {
  EXPECT_EQ(*write("count", 5, WriteKind::increment, -7), Value(-2));
  EXPECT_EQ(*write("count", {}, WriteKind::increment, 3), Value(3));
  EXPECT_EQ(*write("price", Decimal{150, 2}, WriteKind::increment, Decimal{5, 1}),
            Value(Decimal{200, 2}));
  EXPECT_EQ(*write("price", {}, WriteKind::increment, Decimal{-5, 0}), Value(Decimal{-500, 2}));
  // A delta may be larger than the field's range; the sum may not leave it.
  EXPECT_EQ(*write("count", 1000, WriteKind::increment, -1010), Value(-10));
  EXPECT_EQ(*write("count", -10, WriteKind::increment, 1010), Value(1000));
  EXPECT_EQ(write("count", 1000, WriteKind::increment, 1).error().code, Code::out_of_range);
  EXPECT_EQ(write("count", 1, WriteKind::increment, {}).error().code, Code::wrong_type);
  EXPECT_EQ(write("count", 1, WriteKind::increment, "1").error().code, Code::wrong_type);
  EXPECT_EQ(write("name", "a", WriteKind::increment, 1).error().code, Code::wrong_type);
  const FieldSpec any = integer(8, "any");
  EXPECT_EQ(apply_write(any, kSafe, {8, WriteKind::increment, Value(kSafe)}).error().code,
            Code::out_of_range);
}

TEST(ApplyWrite, IncludeAndExcludeChangeASet) {
  const Value before = TextSet{"a", "b"};
  EXPECT_EQ(*write("tags", before, WriteKind::include, TextSet{" c ", "a"}),
            Value(TextSet{"a", "b", "c"}));
  EXPECT_EQ(*write("tags", {}, WriteKind::include, TextSet{"a"}), Value(TextSet{"a"}));
  EXPECT_EQ(*write("tags", before, WriteKind::include, {}), before);
  EXPECT_EQ(*write("tags", before, WriteKind::exclude, TextSet{" b", "x"}), Value(TextSet{"a"}));
  EXPECT_EQ(*write("tags", before, WriteKind::exclude, before), Value());
  EXPECT_EQ(*write("tags", {}, WriteKind::exclude, before), Value());
  EXPECT_EQ(write("kinds", {}, WriteKind::include, TextSet{"friend"}).error().code,
            Code::out_of_range);
  EXPECT_EQ(write("name", "a", WriteKind::include, TextSet{"b"}).error().code, Code::wrong_type);
  EXPECT_EQ(write("tags", before, WriteKind::exclude, "a").error().code, Code::wrong_type);
  EXPECT_EQ(write("tags", before, static_cast<WriteKind>(200), TextSet{"a"}).error().code,
            Code::invalid);
}

}  // namespace
}  // namespace syncline::model
