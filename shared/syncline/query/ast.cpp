#include "syncline/query/ast.hpp"

#include <utility>

namespace syncline::query {

namespace {

Predicate group(Predicate::Kind kind, std::vector<Predicate> children) {
  Predicate result;
  result.kind = kind;
  result.children = std::move(children);
  return result;
}

Predicate leaf(FieldId field, Op op, std::vector<model::Value> values) {
  Predicate result;
  result.kind = Predicate::Kind::compare;
  result.field = field;
  result.op = op;
  result.values = std::move(values);
  return result;
}

}  // namespace

Predicate always() { return group(Predicate::Kind::always, {}); }
Predicate never() { return group(Predicate::Kind::never, {}); }

Predicate compare(FieldId field, Op op, model::Value value) {
  std::vector<model::Value> values;
  values.push_back(std::move(value));
  return leaf(field, op, std::move(values));
}

Predicate in(FieldId field, std::vector<model::Value> values) {
  return leaf(field, Op::in, std::move(values));
}

Predicate is_null(FieldId field, bool null) { return compare(field, Op::is_null, null); }

Predicate equals_user(FieldId field) {
  Predicate result = leaf(field, Op::eq, {});
  result.parameter = Predicate::Parameter::user_id;
  return result;
}

Predicate all_of(std::vector<Predicate> children) {
  return group(Predicate::Kind::all_of, std::move(children));
}
Predicate any_of(std::vector<Predicate> children) {
  return group(Predicate::Kind::any_of, std::move(children));
}
Predicate negate(Predicate child) {
  std::vector<Predicate> children;
  children.push_back(std::move(child));
  return group(Predicate::Kind::negation, std::move(children));
}

Predicate exists(FieldId reference, Predicate inner) {
  return exists_in(model::kNoCollection, reference, std::move(inner));
}
Predicate exists_in(CollectionId from, FieldId reference, Predicate inner) {
  Predicate result = negate(std::move(inner));
  result.kind = Predicate::Kind::exists;
  result.field = reference;
  result.from = from;
  return result;
}

}  // namespace syncline::query
