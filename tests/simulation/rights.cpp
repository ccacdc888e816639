#include "tests/simulation/rights.hpp"

#include <utility>

namespace syncline::simulation {

using tests::Item;
using tests::kItemsId;
using tests::kPeopleId;
using tests::Person;

namespace {

std::optional<mutation::Role> role_of(const tests::NaiveEvaluator& rows, const base::Id& user) {
  const auto person = rows.get(kPeopleId, user);
  if (!person) return std::nullopt;
  return role_named(person->text(Person::secret));
}

bool may_read(mutation::Role role, model::CollectionId collection) {
  if (role == mutation::Role::admin || role == mutation::Role::agent) return true;
  return collection == kItemsId;
}

query::Predicate rows_of(mutation::Role role, const base::Id& user, model::CollectionId collection,
                         query::Predicate where) {
  if (role != mutation::Role::agent || collection != kItemsId) return where;
  return query::all_of(
      {std::move(where), query::any_of({query::compare(Item::owner_id, query::Op::eq, user),
                                        query::is_null(Item::owner_id)})});
}

model::CollectionId target(model::CollectionId holder, const query::Include& include) {
  if (include.from != model::kNoCollection) return include.from;
  return holder == kItemsId && include.via == Item::shelf_id ? tests::kShelvesId : kPeopleId;
}

}  // namespace

std::optional<mutation::Role> role_named(std::string_view name) {
  if (name == kRoles[0]) return mutation::Role::admin;
  if (name == kRoles[1]) return mutation::Role::agent;
  if (name == kRoles[2]) return mutation::Role::engineer;
  if (name == kRoles[3]) return mutation::Role::viewer;
  return std::nullopt;
}

model::Record as_seen(const tests::NaiveEvaluator& rows, const base::Id& user,
                      const model::Record& row) {
  const auto role = role_of(rows, user);
  const model::CollectionId collection = row.collection().id();
  if (!role || !may_read(*role, collection)) return {};
  if (*role != mutation::Role::agent) return row;
  if (collection == kItemsId && row.has(Item::owner_id) && !(row.reference(Item::owner_id) == user))
    return {};
  if (collection != kPeopleId) return row;
  return model::RecordBuilder(row).set(Person::secret, {}).build();
}

std::optional<query::Query> as_allowed(const tests::NaiveEvaluator& rows, const base::Id& user,
                                       query::Query query) {
  const auto role = role_of(rows, user);
  if (!role || !may_read(*role, query.collection)) return std::nullopt;
  if (query.where.kind == query::Predicate::Kind::exists && !may_read(*role, tests::kShelvesId))
    return std::nullopt;
  query.where = rows_of(*role, user, query.collection, std::move(query.where));
  for (query::Include& include : query.includes) {
    const model::CollectionId related = target(query.collection, include);
    if (!may_read(*role, related)) return std::nullopt;
    include.where = rows_of(*role, user, related, std::move(include.where));
  }
  return query;
}

}  // namespace syncline::simulation
