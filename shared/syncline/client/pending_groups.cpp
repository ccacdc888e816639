#include "syncline/client/pending_groups.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "syncline/query/predicate.hpp"

namespace syncline::client {

using ivm::AggregateRow;
using model::Value;

namespace {

struct LessByKey {
  const model::Field* field;  // nullptr: there is one group
  bool operator()(const Value& a, const Value& b) const {
    return field != nullptr && model::compare_values(field->spec, a, b) < 0;
  }
};

const model::Field* group_field(const model::Collection& collection,
                                const query::Aggregate& aggregate) {
  return aggregate.group_by == model::kNoField ? nullptr : &collection.field(aggregate.group_by);
}

Value zero(const model::Collection& collection, const query::AggregateTerm& term) {
  if (term.aggregator == query::Aggregator::count) return Value(0);
  const model::FieldSpec& spec = collection.field(term.field).spec;
  if (spec.type == model::FieldType::decimal) return Value(model::Decimal{0, spec.scale});
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

class Merger {
 public:
  Merger(const model::Collection& collection, const query::Query& query)
      : collection_(collection),
        query_(query),
        group_by_(group_field(collection, *query.aggregate)),
        groups_(LessByKey{group_by_}) {}

  void start_from(const std::vector<AggregateRow>& rows) {
    for (const AggregateRow& row : rows) groups_.emplace(row.key, row);
  }
  // Adds or takes away one row's contribution; false when a sum left its type.
  bool count(const model::Record& row, int sign) {
    if (!row || !query::matches(query_.where, row)) return true;
    AggregateRow& group = group_of(group_by_ == nullptr ? Value() : row.get(group_by_->spec.id));
    group.rows += sign;
    bool fits = true;
    for (std::size_t i = 0; i < group.values.size(); ++i) {
      const query::AggregateTerm& term = query_.aggregate->terms[i];
      const bool is_count = term.aggregator == query::Aggregator::count;
      fits = add_to(group.values[i], is_count ? 1 : row.integer(term.field), sign) && fits;
    }
    return fits;
  }
  std::vector<AggregateRow> take() {
    std::vector<AggregateRow> rows;
    for (auto& [key, group] : groups_) {
      if (group.rows > 0 || group_by_ == nullptr) rows.push_back(std::move(group));
    }
    return rows;
  }

 private:
  AggregateRow& group_of(const Value& key) {
    const auto [at, fresh] = groups_.try_emplace(key);
    if (fresh) {
      at->second.key = key;
      for (const query::AggregateTerm& term : query_.aggregate->terms) {
        at->second.values.push_back(zero(collection_, term));
      }
    }
    return at->second;
  }

  const model::Collection& collection_;
  const query::Query& query_;
  const model::Field* group_by_;
  std::map<Value, AggregateRow, LessByKey> groups_;
};

}  // namespace

MergedGroups merge_groups(const model::Collection& collection, const query::Query& query,
                          const std::vector<AggregateRow>& from_server, const Replica& replica,
                          const RowSet& written) {
  Merger merger(collection, query);
  merger.start_from(from_server);
  MergedGroups merged;
  for (const RowKey& key : written) {
    if (key.collection != query.collection) continue;
    const model::Record before = replica.confirmed(key);
    // Kept for the pending mutation only: nobody tells us what happens to it.
    if (before && !replica.is_referenced(key)) merged.exact = false;
    merged.exact = merger.count(before, -1) && merged.exact;
    merged.exact = merger.count(replica.visible(key), 1) && merged.exact;
  }
  merged.rows = merger.take();
  return merged;
}

ivm::ResultDelta difference(const model::Collection& collection, const query::Query& query,
                            const std::vector<AggregateRow>& before,
                            const std::vector<AggregateRow>& after) {
  const LessByKey less{group_field(collection, *query.aggregate)};
  ivm::ResultDelta delta;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < before.size() || j < after.size()) {
    if (j == after.size() || (i < before.size() && less(before[i].key, after[j].key))) {
      delta.groups.push_back({ivm::DeltaKind::remove, before[i++]});
    } else if (i == before.size() || less(after[j].key, before[i].key)) {
      delta.groups.push_back({ivm::DeltaKind::add, after[j++]});
    } else {
      if (!(before[i] == after[j])) delta.groups.push_back({ivm::DeltaKind::edit, after[j]});
      ++i;
      ++j;
    }
  }
  return delta;
}

}  // namespace syncline::client
