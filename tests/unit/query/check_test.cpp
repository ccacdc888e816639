#include <gtest/gtest.h>

#include "syncline/query/canonical.hpp"
#include "tests/support/random_world.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using base::Code;
using query::Op;
using query::Predicate;
using query::Query;

Query items_where(Predicate where) {
  Query query;
  query.collection = kItems;
  query.where = std::move(where);
  return query;
}

Code code_of(Query query, const query::Limits& limits = {}) {
  const auto checked = query::check(test_schema(), std::move(query), limits);
  return checked.ok() ? Code::ok : checked.error().code;
}
Code code_of(Predicate where, const query::Limits& limits = {}) {
  return code_of(items_where(std::move(where)), limits);
}

// The value that a comparison holds after check().
model::Value checked_value(model::FieldId field, model::Value value) {
  const auto checked =
      query::check(test_schema(), items_where(query::compare(field, Op::eq, std::move(value))));
  return checked.ok() ? checked->where.values.front() : model::Value("refused");
}

TEST(Check, BringsValuesToTheirFieldsType) {
  EXPECT_EQ(checked_value(kPrice, 12), model::Value(model::Decimal{1200, 2}));
  EXPECT_EQ(checked_value(kPrice, model::Decimal{5, 1}), model::Value(model::Decimal{50, 2}));
  EXPECT_EQ(checked_value(kPrice, "3.5"), model::Value(model::Decimal{350, 2}));
  EXPECT_EQ(checked_value(kScore, model::Decimal{700, 2}), model::Value(7));
  EXPECT_EQ(checked_value(kScore, "-3"), model::Value(-3));
  EXPECT_EQ(checked_value(kStatus, "done"), model::Value(2));
  EXPECT_EQ(checked_value(kActive, "true"), model::Value(true));
  EXPECT_EQ(checked_value(kGroup, to_string(test_id(4))), model::Value(test_id(4)));
  EXPECT_EQ(checked_value(kSeenAt, 5000), model::Value(base::Timestamp{5000}));
  EXPECT_EQ(checked_value(kSeenAt, "1970-01-01T00:00:01Z"), model::Value(base::Timestamp{1000}));
  EXPECT_EQ(checked_value(kDueOn, "1970-01-02"), model::Value(base::Date{1}));
  EXPECT_EQ(checked_value(kScore, model::Value()), model::Value());
}

TEST(Check, RefusesValuesThatDoNotFit) {
  const Predicate cases[] = {
      query::compare(kScore, Op::eq, "seven"),
      query::compare(kScore, Op::eq, model::Decimal{75, 1}),
      query::compare(kPrice, Op::gt, model::Decimal{12345, 3}),  // would be rounded
      query::compare(kPrice, Op::gt, std::int64_t{1} << 62),     // would overflow
      query::compare(kPrice, Op::eq, model::Decimal{1, 200}),
      query::compare(kStatus, Op::eq, 3),
      query::compare(kStatus, Op::eq, "closed"),
      query::compare(kActive, Op::eq, 1),
      query::compare(kTitle, Op::eq, 1),
      query::compare(kTitle, Op::eq, "\xff"),
      query::compare(kGroup, Op::eq, "not an id"),
      query::compare(kSeenAt, Op::eq, "yesterday"),
      query::compare(kDueOn, Op::eq, "2026-02-30"),
      query::compare(kColors, Op::eq, "red"),
      query::compare(kColors, Op::lt, model::make_text_set({"red"})),
      query::compare(kTitle, Op::contains, "a"),
      query::compare(kColors, Op::contains, 1),
      query::compare(kScore, Op::like, "1%"),
      query::in(kScore, {1, "x"}),
      query::equals_user(kScore),
      query::negate(query::compare(kScore, Op::eq, "seven")),
  };
  for (const Predicate& predicate : cases)
    EXPECT_EQ(code_of(predicate), Code::wrong_type) << &predicate - cases;
}

TEST(Check, RefusesWhatDoesNotExist) {
  Query query;
  query.collection = 77;
  EXPECT_EQ(code_of(query), Code::unknown_collection);
  EXPECT_EQ(code_of(query::compare(99, Op::eq, 1)), Code::unknown_field);
  query = items_where(query::always());
  query.order = {{99, false}};
  EXPECT_EQ(code_of(query), Code::unknown_field);
  query = items_where(query::always());
  query.includes = {{99}};
  EXPECT_EQ(code_of(query), Code::unknown_field);
  query.includes = {{kScore}};
  EXPECT_EQ(code_of(query), Code::wrong_type);
  query.includes = {{model::kCreatedByField}};  // no users in this schema
  EXPECT_EQ(code_of(query), Code::wrong_type);
  query.includes = {{kGroup}};
  EXPECT_EQ(code_of(query), Code::ok);
}

TEST(Check, RefusesShapesThatMeanNothing) {
  Predicate negation = query::negate(query::always());
  negation.children.clear();
  EXPECT_EQ(code_of(negation), Code::malformed);
  Predicate comparison = query::compare(kScore, Op::eq, 1);
  comparison.values.clear();
  EXPECT_EQ(code_of(comparison), Code::malformed);
  Predicate op = query::compare(kScore, Op::eq, 1);
  op.op = static_cast<Op>(200);
  EXPECT_EQ(code_of(op), Code::malformed);
  Predicate kind = query::always();
  kind.kind = static_cast<Predicate::Kind>(200);
  EXPECT_EQ(code_of(kind), Code::malformed);
  Predicate parameter = query::equals_user(kGroup);
  parameter.parameter = static_cast<Predicate::Parameter>(9);
  EXPECT_EQ(code_of(parameter), Code::malformed);
  Predicate null_test = query::is_null(kScore);
  null_test.values.front() = 1;
  EXPECT_EQ(code_of(null_test), Code::wrong_type);
}

TEST(Check, RefusesCursorsOfAnotherOrder) {
  Query query = items_where(query::always());
  query.order = {{kScore, false}};
  query.after = model::OrderKey{{}, test_id(1)};
  EXPECT_EQ(code_of(query), Code::malformed);
  query.after->values = {"x"};
  EXPECT_EQ(code_of(query), Code::wrong_type);
  query.after->values = {model::Value()};
  EXPECT_EQ(code_of(query), Code::ok);
  query.order = {{kScore, false}, {kScore, true}};
  query.after->values = {1, 2};
  EXPECT_EQ(code_of(query), Code::malformed);
  query.after->values = {1, 1};
  EXPECT_EQ(code_of(query), Code::ok);
  query.order = {{model::kIdField, true}};
  query.after->values = {test_id(2)};
  EXPECT_EQ(code_of(query), Code::malformed);
  query.after->values = {test_id(1)};
  EXPECT_EQ(code_of(query), Code::ok);
}

TEST(Check, AnAggregateStandsAlone) {
  Query query = items_where(query::always());
  query.aggregate = query::Aggregate{
      {{kStatus}}, {{query::Aggregator::count, kTitle}, {query::Aggregator::sum, kPrice}}, {}};
  const auto checked = query::check(test_schema(), query);
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->aggregate->terms[0].field, model::kNoField);  // a count counts rows
  query.limit = 1;
  EXPECT_EQ(code_of(query), Code::malformed);
  query.limit = 0;
  query.aggregate->terms = {{query::Aggregator::sum, kTitle}};
  EXPECT_EQ(code_of(query), Code::wrong_type);
  query.aggregate->terms = {{static_cast<query::Aggregator>(7), kPrice}};
  EXPECT_EQ(code_of(query), Code::malformed);
  query.aggregate->terms.clear();
  query.aggregate->group_by = {{99}};
  EXPECT_EQ(code_of(query), Code::unknown_field);
}

TEST(Check, KeepsEveryLimit) {
  query::Limits limits;
  limits.predicate_nodes_max = 4;
  limits.predicate_depth_max = 3;
  limits.in_values_max = 2;
  limits.values_max = 3;
  limits.pattern_length_max = 3;
  limits.order_terms_max = 1;
  limits.includes_max = 1;
  limits.aggregate_terms_max = 1;
  const Predicate leaf = query::compare(kScore, Op::eq, 1);
  EXPECT_EQ(code_of(query::all_of({leaf, leaf, leaf}), limits), Code::ok);
  EXPECT_EQ(code_of(query::all_of({leaf, leaf, leaf, leaf}), limits), Code::query_too_costly);
  EXPECT_EQ(code_of(query::negate(query::negate(leaf)), limits), Code::ok);
  EXPECT_EQ(code_of(query::negate(query::negate(query::negate(leaf))), limits),
            Code::query_too_costly);
  EXPECT_EQ(code_of(query::in(kScore, {1, 2}), limits), Code::ok);
  EXPECT_EQ(code_of(query::in(kScore, {1, 2, 3}), limits), Code::query_too_costly);
  EXPECT_EQ(code_of(query::any_of({query::in(kScore, {1, 2}), query::in(kScore, {3, 4})}), limits),
            Code::query_too_costly);
  EXPECT_EQ(code_of(query::compare(kTitle, Op::like, "ä%b"), limits), Code::ok);
  EXPECT_EQ(code_of(query::compare(kTitle, Op::like, "ä%bc"), limits), Code::query_too_costly);
  Query query = items_where(query::always());
  query.order = {{kScore, false}, {kTitle, false}};
  EXPECT_EQ(code_of(query, limits), Code::query_too_costly);
  query.order.clear();
  query.includes = {{kGroup}, {kRelated}};
  EXPECT_EQ(code_of(query, limits), Code::query_too_costly);
  query.includes.clear();
  query.aggregate = query::Aggregate{{{kStatus}}, {{}, {}}, {}};
  EXPECT_EQ(code_of(query, limits), Code::query_too_costly);
}

// Rubbish that a decoder may hand over in unused members must not make equal queries differ.
TEST(Check, ClearsMembersThatItsKindDoesNotUse) {
  Predicate dirty = query::all_of({query::compare(kScore, Op::eq, 1)});
  dirty.values = {1, 2, 3};
  dirty.field = kTitle;
  dirty.op = Op::like;
  dirty.children.front().children = {query::always()};
  const auto checked = query::check(test_schema(), items_where(dirty));
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->where, query::all_of({query::compare(kScore, Op::eq, 1)}));
}

TEST(Check, AcceptsRandomQueriesAndIsIdempotent) {
  base::Random random(21);
  for (int i = 0; i < 500; ++i) {
    RandomSchema schema(random);
    const auto once = query::check(schema.schema(), random_query(random, schema.schema()));
    ASSERT_TRUE(once.ok()) << once.error().message;
    const auto twice = query::check(schema.schema(), *once);
    ASSERT_TRUE(twice.ok());
    EXPECT_EQ(*once, *twice);
  }
}

}  // namespace
}  // namespace syncline::tests
