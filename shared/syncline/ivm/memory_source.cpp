#include "syncline/ivm/memory_source.hpp"

#include <algorithm>

#include "syncline/base/sort.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::ivm {

namespace {

using model::FieldType;
using model::Record;
using query::Op;
using query::Predicate;

// How few rows an equality on this field is likely to leave; higher is fewer.
int selectivity(const model::FieldSpec& field) {
  if (field.id == model::kIdField || field.unique) return 5;
  switch (field.type) {
    case FieldType::reference: return 4;
    case FieldType::text:
    case FieldType::long_text: return 3;
    case FieldType::integer:
    case FieldType::decimal:
    case FieldType::timestamp:
    case FieldType::date: return 2;
    case FieldType::enumeration: return 1;
    case FieldType::boolean:
    case FieldType::set: return 0;
  }
  return 0;
}

bool is_equality(const Predicate& predicate) {
  return predicate.kind == Predicate::Kind::compare && predicate.op == Op::eq &&
         predicate.values.size() == 1 && !predicate.values.front().is_null();
}

// The equality that every matching row satisfies and that leaves the fewest rows, or nullptr.
const Predicate* best_equality(const model::Collection& collection, const Predicate& where) {
  if (is_equality(where)) return &where;
  if (where.kind != Predicate::Kind::all_of) return nullptr;
  const Predicate* best = nullptr;
  int best_score = -1;
  for (const Predicate& child : where.children) {
    const Predicate* candidate = best_equality(collection, child);
    if (candidate == nullptr) continue;
    const int score = selectivity(collection.field(candidate->field).spec);
    if (score > best_score) {
      best = candidate;
      best_score = score;
    }
  }
  return best;
}

// The list of ids that every matching row is in, or nullptr.
const Predicate* id_list(const Predicate& where) {
  if (where.kind == Predicate::Kind::compare && where.field == model::kIdField &&
      where.op == Op::in)
    return &where;
  if (where.kind != Predicate::Kind::all_of) return nullptr;
  for (const Predicate& child : where.children) {
    if (const Predicate* found = id_list(child)) return found;
  }
  return nullptr;
}

// Visits what `request` asks for, of `rows`, which holds every matching row.
void visit_sorted(const model::Collection& collection, const FetchRequest& request,
                  std::vector<Record> rows, const RowVisitor& visit) {
  const auto position = [&](const Record& row) {
    return model::compare_record_to_key(collection, request.order, row, *request.after);
  };
  base::sort(rows.begin(), rows.end(), [&](const Record& a, const Record& b) {
    const int sign = model::compare_records(collection, request.order, a, b);
    return request.reverse ? sign > 0 : sign < 0;
  });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const Record& a, const Record& b) { return a.same(b); }),
             rows.end());
  std::uint32_t count = 0;
  for (const Record& row : rows) {
    if (request.after && (request.reverse ? position(row) >= 0 : position(row) <= 0)) continue;
    if (!visit(row)) return;
    if (++count == request.limit) return;
  }
}

}  // namespace

base::Status MemorySource::fetch(const FetchRequest& request, const RowVisitor& visit) {
  if (const Predicate* ids = id_list(request.where)) {
    std::vector<Record> rows;
    for (const model::Value& value : ids->values) {
      if (value.kind() != model::Value::Kind::id) continue;
      Record row = table_.get(value.id());
      if (row && query::matches(request.where, row)) rows.push_back(std::move(row));
    }
    visit_sorted(table_.collection(), request, std::move(rows), visit);
    return {};
  }
  std::uint32_t count = 0;
  const auto visit_matching = [&](const Record& row) {
    if (!query::matches(request.where, row)) return true;
    return visit(row) && ++count != request.limit;
  };
  if (const Predicate* equality = best_equality(table_.collection(), request.where)) {
    table_.scan_equal_ordered(equality->field, equality->values.front(), request.order,
                              request.after, request.reverse, visit_matching);
  } else {
    table_.scan(request.order, request.after, request.reverse, visit_matching);
  }
  return {};
}

base::Status MemorySource::fetch_by(model::FieldId field, const model::Value& value,
                                    const RowVisitor& visit) {
  // "field = null" is never true.
  if (!value.is_null()) table_.scan_equal(field, value, visit);
  return {};
}

void MemorySources::apply(const model::Change& change) {
  store::Table& target = table(change.collection().id());
  if (change.after) {
    target.put(change.after);
  } else {
    target.erase(change.before.id());
  }
}

void MemorySources::clear() {
  for (const auto& entry : entries_) {
    if (entry) entry->table.clear();
  }
}

MemorySources::Entry& MemorySources::entry(model::CollectionId collection) {
  if (collection >= entries_.size()) entries_.resize(collection + std::size_t{1});
  std::unique_ptr<Entry>& found = entries_[collection];
  if (!found) found = std::make_unique<Entry>(schema_.collection(collection));
  return *found;
}

}  // namespace syncline::ivm
