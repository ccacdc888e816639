#include "syncline/query/predicate.hpp"

#include <gtest/gtest.h>

#include "tests/support/describe.hpp"
#include "tests/support/random_world.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using query::Op;
using query::Predicate;
using query::Truth;

const model::Record& sample() {
  static const model::Record row = make_item(5,
                                             {{kTitle, "Äb"},
                                              {kScore, 7},
                                              {kPrice, model::Decimal{1050, 2}},
                                              {kActive, true},
                                              {kStatus, 1},
                                              {kColors, model::make_text_set({"blue", "red"})},
                                              {kSeenAt, base::Timestamp{1000}},
                                              {kDueOn, base::Date{20000}},
                                              {kGroup, test_id(9)}},
                                             3);
  return row;
}

struct Case {
  Predicate predicate;
  Truth expected;
};

// Every operator on every type it takes, by hand.
TEST(Evaluate, ComparesEveryType) {
  const Case cases[] = {
      {query::compare(kTitle, Op::eq, "Äb"), Truth::yes},
      {query::compare(kTitle, Op::eq, "ab"), Truth::no},   // equality is by bytes
      {query::compare(kTitle, Op::gt, "ab"), Truth::yes},  // folded they tie, bytes decide
      {query::compare(kTitle, Op::lt, "ac"), Truth::yes},
      {query::compare(kTitle, Op::like, "a%"), Truth::yes},
      {query::compare(kTitle, Op::like, "b%"), Truth::no},
      {query::compare(kScore, Op::eq, 7), Truth::yes},
      {query::compare(kScore, Op::lt, 7), Truth::no},
      {query::compare(kScore, Op::lte, 7), Truth::yes},
      {query::compare(kScore, Op::gte, 8), Truth::no},
      {query::compare(kPrice, Op::eq, model::Decimal{1050, 2}), Truth::yes},
      {query::compare(kPrice, Op::gt, model::Decimal{1049, 2}), Truth::yes},
      {query::compare(kPrice, Op::ne, model::Decimal{1050, 2}), Truth::no},
      {query::compare(kActive, Op::eq, true), Truth::yes},
      {query::compare(kActive, Op::lt, true), Truth::no},
      {query::compare(kStatus, Op::eq, 1), Truth::yes},
      {query::compare(kStatus, Op::lt, 2), Truth::yes},
      {query::compare(kColors, Op::contains, "red"), Truth::yes},
      {query::compare(kColors, Op::contains, "green"), Truth::no},
      {query::compare(kColors, Op::eq, model::make_text_set({"red", "blue"})), Truth::yes},
      {query::compare(kSeenAt, Op::eq, base::Timestamp{1000}), Truth::yes},
      {query::compare(kSeenAt, Op::lt, base::Timestamp{999}), Truth::no},
      {query::compare(kDueOn, Op::eq, base::Date{20000}), Truth::yes},
      {query::compare(kDueOn, Op::gte, base::Date{20001}), Truth::no},
      {query::compare(kGroup, Op::eq, test_id(9)), Truth::yes},
      {query::compare(kGroup, Op::ne, test_id(9)), Truth::no},
      {query::compare(model::kIdField, Op::eq, test_id(5)), Truth::yes},
      {query::compare(model::kIdField, Op::lt, test_id(5)), Truth::no},
      {query::compare(model::kVersionField, Op::gte, 3), Truth::yes},
      {query::in(kScore, {1, 7}), Truth::yes},
      {query::in(kScore, {1, 2}), Truth::no},
      {query::in(kScore, {}), Truth::no},
      {query::is_null(kScore), Truth::no},
      {query::is_null(kNotes), Truth::yes},
      {query::is_null(kNotes, false), Truth::no},
      {query::is_null(model::kIdField), Truth::no},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(query::evaluate(c.predicate, sample()), c.expected)
        << describe(test_schema().collection(kItems), c.predicate);
  }
}

// SQL's three values: unknown is contagious, except where the other side decides.
TEST(Evaluate, NullMakesUnknown) {
  const Predicate unknown = query::compare(kNotes, Op::eq, "a");
  const Case cases[] = {
      {unknown, Truth::unknown},
      {query::compare(kNotes, Op::ne, "a"), Truth::unknown},
      {query::compare(kNotes, Op::like, "%"), Truth::unknown},
      {query::compare(kScore, Op::eq, model::Value()), Truth::unknown},
      {query::in(kNotes, {"a"}), Truth::unknown},
      {query::in(kNotes, {}), Truth::no},
      {query::in(kScore, {1, model::Value()}), Truth::unknown},
      {query::in(kScore, {7, model::Value()}), Truth::yes},
      {query::negate(unknown), Truth::unknown},
      {query::all_of({unknown, query::always()}), Truth::unknown},
      {query::all_of({unknown, query::never()}), Truth::no},
      {query::any_of({unknown, query::never()}), Truth::unknown},
      {query::any_of({unknown, query::always()}), Truth::yes},
      {query::all_of({}), Truth::yes},
      {query::any_of({}), Truth::no},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(query::evaluate(c.predicate, sample()), c.expected)
        << describe(test_schema().collection(kItems), c.predicate);
  }
}

TEST(Evaluate, AValueOfAnotherKindEqualsNothing) {
  EXPECT_FALSE(query::matches(query::compare(kScore, Op::eq, "7"), sample()));
  EXPECT_FALSE(query::matches(query::compare(kPrice, Op::eq, model::Decimal{10500, 3}), sample()));
  EXPECT_TRUE(query::matches(query::compare(kPrice, Op::ne, model::Decimal{10500, 3}), sample()));
}

TEST(Evaluate, AgreesWithTheOracleOnRandomPredicates) {
  base::Random random(11);
  int selected = 0;
  for (int world = 0; world < 40; ++world) {
    RandomSchema schema(random);
    RandomChanges changes(random, schema.schema());
    for (int i = 0; i < 120; ++i) {
      const model::Change change = changes.next();
      if (!change.after) continue;
      const Predicate predicate = random_predicate(random, change.collection(), 3);
      const int expected = changes.rows().truth(predicate, change.after);
      ASSERT_EQ(static_cast<int>(query::evaluate(predicate, change.after)) - 1, expected)
          << describe(change.collection(), predicate) << "\n"
          << describe(change.after);
      selected += expected == 1 ? 1 : 0;
    }
  }
  EXPECT_GT(selected, 400);
}

// Answers as it is told, and remembers what it was asked.
class Told : public query::Relations {
 public:
  bool holds(const Predicate&, const model::Record&, bool negated) override {
    ++asked;
    return there != negated;
  }
  bool there = false;
  int asked = 0;
};

TEST(Exists, IsYesOrNoAlsoUnderANegation) {
  Told told;
  const Predicate exists = query::exists(kGroup);
  for (const bool there : {false, true}) {
    told.there = there;
    EXPECT_EQ(query::matches(exists, sample(), &told), there);
    EXPECT_EQ(query::matches(query::negate(exists), sample(), &told), !there);
    EXPECT_EQ(query::matches(query::negate(query::all_of({exists})), sample(), &told), !there);
  }
  EXPECT_EQ(told.asked, 6);
  EXPECT_THROW((void)query::matches(exists, sample()), base::CheckFailure);
}

TEST(Exists, WithoutRelationsARowIsNeverLost) {
  const Predicate score = query::compare(kScore, Op::eq, 7);
  const Predicate exists = query::exists_in(kItems, kRelated, query::is_null(kTitle));
  EXPECT_TRUE(query::has_relations(query::any_of({score, query::negate(exists)})));
  EXPECT_FALSE(query::has_relations(score));
  EXPECT_EQ(query::without_relations(query::all_of({score, exists})),
            query::all_of({score, query::always()}));
  EXPECT_EQ(query::without_relations(query::negate(exists)), query::negate(query::never()));
  EXPECT_EQ(query::mentioned_fields(query::all_of({score, exists, query::exists(kGroup)})),
            (std::vector<model::FieldId>{kScore, kGroup}));
}

TEST(Bind, ReplacesTheUserEverywhere) {
  const Predicate rule =
      query::any_of({query::is_null(kGroup), query::negate(query::equals_user(kGroup))});
  const Predicate bound = query::bind(rule, test_id(9));
  EXPECT_EQ(bound, query::any_of({query::is_null(kGroup),
                                  query::negate(query::compare(kGroup, Op::eq, test_id(9)))}));
  EXPECT_FALSE(query::matches(bound, sample()));
  EXPECT_TRUE(query::matches(query::bind(query::equals_user(kGroup), test_id(9)), sample()));
}

TEST(Bind, AnUnboundPredicateIsABug) {
  EXPECT_THROW((void)query::matches(query::equals_user(kGroup), sample()), base::CheckFailure);
}

TEST(MentionedFields, AreListedOnceAscending) {
  const Predicate predicate = query::all_of(
      {query::compare(kScore, Op::gt, 1),
       query::negate(query::any_of({query::is_null(kTitle), query::equals_user(kGroup)})),
       query::compare(kScore, Op::lt, 9)});
  EXPECT_EQ(query::mentioned_fields(predicate),
            (std::vector<model::FieldId>{kTitle, kScore, kGroup}));
  EXPECT_TRUE(query::mentioned_fields(query::always()).empty());
}

}  // namespace
}  // namespace syncline::tests
