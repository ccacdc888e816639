#include "syncline/mutation/access.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "syncline/query/predicate.hpp"

namespace syncline::mutation {
namespace {

constexpr std::array<std::string_view, kRoleCount> kRoleNames = {"admin",    "manager", "agent",
                                                                 "engineer", "viewer",  "system"};

bool contains(const std::vector<model::FieldId>& fields, model::FieldId field) {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

// Every field whose content the query lets its author learn something about.
std::vector<model::FieldId> fields_used(const query::Query& query) {
  std::vector<model::FieldId> used = query::mentioned_fields(query.where);
  for (const model::OrderTerm& term : query.order) used.push_back(term.field);
  for (const query::Include& include : query.includes) used.push_back(include.via);
  if (query.aggregate) {
    if (query.aggregate->group_by != model::kNoField) used.push_back(query.aggregate->group_by);
    for (const query::AggregateTerm& term : query.aggregate->terms) {
      if (term.aggregator != query::Aggregator::count) used.push_back(term.field);
    }
  }
  return used;
}

base::Error may_not_read(std::string_view collection) {
  return {base::Code::forbidden, "You may not read " + std::string(collection) + "."};
}

}  // namespace

std::string_view to_string(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> role_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

void AccessRules::add(Grant grant) { grants_.push_back(std::move(grant)); }

const Grant* AccessRules::find(Role role, model::CollectionId collection, Right right) const {
  const auto found = std::find_if(grants_.rbegin(), grants_.rend(), [&](const Grant& grant) {
    return grant.role == role && grant.collection == collection &&
           std::find(grant.rights.begin(), grant.rights.end(), right) != grant.rights.end();
  });
  return found == grants_.rend() ? nullptr : &*found;
}

bool AccessRules::may(const Actor& actor, model::CollectionId collection, Right right) const {
  return actor.role == Role::system || find(actor.role, collection, right) != nullptr;
}

query::Predicate AccessRules::rows(const Actor& actor, model::CollectionId collection,
                                   Right right) const {
  if (actor.role == Role::system) return query::always();
  const Grant* grant = find(actor.role, collection, right);
  return grant == nullptr ? query::never() : query::bind(grant->rows, actor.user);
}

bool AccessRules::may(const Actor& actor, const model::Record& record, Right right) const {
  return query::matches(rows(actor, record.collection().id(), right), record);
}

std::vector<model::FieldId> AccessRules::masked_fields(const Actor& actor,
                                                       model::CollectionId collection) const {
  if (actor.role == Role::system) return {};
  const Grant* grant = find(actor.role, collection, Right::read);
  return grant == nullptr ? std::vector<model::FieldId>{} : grant->masked_fields;
}

base::Result<query::Query> AccessRules::rewrite(const model::Schema& schema, const Actor& actor,
                                                query::Query query) const {
  if (actor.role == Role::system) return query;
  const model::Collection* collection = schema.find(query.collection);
  if (collection == nullptr) {
    return base::Error{base::Code::unknown_collection, "There is no such collection."};
  }
  if (!may(actor, query.collection, Right::read)) return may_not_read(collection->name());
  const std::vector<model::FieldId> masked = masked_fields(actor, query.collection);
  for (const model::FieldId field : fields_used(query)) {
    if (!contains(masked, field)) continue;
    const std::string name(collection->field(field).spec.name);
    return base::Error{base::Code::forbidden, "You may not read " + name + ".", name};
  }
  for (const query::Include& include : query.includes) {
    const model::CollectionId target = collection->field(include.via).spec.target;
    if (!may(actor, target, Right::read)) {
      return may_not_read(schema.collection(target).name());
    }
  }
  query::Predicate rule = rows(actor, query.collection, Right::read);
  if (rule.kind != query::Predicate::Kind::always) {
    query.where = query.where.kind == query::Predicate::Kind::always
                      ? std::move(rule)
                      : query::all_of({std::move(query.where), std::move(rule)});
  }
  return query;
}

}  // namespace syncline::mutation
