#include "syncline/client/pending_groups.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "syncline/query/figures.hpp"
#include "syncline/query/group_key.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::client {

using ivm::AggregateRow;
using model::Value;
using query::Aggregator;
using query::Figures;

namespace {

Value zero(const model::FieldSpec& field) {
  if (field.type == model::FieldType::decimal) return Value(model::Decimal{0, field.scale});
  return Value(0);
}

// sum + sign × amount; false when it leaves its type.
bool add_to(Value& sum, std::int64_t amount, int sign) {
  const bool is_decimal = sum.kind() == Value::Kind::decimal;
  const std::int64_t before = is_decimal ? sum.decimal().mantissa : sum.integer();
  std::int64_t after = 0;
  const bool overflow = sign > 0 ? __builtin_add_overflow(before, amount, &after)
                                 : __builtin_sub_overflow(before, amount, &after);
  if (overflow) return false;
  sum = is_decimal ? Value(model::Decimal{after, sum.decimal().scale}) : Value(after);
  return true;
}

// Adds rows to figures that the server computed, and takes them away. Not all can be told without the rows (SEMANTICS 28).
class Adder {
 public:
  Adder(const model::Collection& collection, const std::vector<query::AggregateTerm>& terms)
      : collection_(collection), terms_(terms) {}

  [[nodiscard]] Figures empty() const {
    Figures figures;
    for (const query::AggregateTerm& term : terms_) {
      const bool counts =
          term.aggregator == Aggregator::count || term.aggregator == Aggregator::count_distinct;
      if (counts) {
        figures.values.emplace_back(0);
        continue;
      }
      const model::FieldSpec& field = collection_.field(term.field).spec;
      figures.values.push_back(term.aggregator == Aggregator::sum ? zero(field) : Value());
      if (term.aggregator != Aggregator::avg) continue;
      figures.averaged.push_back(zero(field));
      figures.averaged.emplace_back(0);
    }
    return figures;
  }

  // false: only the server knows, or a sum left its type.
  [[nodiscard]] bool count(Figures& figures, const model::Record& row, int sign) const {
    figures.rows += sign;
    bool exact = true;
    std::size_t average = 0;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const query::AggregateTerm& term = terms_[i];
      if (term.aggregator == Aggregator::count) {
        figures.values[i] = Value(figures.rows);
        continue;
      }
      const bool has = row.has(term.field);
      switch (term.aggregator) {
        case Aggregator::count: break;
        case Aggregator::sum:
          exact = add_to(figures.values[i], row.integer(term.field), sign) && exact;
          break;
        case Aggregator::avg:
          if (has) exact = count_average(figures, i, average, row, sign) && exact;
          average += 2;
          break;
        case Aggregator::count_distinct: exact = exact && !has; break;
        case Aggregator::min:
        case Aggregator::max:
          if (has) exact = count_extreme(figures.values[i], term, row, sign) && exact;
          break;
      }
    }
    return exact;
  }

 private:
  bool count_average(Figures& figures, std::size_t term, std::size_t at, const model::Record& row,
                     int sign) const {
    const model::FieldId field = terms_[term].field;
    Value& sum = figures.averaged[at];
    Value& values = figures.averaged[at + 1];
    if (!add_to(sum, row.integer(field), sign)) return false;
    values = Value(values.integer() + sign);
    auto average = query::average(collection_.field(field).spec, sum, values.integer());
    if (average.ok()) figures.values[term] = std::move(*average);
    return average.ok();
  }

  // A new extreme is certain; when the extreme itself goes, the next one is not known.
  bool count_extreme(Value& extreme, const query::AggregateTerm& term, const model::Record& row,
                     int sign) const {
    const model::Field& field = collection_.field(term.field);
    const int side = extreme.is_null() ? 0 : model::compare_field(field, row, extreme);
    if (sign < 0) return side != 0;
    const bool beyond = term.aggregator == Aggregator::min ? side < 0 : side > 0;
    if (beyond || extreme.is_null()) extreme = row.get(term.field);
    return true;
  }

  const model::Collection& collection_;
  const std::vector<query::AggregateTerm>& terms_;
};

// Would the row count exactly as before?
bool counts_the_same(const query::Query& query, const model::Record& before,
                     const model::Record& after) {
  const query::Aggregate& aggregate = *query.aggregate;
  const auto same = [&](model::FieldId field) { return before.get(field) == after.get(field); };
  return std::all_of(aggregate.group_by.begin(), aggregate.group_by.end(),
                     [&](const query::GroupKey& key) { return same(key.field); }) &&
         std::all_of(aggregate.terms.begin(), aggregate.terms.end(),
                     [&](const query::AggregateTerm& term) {
                       return term.aggregator == Aggregator::count || same(term.field);
                     }) &&
         (!aggregate.trend || same(aggregate.trend->field));
}

class Merger {
 public:
  Merger(const model::Schema& schema, const query::Query& query)
      : query_(query),
        keys_(schema, query),
        adder_(schema.collection(query.collection), query.aggregate->terms),
        groups_(LessByKey{&keys_}) {}

  void start_from(const std::vector<AggregateRow>& rows) {
    for (const AggregateRow& row : rows) groups_.emplace(row.key, row);
  }
  // One row's contribution before and after; false when the figures are not exact any more.
  bool move(const model::Record& before, const model::Record& after) {
    const bool was = before && query::matches(query_.where, before);
    const bool is = after && query::matches(query_.where, after);
    if (was && is && counts_the_same(query_, before, after)) return true;
    bool exact = true;
    // Added first: an extreme that stays does not go.
    if (is) exact = count(after, 1);
    if (was) exact = count(before, -1) && exact;
    return exact;
  }
  std::vector<AggregateRow> take() {
    std::vector<AggregateRow> rows;
    for (auto& [key, group] : groups_) {
      const bool empty = group.rows <= 0 && (!group.previous || group.previous->rows <= 0);
      if (!empty || keys_.empty()) rows.push_back(std::move(group));
    }
    return rows;
  }

 private:
  struct LessByKey {
    const query::GroupKeys* keys;
    bool operator()(const std::vector<Value>& a, const std::vector<Value>& b) const {
      return keys->compare(a, b) < 0;
    }
  };

  bool count(const model::Record& row, int sign) {
    const auto& trend = query_.aggregate->trend;
    const auto side = trend ? query::side_of(*trend, row) : query::TrendSide::now;
    if (side == query::TrendSide::neither) return true;
    AggregateRow& group = group_of(keys_.of(row, {}));
    return adder_.count(side == query::TrendSide::now ? group : *group.previous, row, sign);
  }
  AggregateRow& group_of(const std::vector<Value>& key) {
    const auto [at, fresh] = groups_.try_emplace(key);
    AggregateRow& row = at->second;
    if (fresh) {
      row.key = key;
      static_cast<Figures&>(row) = adder_.empty();
      if (query_.aggregate->trend) row.previous = adder_.empty();
    }
    return row;
  }

  const query::Query& query_;
  const query::GroupKeys keys_;
  const Adder adder_;
  std::map<std::vector<Value>, AggregateRow, LessByKey> groups_;
};

}  // namespace

MergedGroups merge_groups(const model::Schema& schema, const query::Query& query,
                          const std::vector<AggregateRow>& from_server, const Replica& replica,
                          const RowSet& written) {
  Merger merger(schema, query);
  merger.start_from(from_server);
  MergedGroups merged;
  // Which rows count, and where, is for the server to say.
  const bool here = !query::reads_related(query);
  for (const RowKey& key : written) {
    if (!here || key.collection != query.collection) continue;
    const model::Record before = replica.confirmed(key);
    // Kept for the pending mutation only: nobody tells us what happens to it.
    if (before && !replica.is_referenced(key)) merged.exact = false;
    merged.exact = merger.move(before, replica.visible(key)) && merged.exact;
  }
  merged.rows = merger.take();
  return merged;
}

std::vector<ivm::GroupDelta> difference(const model::Schema& schema, const query::Query& query,
                                        const std::vector<AggregateRow>& before,
                                        const std::vector<AggregateRow>& after) {
  const query::GroupKeys keys(schema, query);
  const auto less = [&keys](const AggregateRow& a, const AggregateRow& b) {
    return keys.compare(a.key, b.key) < 0;
  };
  std::vector<ivm::GroupDelta> deltas;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < before.size() || j < after.size()) {
    if (j == after.size() || (i < before.size() && less(before[i], after[j]))) {
      deltas.push_back({ivm::DeltaKind::remove, before[i++]});
    } else if (i == before.size() || less(after[j], before[i])) {
      deltas.push_back({ivm::DeltaKind::add, after[j++]});
    } else {
      if (!(before[i] == after[j])) deltas.push_back({ivm::DeltaKind::edit, after[j]});
      ++i;
      ++j;
    }
  }
  return deltas;
}

}  // namespace syncline::client
