#include "syncline/query/figures.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace syncline::query {

using base::Result;
using model::Decimal;
using model::FieldSpec;
using model::FieldType;
using model::Value;

namespace {

__extension__ using Wide = __int128;

base::Error too_large(const FieldSpec& field, const char* what) {
  const std::string name(field.name);
  return base::Error(base::Code::overflow,
                     "The " + std::string(what) + " of " + name + " is too large to be shown.",
                     name);
}

bool fits(Wide number) {
  return number <= std::numeric_limits<std::int64_t>::max() &&
         number >= std::numeric_limits<std::int64_t>::min();
}

std::uint8_t average_scale(const FieldSpec& field) {
  const int own = field.type == FieldType::decimal ? field.scale : 0;
  return static_cast<std::uint8_t>(std::min<int>(own + 2, model::kScaleMax));
}

bool keeps_values(Aggregator aggregator) {
  return aggregator == Aggregator::count_distinct || aggregator == Aggregator::min ||
         aggregator == Aggregator::max;
}

}  // namespace

TrendSide side_of(const Trend& trend, const model::Record& row) {
  if (!row.has(trend.field)) return TrendSide::neither;
  const model::Field& field = row.collection().field(trend.field);
  if (model::compare_field(field, row, trend.previous) < 0 ||
      model::compare_field(field, row, trend.to) >= 0)
    return TrendSide::neither;
  return model::compare_field(field, row, trend.from) < 0 ? TrendSide::previous : TrendSide::now;
}

FieldSpec result_field(const model::Collection& collection, const AggregateTerm& term) {
  if (term.aggregator == Aggregator::count || term.aggregator == Aggregator::count_distinct)
    return model::integer(model::kNoField, "count");
  FieldSpec field = collection.field(term.field).spec;
  if (term.aggregator == Aggregator::avg) {
    field.scale = average_scale(field);
    field.type = FieldType::decimal;
  }
  return field;
}

FieldSpec summed_field(FieldSpec field) {
  if (field.type == FieldType::timestamp) field.type = FieldType::integer;
  return field;
}

Result<Value> average(const FieldSpec& field, const Value& sum, std::int64_t count) {
  if (count == 0) return Value();
  const bool decimal = sum.kind() == Value::Kind::decimal;
  Wide number = decimal ? sum.decimal().mantissa : sum.integer();
  const std::uint8_t scale = average_scale(field);
  for (int digit = decimal ? sum.decimal().scale : 0; digit < scale; ++digit) number *= 10;
  const Wide half = number < 0 ? -(count / 2) : count / 2;
  // An odd count has no exact half: the rest decides by being larger or smaller than it.
  const Wide rounded = (number + half) / count;
  if (!fits(rounded)) return too_large(field, "average");
  return Value(Decimal{static_cast<std::int64_t>(rounded), scale});
}

bool fits(const model::Collection& collection, const std::vector<AggregateTerm>& terms,
          const Figures& figures) {
  if (figures.values.size() != terms.size()) return false;
  std::size_t averaged = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Aggregator aggregator = terms[i].aggregator;
    const Value& value = figures.values[i];
    const bool may_be_null = aggregator == Aggregator::avg || aggregator == Aggregator::min ||
                             aggregator == Aggregator::max;
    if (value.is_null() ? !may_be_null : !model::fits(result_field(collection, terms[i]), value))
      return false;
    if (aggregator != Aggregator::avg) continue;
    if (figures.averaged.size() < averaged + 2) return false;
    const Value& sum = figures.averaged[averaged++];
    const Value& count = figures.averaged[averaged++];
    if (!model::fits(summed_field(collection.field(terms[i].field).spec), sum)) return false;
    if (count.kind() != Value::Kind::integer) return false;
  }
  return figures.averaged.size() == averaged;
}

Tally::Tally(const model::Collection& collection, const std::vector<AggregateTerm>& terms) {
  for (const AggregateTerm& term : terms) {
    const model::Field* field =
        term.aggregator == Aggregator::count ? nullptr : &collection.field(term.field);
    const Less less{field == nullptr ? nullptr : &field->spec};
    terms_.push_back({term.aggregator, field, 0, 0, decltype(Term::values)(less)});
  }
}

void Tally::count(const model::Record& row, int sign) {
  rows_ += sign;
  for (Term& term : terms_) {
    if (term.field == nullptr || !row.has(term.field->spec.id)) continue;
    term.count += sign;
    if (!keeps_values(term.aggregator)) {
      term.sum += static_cast<Sum>(row.integer(term.field->spec.id)) * sign;
      continue;
    }
    const auto value = term.values.try_emplace(row.get(term.field->spec.id), 0).first;
    if (sign > 0) {
      ++value->second;
    } else if (--value->second == 0) {
      term.values.erase(value);
    }
  }
}

std::size_t Tally::held() const {
  std::size_t held = 0;
  for (const Term& term : terms_) held += term.values.size();
  return held;
}

Result<Value> Tally::sum_of(const Term& term) {
  const FieldSpec& field = term.field->spec;
  if (!fits(term.sum)) return too_large(field, "sum");
  const auto sum = static_cast<std::int64_t>(term.sum);
  return field.type == FieldType::decimal ? Value(Decimal{sum, field.scale}) : Value(sum);
}

Result<Figures> Tally::figures() const {
  Figures figures;
  figures.rows = rows_;
  for (const Term& term : terms_) {
    switch (term.aggregator) {
      case Aggregator::count: figures.values.emplace_back(rows_); break;
      case Aggregator::count_distinct:
        figures.values.emplace_back(static_cast<std::int64_t>(term.values.size()));
        break;
      case Aggregator::min:
        figures.values.push_back(term.values.empty() ? Value() : term.values.begin()->first);
        break;
      case Aggregator::max:
        figures.values.push_back(term.values.empty() ? Value() : term.values.rbegin()->first);
        break;
      case Aggregator::sum: {
        SYNC_ASSIGN(Value sum, sum_of(term));
        figures.values.push_back(std::move(sum));
        break;
      }
      case Aggregator::avg: {
        SYNC_ASSIGN(Value sum, sum_of(term));
        SYNC_ASSIGN(Value average, query::average(term.field->spec, sum, term.count));
        figures.values.push_back(std::move(average));
        figures.averaged.push_back(std::move(sum));
        figures.averaged.emplace_back(term.count);
        break;
      }
    }
  }
  return figures;
}

}  // namespace syncline::query
