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
  if (query.aggregate) {
    for (const query::GroupKey& key : query.aggregate->group_by)
      used.push_back(key.via == model::kNoField ? key.field : key.via);
    if (query.aggregate->trend) used.push_back(query.aggregate->trend->field);
    for (const query::AggregateTerm& term : query.aggregate->terms) {
      if (term.aggregator != query::Aggregator::count) used.push_back(term.field);
    }
  }
  return used;
}

void add_rule(query::Predicate& where, query::Predicate rule) {
  if (rule.kind == query::Predicate::Kind::always) return;
  where = where.kind == query::Predicate::Kind::always
              ? std::move(rule)
              : query::all_of({std::move(where), std::move(rule)});
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

void AccessRules::add(Grant grant) {
  // A rule is asked of single records, where nobody knows related ones.
  SYNC_CHECK(!query::has_relations(grant.rows), "a row rule is about the row alone");
  grants_.push_back(std::move(grant));
}

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

bool AccessRules::masks_any(model::CollectionId collection) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return grant.collection == collection && !grant.masked_fields.empty();
  });
}

base::Status AccessRules::may_use(const Actor& actor, const model::Collection& collection,
                                  const std::vector<model::FieldId>& fields) const {
  if (!may(actor, collection.id(), Right::read)) return may_not_read(collection.name());
  const std::vector<model::FieldId> masked = masked_fields(actor, collection.id());
  for (const model::FieldId field : fields) {
    if (!contains(masked, field)) continue;
    const std::string name(collection.field(field).spec.name);
    return base::Error{base::Code::forbidden, "You may not read " + name + ".", name};
  }
  return {};
}

base::Status AccessRules::restrict_relations(const model::Schema& schema, const Actor& actor,
                                             const model::Collection& holder,
                                             query::Predicate& predicate) const {
  if (predicate.kind != query::Predicate::Kind::exists) {
    for (query::Predicate& child : predicate.children)
      SYNC_TRY(restrict_relations(schema, actor, holder, child));
    return {};
  }
  const model::Collection& other = schema.collection(query::related_collection(holder, predicate));
  query::Predicate& inner = predicate.children.front();
  std::vector<model::FieldId> used = query::mentioned_fields(inner);
  if (predicate.from != model::kNoCollection) used.push_back(predicate.field);
  SYNC_TRY(may_use(actor, other, used));
  SYNC_TRY(restrict_relations(schema, actor, other, inner));
  add_rule(inner, rows(actor, other.id(), Right::read));
  return {};
}

base::Status AccessRules::restrict_includes(const model::Schema& schema, const Actor& actor,
                                            const model::Collection& holder,
                                            std::vector<query::Include>& includes) const {
  for (query::Include& include : includes) {
    const model::Collection& other = schema.collection(query::related_collection(holder, include));
    std::vector<model::FieldId> used = query::mentioned_fields(include.where);
    for (const model::OrderTerm& term : include.order) used.push_back(term.field);
    if (include.from == model::kNoCollection) {
      SYNC_TRY(may_use(actor, holder, {include.via}));
    } else {
      used.push_back(include.via);
    }
    SYNC_TRY(may_use(actor, other, used));
    add_rule(include.where, rows(actor, other.id(), Right::read));
    SYNC_TRY(restrict_includes(schema, actor, other, include.includes));
  }
  return {};
}

base::Status AccessRules::may_group(const model::Schema& schema, const Actor& actor,
                                    const model::Collection& collection,
                                    const query::Query& query) const {
  if (!query.aggregate) return {};
  for (const query::GroupKey& key : query.aggregate->group_by) {
    if (key.via == model::kNoField) continue;
    const model::Collection& other = schema.collection(collection.field(key.via).spec.target);
    SYNC_TRY(may_use(actor, other, {key.field}));
    // A group would tell of rows that this user may not see.
    if (rows(actor, other.id(), Right::read).kind != query::Predicate::Kind::always)
      return may_not_read(other.name());
  }
  return {};
}

base::Result<query::Query> AccessRules::rewrite(const model::Schema& schema, const Actor& actor,
                                                query::Query query) const {
  if (actor.role == Role::system) return query;
  const model::Collection* collection = schema.find(query.collection);
  if (collection == nullptr) {
    return base::Error{base::Code::unknown_collection, "There is no such collection."};
  }
  SYNC_TRY(may_use(actor, *collection, fields_used(query)));
  SYNC_TRY(restrict_includes(schema, actor, *collection, query.includes));
  SYNC_TRY(restrict_relations(schema, actor, *collection, query.where));
  SYNC_TRY(may_group(schema, actor, *collection, query));
  query::Predicate rule = rows(actor, query.collection, Right::read);
  add_rule(query.where, std::move(rule));
  return query;
}

}  // namespace syncline::mutation
