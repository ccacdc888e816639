#include "tests/support/naive_evaluator.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace syncline::tests {

using model::Field;
using model::FieldType;
using model::Record;
using model::Value;
using query::Op;
using query::Predicate;

namespace {

constexpr int kNo = -1;
constexpr int kUnknown = 0;
constexpr int kYes = 1;

struct Fold {
  char32_t from;
  char32_t to;
};
constexpr Fold kFolds[] = {{U'ä', U'a'}, {U'Ä', U'a'}, {U'é', U'e'},
                           {U'É', U'e'}, {U'ö', U'o'}, {U'ñ', U'n'}};

// Well-formed UTF-8 of up to three bytes, folded.
std::u32string folded(const std::string& text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) {
      return static_cast<char32_t>(static_cast<unsigned char>(text[at]));
    };
    char32_t c = byte(i);
    if (c < 0x80) {
      i += 1;
    } else if (c < 0xe0) {
      c = (c & 0x1f) << 6 | (byte(i + 1) & 0x3f);
      i += 2;
    } else {
      c = (c & 0x0f) << 12 | (byte(i + 1) & 0x3f) << 6 | (byte(i + 2) & 0x3f);
      i += 3;
    }
    if (c >= U'A' && c <= U'Z') c += 32;
    for (const Fold& fold : kFolds) {
      if (fold.from == c) c = fold.to;
    }
    result.push_back(c);
  }
  return result;
}

int sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

int compare_texts(const std::string& a, const std::string& b) {
  const std::u32string x = folded(a);
  const std::u32string y = folded(b);
  if (x != y) return sign(x < y, true);
  return sign(a < b, b < a);
}

// Two values of one field; nulls first.
int compare_naively(FieldType type, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null())
    return sign(a.is_null() && !b.is_null(), !a.is_null() && b.is_null());
  switch (type) {
    case FieldType::boolean: return sign(!a.boolean() && b.boolean(), a.boolean() && !b.boolean());
    case FieldType::integer:
    case FieldType::enumeration: return sign(a.integer() < b.integer(), a.integer() > b.integer());
    case FieldType::decimal:  // both have the field's scale
      return sign(
          a.decimal().mantissa<b.decimal().mantissa, a.decimal().mantissa> b.decimal().mantissa);
    case FieldType::text:
    case FieldType::long_text: return compare_texts(a.text(), b.text());
    case FieldType::reference:
      return sign(a.id().bytes < b.id().bytes, b.id().bytes < a.id().bytes);
    case FieldType::timestamp:
      return sign(a.timestamp().ms<b.timestamp().ms, a.timestamp().ms> b.timestamp().ms);
    case FieldType::date: return sign(a.date().days<b.date().days, a.date().days> b.date().days);
    case FieldType::set: break;
  }
  for (std::size_t i = 0; i < a.set().size() && i < b.set().size(); ++i) {
    const int by_item = compare_texts(a.set()[i], b.set()[i]);
    if (by_item != 0) return by_item;
  }
  return sign(a.set().size() < b.set().size(), a.set().size() > b.set().size());
}

// The pattern in pieces: a folded character, any one (kOne), any run (kRun).
constexpr char32_t kOne = 0xfffffff0;
constexpr char32_t kRun = 0xfffffff1;
std::u32string pattern_pieces(const std::string& pattern) {
  std::u32string result;
  const std::u32string text = folded(pattern);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\\' && i + 1 < text.size()) {
      result.push_back(text[++i]);
    } else {
      result.push_back(text[i] == U'%' ? kRun : text[i] == U'_' ? kOne : text[i]);
    }
  }
  return result;
}
bool like_naively(const std::u32string& text, std::size_t t, const std::u32string& pattern,
                  std::size_t p) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == kRun) {
    return like_naively(text, t, pattern, p + 1) ||
           (t < text.size() && like_naively(text, t + 1, pattern, p));
  }
  return t < text.size() && (pattern[p] == kOne || pattern[p] == text[t]) &&
         like_naively(text, t + 1, pattern, p + 1);
}

int truth_of(bool value) { return value ? kYes : kNo; }

int truth_of_compare(const Predicate& leaf, const Record& row) {
  const Value mine = row.get(leaf.field);
  if (leaf.op == Op::is_null) return truth_of(mine.is_null() == leaf.values.at(0).boolean());
  if (leaf.op == Op::in) {
    int result = kNo;  // x in (a, b) is x = a or x = b
    for (const Value& value : leaf.values) {
      if (value.is_null() || mine.is_null()) {
        result = std::max(result, kUnknown);
      } else if (value == mine) {
        result = kYes;
      }
    }
    return result;
  }
  const Value& theirs = leaf.values.at(0);
  if (mine.is_null() || theirs.is_null()) return kUnknown;
  if (leaf.op == Op::eq) return truth_of(mine == theirs);
  if (leaf.op == Op::ne) return truth_of(!(mine == theirs));
  if (leaf.op == Op::like)
    return truth_of(like_naively(folded(mine.text()), 0, pattern_pieces(theirs.text()), 0));
  if (leaf.op == Op::contains) {
    return truth_of(std::count(mine.set().begin(), mine.set().end(), theirs.text()) > 0);
  }
  const int order = compare_naively(row.collection().field(leaf.field).spec.type, mine, theirs);
  if (leaf.op == Op::lt) return truth_of(order < 0);
  if (leaf.op == Op::lte) return truth_of(order <= 0);
  if (leaf.op == Op::gt) return truth_of(order > 0);
  return truth_of(order >= 0);
}

// Where a row stands: its order values and its id.
int compare_places(const model::Collection& collection, const model::Order& order,
                   const std::vector<Value>& a, const base::Id& a_id, const std::vector<Value>& b,
                   const base::Id& b_id) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i].nulls != model::Nulls::natural && a[i].is_null() != b[i].is_null())
      return a[i].is_null() == (order[i].nulls == model::Nulls::first) ? -1 : 1;
    const int by_term = compare_naively(collection.field(order[i].field).spec.type, a[i], b[i]);
    if (by_term != 0) return order[i].descending ? -by_term : by_term;
  }
  return sign(a_id.bytes < b_id.bytes, b_id.bytes < a_id.bytes);
}

std::vector<Value> values_of(const model::Order& order, const Record& row) {
  std::vector<Value> values;
  for (const model::OrderTerm& term : order) values.push_back(row.get(term.field));
  return values;
}

}  // namespace

// Looks at every row of the other collection.
bool NaiveEvaluator::exists(const Predicate& leaf, const Record& row) const {
  const bool forward = leaf.from == model::kNoCollection;
  const model::CollectionId other =
      forward ? row.collection().field(leaf.field).spec.target : leaf.from;
  const auto rows = rows_.find(other);
  if (rows == rows_.end()) return false;
  for (const auto& [id, candidate] : rows->second) {
    const Value reference = forward ? row.get(leaf.field) : candidate.get(leaf.field);
    if (reference.is_null()) continue;
    if (!(reference.id() == (forward ? candidate.id() : row.id()))) continue;
    if (truth(leaf.children.at(0), candidate) == kYes) return true;
  }
  return false;
}

int NaiveEvaluator::truth(const Predicate& predicate, const Record& row) const {
  switch (predicate.kind) {
    case Predicate::Kind::always: return kYes;
    case Predicate::Kind::never: return kNo;
    case Predicate::Kind::compare: return truth_of_compare(predicate, row);
    case Predicate::Kind::negation: return -truth(predicate.children.at(0), row);
    case Predicate::Kind::exists: return truth_of(exists(predicate, row));
    case Predicate::Kind::all_of:
    case Predicate::Kind::any_of: break;
  }
  const bool all = predicate.kind == Predicate::Kind::all_of;
  int result = all ? kYes : kNo;
  for (const Predicate& child : predicate.children) {
    const int value = truth(child, row);
    result = all ? std::min(result, value) : std::max(result, value);
  }
  return result;
}

void NaiveEvaluator::apply(const model::Change& change) {
  Rows& rows = rows_[change.collection().id()];
  rows.erase(change.id().bytes);
  if (change.after) rows.emplace(change.id().bytes, change.after);
}

std::optional<Record> NaiveEvaluator::get(model::CollectionId collection,
                                          const base::Id& id) const {
  const auto rows = rows_.find(collection);
  if (rows == rows_.end()) return std::nullopt;
  const auto row = rows->second.find(id.bytes);
  return row == rows->second.end() ? std::nullopt : std::optional(row->second);
}

std::vector<Record> NaiveEvaluator::fetch(model::CollectionId collection,
                                          const NaiveFetch& request) const {
  const model::Collection& of = schema_.collection(collection);
  struct Placed {
    std::vector<Value> values;
    Record row;
  };
  std::vector<Placed> found;
  const auto rows = rows_.find(collection);
  if (rows == rows_.end()) return {};
  const int direction = request.reverse ? -1 : 1;
  for (const auto& entry : rows->second) {
    const Record& row = entry.second;
    if (truth(request.where, row) != kYes) continue;
    Placed placed{values_of(request.order, row), row};
    if (request.after) {
      const int place = compare_places(of, request.order, placed.values, row.id(),
                                       request.after->values, request.after->id);
      if (place * direction <= 0) continue;
    }
    found.push_back(std::move(placed));
  }
  std::sort(found.begin(), found.end(), [&](const Placed& a, const Placed& b) {
    return direction *
               compare_places(of, request.order, a.values, a.row.id(), b.values, b.row.id()) <
           0;
  });
  if (request.limit > 0 && found.size() > request.limit) found.resize(request.limit);
  std::vector<Record> result;
  for (Placed& placed : found) result.push_back(std::move(placed.row));
  return result;
}

void NaiveEvaluator::include_into(const std::vector<query::Include>& includes, const Record& row,
                                  Related& related) const {
  for (const query::Include& include : includes) {
    std::vector<Record> found;
    if (include.from == model::kNoCollection) {
      const Value reference = row.get(include.via);
      if (reference.is_null()) continue;
      const auto named = get(row.collection().field(include.via).spec.target, reference.id());
      if (named && truth(include.where, *named) == kYes) found.push_back(*named);
    } else {
      NaiveFetch all{include.where, include.order, std::nullopt, false, 0};
      for (const Record& child : fetch(include.from, all)) {
        const Value reference = child.get(include.via);
        if (!reference.is_null() && reference.id() == row.id()) found.push_back(child);
      }
      if (include.limit > 0 && found.size() > include.limit) found.resize(include.limit);
    }
    for (const Record& each : found) {
      related.emplace(std::pair(each.collection().id(), each.id().bytes), each);
      include_into(include.includes, each, related);
    }
  }
}

NaiveResult NaiveEvaluator::evaluate(const query::Query& query) const {
  NaiveResult result;
  NaiveFetch request{query.where, query.order, query.after, false, query.limit};
  result.rows = fetch(query.collection, request);
  if (query.aggregate) {
    result.groups = groups_of(query, result.rows);
    result.rows.clear();
  }
  Related related;
  for (const Record& row : result.rows) include_into(query.includes, row, related);
  for (const auto& entry : related) result.related.push_back(entry.second);
  return result;
}

namespace {

// Days since 1970 → year, month, day by counting, and back.
struct Day {
  int year;
  int month;
  int day;
};
bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}
Day day_of(std::int32_t days) {
  Day day{1970, 1, 1};
  for (; days < 0; days += is_leap(day.year) ? 366 : 365) --day.year;
  for (; days >= (is_leap(day.year) ? 366 : 365); ++day.year) days -= is_leap(day.year) ? 366 : 365;
  for (; days >= days_in(day.year, day.month); ++day.month) days -= days_in(day.year, day.month);
  day.day = days + 1;
  return day;
}

// The first day of the period: stepped back to day by day.
std::int32_t period_start(query::Period period, std::int32_t days) {
  const auto begins = [period](std::int32_t at) {
    const Day day = day_of(at);
    switch (period) {
      case query::Period::none:
      case query::Period::day: return true;
      case query::Period::week: return ((at % 7) + 7) % 7 == 4;  // day 4 was Monday, 5 January 1970
      case query::Period::month: return day.day == 1;
      case query::Period::quarter:
        return day.day == 1 &&
               (day.month == 1 || day.month == 4 || day.month == 7 || day.month == 10);
      case query::Period::year: return day.day == 1 && day.month == 1;
    }
    return true;
  };
  while (!begins(days)) --days;
  return days;
}

std::int64_t number_in(const Value& value) {
  if (value.kind() == Value::Kind::timestamp) return value.timestamp().ms;
  return value.kind() == Value::Kind::integer ? value.integer() : value.decimal().mantissa;
}
Value like(const Value& sample, std::int64_t number, std::uint8_t scale) {
  return sample.kind() == Value::Kind::integer ? Value(number)
                                               : Value(model::Decimal{number, scale});
}

// The figures of these rows, computed from all of them.
query::Figures figures_of(const model::Collection& collection,
                          const std::vector<query::AggregateTerm>& terms,
                          const std::vector<Record>& rows) {
  query::Figures figures;
  figures.rows = static_cast<std::int64_t>(rows.size());
  for (const query::AggregateTerm& term : terms) {
    if (term.aggregator == query::Aggregator::count) {
      figures.values.emplace_back(figures.rows);
      continue;
    }
    const model::FieldSpec& field = collection.field(term.field).spec;
    std::vector<Value> values;
    for (const Record& row : rows) {
      if (!row.get(term.field).is_null()) values.push_back(row.get(term.field));
    }
    std::sort(values.begin(), values.end(), [&](const Value& a, const Value& b) {
      return compare_naively(field.type, a, b) < 0;
    });
    const auto sum = [&] {
      std::int64_t total = 0;
      for (const Value& value : values) total += number_in(value);
      return total;
    };
    const Value sample =
        field.type == FieldType::decimal ? Value(model::Decimal{0, field.scale}) : Value(0);
    switch (term.aggregator) {
      case query::Aggregator::count: break;
      case query::Aggregator::sum:
        figures.values.push_back(like(sample, sum(), field.scale));
        break;
      case query::Aggregator::min:
        figures.values.push_back(values.empty() ? Value() : values.front());
        break;
      case query::Aggregator::max:
        figures.values.push_back(values.empty() ? Value() : values.back());
        break;
      case query::Aggregator::count_distinct: {
        std::int64_t distinct = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
          distinct += i == 0 || !(values[i] == values[i - 1]) ? 1 : 0;
        figures.values.emplace_back(distinct);
        break;
      }
      case query::Aggregator::avg: {
        const auto count = static_cast<std::int64_t>(values.size());
        const int own = field.type == FieldType::decimal ? field.scale : 0;
        const int digits = std::min(own + 2, 6);
        if (count == 0) {
          figures.values.emplace_back();
        } else {
          std::int64_t scaled = sum();
          for (int i = own; i < digits; ++i) scaled *= 10;
          // Twice as fine, so that half is a whole number; away from zero.
          const std::int64_t size = scaled < 0 ? -scaled : scaled;
          const std::int64_t rounded = (2 * size + count) / (2 * count);
          figures.values.emplace_back(
              model::Decimal{scaled < 0 ? -rounded : rounded, static_cast<std::uint8_t>(digits)});
        }
        figures.averaged.push_back(like(sample, sum(), field.scale));
        figures.averaged.emplace_back(count);
        break;
      }
    }
  }
  return figures;
}

}  // namespace

// Time zones are judged elsewhere (time_zone_test.cpp): here they are UTC.
std::vector<Value> NaiveEvaluator::key_of(const query::Query& query, const Record& row) const {
  std::vector<Value> key;
  for (const query::GroupKey& part : query.aggregate->group_by) {
    Value value;
    if (part.via == model::kNoField) {
      value = row.get(part.field);
    } else if (!row.get(part.via).is_null()) {
      const auto other = get(row.collection().field(part.via).spec.target, row.get(part.via).id());
      if (other) value = other->get(part.field);
    }
    if (part.period != query::Period::none && !value.is_null()) {
      std::int64_t days = 0;
      if (value.kind() == Value::Kind::date) {
        days = value.date().days;
      } else {
        constexpr std::int64_t kDayMs = 86'400'000;
        const std::int64_t ms = value.timestamp().ms;
        days = ms / kDayMs - (ms % kDayMs < 0 ? 1 : 0);
      }
      value = base::Date{period_start(part.period, static_cast<std::int32_t>(days))};
    }
    key.push_back(std::move(value));
  }
  return key;
}

std::vector<NaiveGroup> NaiveEvaluator::groups_of(const query::Query& query,
                                                  const std::vector<Record>& rows) const {
  const query::Aggregate& aggregate = *query.aggregate;
  const model::Collection& collection = schema_.collection(query.collection);
  struct Members {
    std::vector<Value> key;
    std::vector<Record> now;
    std::vector<Record> previous;
  };
  std::vector<Members> all;
  if (aggregate.group_by.empty()) all.emplace_back();
  for (const Record& row : rows) {
    bool is_now = true;
    if (aggregate.trend) {
      const query::Trend& trend = *aggregate.trend;
      const FieldType type = collection.field(trend.field).spec.type;
      const Value at = row.get(trend.field);
      if (at.is_null() || compare_naively(type, at, trend.previous) < 0 ||
          compare_naively(type, at, trend.to) >= 0)
        continue;
      is_now = compare_naively(type, at, trend.from) >= 0;
    }
    const std::vector<Value> key = key_of(query, row);
    auto found =
        std::find_if(all.begin(), all.end(), [&](const Members& each) { return each.key == key; });
    if (found == all.end()) found = all.insert(all.end(), Members{key, {}, {}});
    (is_now ? found->now : found->previous).push_back(row);
  }
  std::vector<NaiveGroup> groups;
  for (const Members& members : all) {
    NaiveGroup group;
    static_cast<query::Figures&>(group) = figures_of(collection, aggregate.terms, members.now);
    if (aggregate.trend) group.previous = figures_of(collection, aggregate.terms, members.previous);
    group.key = members.key;
    groups.push_back(std::move(group));
  }
  const auto type_of = [&](const query::GroupKey& part) {
    if (part.period != query::Period::none) return FieldType::date;
    const model::Collection& of = part.via == model::kNoField
                                      ? collection
                                      : schema_.collection(collection.field(part.via).spec.target);
    return of.field(part.field).spec.type;
  };
  std::sort(groups.begin(), groups.end(), [&](const NaiveGroup& a, const NaiveGroup& b) {
    for (std::size_t i = 0; i < a.key.size(); ++i) {
      const int by_part = compare_naively(type_of(aggregate.group_by[i]), a.key[i], b.key[i]);
      if (by_part != 0) return by_part < 0;
    }
    return false;
  });
  return groups;
}

}  // namespace syncline::tests
