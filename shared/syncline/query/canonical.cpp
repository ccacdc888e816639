// canonical(): one form per meaning. Negations are pushed down to the comparisons (De Morgan holds in three-valued logic);
// after that nothing sits under a negation but a leaf, so "unknown" may be folded to "never": both select nothing.
#include "syncline/query/canonical.hpp"

#include <algorithm>
#include <utility>

#include "syncline/base/sort.hpp"
#include "syncline/query/key.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::query {

namespace {

using model::Value;

template <class T>
base::Bytes bytes_of(const T& value) {
  KeyArchive archive;
  archive(value);
  return archive.take();
}

template <class T>
void sort_unique_by_bytes(std::vector<T>& items) {
  std::vector<std::pair<base::Bytes, T>> keyed;
  keyed.reserve(items.size());
  for (T& item : items) {
    base::Bytes key = bytes_of(item);
    keyed.emplace_back(std::move(key), std::move(item));
  }
  base::sort(keyed.begin(), keyed.end(),
             [](const auto& a, const auto& b) { return a.first < b.first; });
  items.clear();
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    if (i == 0 || keyed[i].first != keyed[i - 1].first) items.push_back(std::move(keyed[i].second));
  }
}

Op opposite(Op op) {
  switch (op) {
    case Op::eq: return Op::ne;
    case Op::ne: return Op::eq;
    case Op::lt: return Op::gte;
    case Op::lte: return Op::gt;
    case Op::gt: return Op::lte;
    case Op::gte: return Op::lt;
    case Op::in:
    case Op::like:
    case Op::is_null:
    case Op::contains: break;  // these keep their negation
  }
  return op;
}

Predicate simplify_in(Predicate leaf, bool negated) {
  const auto is_null_value = [](const Value& value) { return value.is_null(); };
  const auto nulls = std::find_if(leaf.values.begin(), leaf.values.end(), is_null_value);
  const bool any_null = nulls != leaf.values.end();
  if (negated && any_null) return never();  // "not in (…, null)" is never true
  leaf.values.erase(std::remove_if(leaf.values.begin(), leaf.values.end(), is_null_value),
                    leaf.values.end());
  if (leaf.values.empty()) return negated ? always() : never();
  sort_unique_by_bytes(leaf.values);
  if (leaf.values.size() == 1)
    return compare(leaf.field, negated ? Op::ne : Op::eq, std::move(leaf.values.front()));
  return negated ? negate(std::move(leaf)) : leaf;
}

Predicate simplify_compare(Predicate leaf, bool negated) {
  leaf.children.clear();
  if (leaf.parameter != Predicate::Parameter::none) {
    leaf.values.clear();
    if (negated) leaf.op = opposite(leaf.op);
    return leaf;
  }
  if (leaf.op == Op::in) return simplify_in(std::move(leaf), negated);
  if (leaf.op == Op::is_null) return is_null(leaf.field, leaf.values.front().boolean() != negated);
  if (leaf.values.front().is_null()) return never();
  if (!negated) return leaf;
  if (leaf.op == Op::like || leaf.op == Op::contains) return negate(std::move(leaf));
  leaf.op = opposite(leaf.op);
  return leaf;
}

Predicate simplify(Predicate predicate, bool negated);

// REQUIRES: kind is all_of or any_of.
Predicate simplify_group(Predicate group, bool negated) {
  using Kind = Predicate::Kind;
  const bool all = (group.kind == Kind::all_of) != negated;
  const Kind kind = all ? Kind::all_of : Kind::any_of;
  const Kind neutral = all ? Kind::always : Kind::never;
  const Kind absorbing = all ? Kind::never : Kind::always;
  std::vector<Predicate> children;
  for (Predicate& child : group.children) {
    Predicate simple = simplify(std::move(child), negated);
    if (simple.kind == absorbing) return simple;
    if (simple.kind == neutral) continue;
    if (simple.kind == kind) {
      for (Predicate& inner : simple.children) children.push_back(std::move(inner));
    } else {
      children.push_back(std::move(simple));
    }
  }
  sort_unique_by_bytes(children);
  if (children.empty()) return all ? always() : never();
  if (children.size() == 1) return std::move(children.front());
  return all ? all_of(std::move(children)) : any_of(std::move(children));
}

Predicate simplify_exists(Predicate leaf, bool negated) {
  Predicate inner = simplify(std::move(leaf.children.front()), false);
  if (inner.kind == Predicate::Kind::never) return negated ? always() : never();
  Predicate result = exists_in(leaf.from, leaf.field, std::move(inner));
  return negated ? negate(std::move(result)) : result;
}

Predicate simplify(Predicate predicate, bool negated) {
  switch (predicate.kind) {
    case Predicate::Kind::always: return negated ? never() : always();
    case Predicate::Kind::never: return negated ? always() : never();
    case Predicate::Kind::compare: return simplify_compare(std::move(predicate), negated);
    case Predicate::Kind::negation: {
      Predicate child = std::move(predicate.children.front());
      return simplify(std::move(child), !negated);
    }
    case Predicate::Kind::exists: return simplify_exists(std::move(predicate), negated);
    case Predicate::Kind::all_of:
    case Predicate::Kind::any_of: return simplify_group(std::move(predicate), negated);
  }
  return never();
}

bool decides_alone(const model::Field& field) {
  return field.spec.id == model::kIdField || (field.spec.unique && field.spec.required);
}

// Nulls are first ascending and last descending anyway, and a header field has none.
model::OrderTerm simplify_term(const model::Collection& collection, model::OrderTerm term) {
  const model::FieldSpec& field = collection.field(term.field).spec;
  const model::Nulls natural = term.descending ? model::Nulls::last : model::Nulls::first;
  if (term.nulls == natural || field.id == model::kIdField || field.id == model::kVersionField)
    term.nulls = model::Nulls::natural;
  return term;
}

// Terms that can never decide go: repeated fields, everything after a field that no two rows share, and a last "id
// ascending", which is how ties are broken anyway. The cursor's values go with them.
void simplify_order(const model::Collection& collection, model::Order& terms,
                    std::optional<model::OrderKey>& after) {
  model::Order order;
  std::vector<Value> values;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const model::OrderTerm term = simplify_term(collection, terms[i]);
    const bool repeated = std::any_of(order.begin(), order.end(),
                                      [&](const auto& t) { return t.field == term.field; });
    if (repeated) continue;
    if (term.field == model::kIdField && !term.descending) break;
    order.push_back(term);
    if (after) values.push_back(after->values[i]);
    if (decides_alone(collection.field(term.field))) break;
  }
  terms = std::move(order);
  if (after) after->values = std::move(values);
}

void simplify_includes(const model::Schema& schema, const model::Collection& holder,
                       std::vector<Include>& includes) {
  for (Include& include : includes) {
    const model::Collection& other = schema.collection(related_collection(holder, include));
    std::optional<model::OrderKey> nowhere;
    include.where = simplify(std::move(include.where), false);
    simplify_order(other, include.order, nowhere);
    simplify_includes(schema, other, include.includes);
  }
  sort_unique_by_bytes(includes);
}

}  // namespace

Query canonical(const model::Schema& schema, Query query) {
  const model::Collection& collection = schema.collection(query.collection);
  query.where = simplify(std::move(query.where), false);
  simplify_order(collection, query.order, query.after);
  simplify_includes(schema, collection, query.includes);
  if (query.aggregate) {
    for (AggregateTerm& term : query.aggregate->terms) {
      if (term.aggregator == Aggregator::count) term.field = model::kNoField;
    }
    for (GroupKey& key : query.aggregate->group_by) {
      if (key.zone == "UTC" || key.zone == "Etc/UTC") key.zone.clear();
    }
  }
  return query;
}

}  // namespace syncline::query
