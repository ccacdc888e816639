// The oracle run over SQLite, and plain SQL beside it: the same queries as one SELECT each, made here and by nobody else.
//
// SYNCLINE_ORACLE_STEPS, SYNCLINE_REGRESS: as in unit_ivm (tests/oracle/oracle.hpp).
#include <algorithm>
#include <optional>

#include "tests/oracle/oracle.hpp"
#include "tests/support/describe.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

using model::FieldSpec;
using model::FieldType;
using model::Value;
using query::Op;
using query::Predicate;

std::string text_literal(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string literal(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: return "NULL";
    case Value::Kind::boolean: return value.boolean() ? "1" : "0";
    case Value::Kind::integer: return std::to_string(value.integer());
    case Value::Kind::decimal: return std::to_string(value.decimal().mantissa);
    case Value::Kind::text: return text_literal(value.text());
    case Value::Kind::timestamp: return std::to_string(value.timestamp().ms);
    case Value::Kind::date: return std::to_string(value.date().days);
    case Value::Kind::set: break;
    case Value::Kind::id: {
      std::string out = "x'";
      for (const char c : to_string(value.id())) {
        if (c != '-') out += c;
      }
      return out + "'";
    }
  }
  return "NULL";
}

bool is_text(const FieldSpec& field) {
  return field.type == FieldType::text || field.type == FieldType::long_text;
}

// One SELECT for a query; nullopt where plain SQL has no words for it (equality of sets, cursors, periods).
class PlainSql {
 public:
  explicit PlainSql(const model::Schema& schema) : schema_(schema) {}

  std::optional<std::string> rows(const query::Query& query) {
    const model::Collection& collection = schema_.collection(query.collection);
    std::string sql = "SELECT t0.id FROM " + table(collection) + " t0 WHERE " +
                      condition(collection, query.where, 0) + " ORDER BY ";
    for (const model::OrderTerm& term : query.order) {
      const FieldSpec& field = collection.field(term.field).spec;
      if (field.type == FieldType::set) possible_ = false;
      const bool first = term.nulls == model::Nulls::first ||
                         (term.nulls == model::Nulls::natural && !term.descending);
      sql += column(field, 0) + (term.descending ? " DESC" : "") +
             (first ? " NULLS FIRST, " : " NULLS LAST, ");
    }
    sql += "t0.id";
    if (query.limit > 0) sql += " LIMIT " + std::to_string(query.limit);
    if (!possible_ || query.after) return std::nullopt;
    return sql;
  }

  // Per group one text: rows and the terms' figures.
  std::optional<std::string> groups(const query::Query& query) {
    const model::Collection& collection = schema_.collection(query.collection);
    const query::Aggregate& aggregate = *query.aggregate;
    std::string keys;
    for (const query::GroupKey& key : aggregate.group_by) {
      if (key.via != model::kNoField || key.period != query::Period::none) return std::nullopt;
      keys += (keys.empty() ? "" : ", ") + bare(collection.field(key.field).spec, 0);
    }
    std::string sql = "SELECT count(*)";
    for (const query::AggregateTerm& term : aggregate.terms) {
      if (term.aggregator == query::Aggregator::count) continue;
      const std::string c = bare(collection.field(term.field).spec, 0);
      switch (term.aggregator) {
        case query::Aggregator::count: break;
        case query::Aggregator::sum: sql += " || '|' || coalesce(sum(" + c + "), 0)"; break;
        case query::Aggregator::avg:
          sql += " || '|' || coalesce(sum(" + c + "), 0) || '/' || count(" + c + ")";
          break;
        case query::Aggregator::count_distinct:
          sql += " || '|' || count(DISTINCT " + c + ")";
          break;
        case query::Aggregator::min:
        case query::Aggregator::max:
          sql += std::string(" || '|' || coalesce(") +
                 (term.aggregator == query::Aggregator::min ? "min(" : "max(") +
                 column(collection.field(term.field).spec, 0) + "), 'none')";
          break;
      }
    }
    sql += " FROM " + table(collection) + " t0 WHERE " + condition(collection, query.where, 0);
    if (!keys.empty()) sql += " GROUP BY " + keys;
    if (!possible_ || aggregate.trend) return std::nullopt;
    return sql;
  }

 private:
  static std::string table(const model::Collection& collection) {
    return std::string(collection.spec().module) + "_" + std::string(collection.name());
  }
  static std::string bare(const FieldSpec& field, int depth) {
    return "t" + std::to_string(depth) + "." + "\"" + std::string(field.name) + "\"";
  }
  static std::string column(const FieldSpec& field, int depth) {
    return bare(field, depth) + (is_text(field) ? " COLLATE SYNCLINE" : "");
  }

  std::string condition(const model::Collection& collection, const Predicate& predicate,
                        int depth) {
    switch (predicate.kind) {
      case Predicate::Kind::always: return "1";
      case Predicate::Kind::never: return "0";
      case Predicate::Kind::negation:
        return "NOT (" + condition(collection, predicate.children.at(0), depth) + ")";
      case Predicate::Kind::exists: return exists(collection, predicate, depth);
      case Predicate::Kind::compare: return comparison(collection, predicate, depth);
      case Predicate::Kind::all_of:
      case Predicate::Kind::any_of: break;
    }
    const bool all = predicate.kind == Predicate::Kind::all_of;
    std::string sql = all ? "(1" : "(0";
    for (const Predicate& child : predicate.children)
      sql += (all ? " AND " : " OR ") + condition(collection, child, depth);
    return sql + ")";
  }

  std::string exists(const model::Collection& collection, const Predicate& predicate, int depth) {
    const bool forward = predicate.from == model::kNoCollection;
    const model::Collection& holder = forward ? collection : schema_.collection(predicate.from);
    const FieldSpec& via = holder.field(predicate.field).spec;
    const model::Collection& other = forward ? schema_.collection(via.target) : holder;
    const std::string mine = "t" + std::to_string(depth) + ".id";
    const std::string theirs = "t" + std::to_string(depth + 1) + ".id";
    const std::string join =
        forward ? bare(via, depth) + " = " + theirs : bare(via, depth + 1) + " = " + mine;
    return "EXISTS (SELECT 1 FROM " + table(other) + " t" + std::to_string(depth + 1) + " WHERE " +
           join + " AND (" + condition(other, predicate.children.at(0), depth + 1) + "))";
  }

  std::string comparison(const model::Collection& collection, const Predicate& leaf, int depth) {
    const FieldSpec& field = collection.field(leaf.field).spec;
    const std::string c = column(field, depth);
    if (leaf.op == Op::is_null)
      return bare(field, depth) + (leaf.values.at(0).boolean() ? " IS NULL" : " IS NOT NULL");
    if (leaf.op == Op::contains) {
      if (leaf.values.at(0).is_null()) return "NULL";
      const std::string b = bare(field, depth);
      return "(CASE WHEN " + b + " IS NULL THEN NULL ELSE EXISTS (SELECT 1 FROM json_each(" + b +
             ") WHERE value = " + literal(leaf.values.at(0)) + ") END)";
    }
    if (field.type == FieldType::set) possible_ = false;
    if (leaf.op == Op::in) {
      std::string list;
      for (const Value& value : leaf.values) list += (list.empty() ? "" : ", ") + literal(value);
      return c + " IN (" + list + ")";
    }
    if (leaf.op == Op::like)
      return "syncline_like(" + bare(field, depth) + ", " + literal(leaf.values.at(0)) + ")";
    constexpr const char* kSigns[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    return c + kSigns[static_cast<std::size_t>(leaf.op)] + literal(leaf.values.at(0));
  }

  const model::Schema& schema_;
  bool possible_ = true;
};

std::string number_text(const Value& value) {
  if (value.is_null()) return "none";
  return value.kind() == Value::Kind::text ? value.text() : literal(value);
}

// As PlainSql::groups() writes them; nullopt for extremes that are no numbers or texts.
std::optional<std::string> group_text(const query::Aggregate& aggregate, const NaiveGroup& group) {
  std::string text = std::to_string(group.rows);
  std::size_t average = 0;
  for (std::size_t i = 0; i < aggregate.terms.size(); ++i) {
    switch (aggregate.terms[i].aggregator) {
      case query::Aggregator::count: break;
      case query::Aggregator::avg:
        text += "|" + number_text(group.averaged.at(average)) + "/" +
                number_text(group.averaged.at(average + 1));
        average += 2;
        break;
      case query::Aggregator::sum:
      case query::Aggregator::count_distinct:
      case query::Aggregator::min:
      case query::Aggregator::max: text += "|" + number_text(group.values.at(i)); break;
    }
  }
  return text;
}

std::size_t selects = 0;

class InSqlite : public OracleBackend {
 public:
  explicit InSqlite(const model::Schema& schema) : schema_(schema), database_(schema) {
    EXPECT_TRUE(database_.storage().begin().ok());
  }
  ~InSqlite() override { database_.storage().rollback(); }

  ivm::SourceProvider& sources() override { return database_.storage().sources(); }
  void apply(const model::Change& change) override {
    const auto applied = database_.storage().apply(change);
    EXPECT_TRUE(applied.ok()) << applied.error().message;
  }

  ::testing::AssertionResult agrees(const query::Query& query,
                                    const NaiveResult& expected) override {
    std::vector<std::string> wanted;
    for (const model::Record& row : expected.rows) wanted.push_back(to_string(row.id()));
    for (const NaiveGroup& group : expected.groups)
      wanted.push_back(*group_text(*query.aggregate, group));
    PlainSql plain(schema_);
    const auto sql = query.aggregate ? plain.groups(query) : plain.rows(query);
    if (!sql) return ::testing::AssertionSuccess();
    auto statement = database_.storage().connection().prepare(*sql);
    if (!statement.ok())
      return ::testing::AssertionFailure() << *sql << "\n" << statement.error().message;
    std::vector<std::string> found;
    for (;;) {
      const auto row = statement->step();
      if (!row.ok()) return ::testing::AssertionFailure() << *sql << "\n" << row.error().message;
      if (!*row) break;
      found.push_back(query.aggregate ? std::string(statement->text(0))
                                      : to_string(statement->id(0)));
    }
    ++selects;
    if (query.aggregate) {
      std::sort(found.begin(), found.end());
      std::sort(wanted.begin(), wanted.end());
    }
    if (found == wanted) return ::testing::AssertionSuccess();
    auto failure = ::testing::AssertionFailure() << *sql << "\nfound:";
    for (const std::string& each : found) failure << " " << each;
    failure << "\nexpected:";
    for (const std::string& each : wanted) failure << " " << each;
    return failure;
  }

 private:
  const model::Schema& schema_;
  TemporaryDatabase database_;
};

OracleBackendFactory in_sqlite() {
  return [](const model::Schema& schema) { return std::make_unique<InSqlite>(schema); };
}

TEST(RandomSql, IncrementalEqualsFromScratchEqualsSql) {
  OracleTally tally;
  const std::size_t steps = oracle_steps(50'000) / 5;
  selects = 0;
  run_oracle(77'000'000, steps, in_sqlite(), tally);
  EXPECT_GE(tally.steps, steps);
  EXPECT_GT(tally.adds, steps / 10);
  EXPECT_GT(tally.refills, steps / 50);
  EXPECT_GT(tally.groups, steps / 20);
  EXPECT_GT(selects, steps) << "most queries have a SELECT";
}

TEST(RandomSql, WhatFailedOnceHoldsForEver) {
  for (const std::string& text : regress_files()) {
    const auto script = read_script(text);
    ASSERT_TRUE(script.ok()) << text;
    OracleTally tally;
    EXPECT_TRUE(run_script(*script, in_sqlite(), tally)) << text;
  }
}

}  // namespace
}  // namespace syncline::tests
