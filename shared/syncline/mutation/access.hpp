// Who may do what: rights per role, collection and action, and row rules as predicates over $user (SEMANTICS 18, 44).
// Declared by domain modules as data; enforced by the authority, and consulted by the browser to hide what would be refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "syncline/query/ast.hpp"

namespace syncline::mutation {

// The options of users.role in this order, then the engine itself (migrations, import, seeding).
enum class Role : std::uint8_t { admin, manager, agent, engineer, viewer, system };
inline constexpr std::size_t kRoleCount = 6;
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> role_from_name(std::string_view name);

struct Actor {
  base::Id user;  // nil for system
  Role role = Role::viewer;
  bool operator==(const Actor&) const = default;
};

// act: domain actions on a record, beside its plain update.
enum class Right : std::uint8_t { read, create, update, remove, act };
inline constexpr std::size_t kRightCount = 5;

// One grant: this role may use these rights on this collection, for rows that satisfy `rows`.
struct Grant {
  Role role = Role::viewer;
  model::CollectionId collection = model::kNoCollection;
  std::vector<Right> rights;
  query::Predicate rows;  // always() = every row; may use $user
  // Of `read`: neither shown nor usable in filter, sort, group.
  std::vector<model::FieldId> masked_fields;
};

class AccessRules {
 public:
  // A later grant for the same role, collection and right replaces the earlier one.
  void add(Grant grant);
  // May this role use the right at all?
  [[nodiscard]] bool may(const Actor& actor, model::CollectionId collection, Right right) const;
  // The rows for which it may, bound to the user; never() when it may not at all, always() for the system.
  [[nodiscard]] query::Predicate rows(const Actor& actor, model::CollectionId collection,
                                      Right right) const;
  [[nodiscard]] bool may(const Actor& actor, const model::Record& record, Right right) const;
  [[nodiscard]] std::vector<model::FieldId> masked_fields(const Actor& actor,
                                                          model::CollectionId collection) const;
  // Do some roles see less of a row of this collection than others?
  [[nodiscard]] bool masks_any(model::CollectionId collection) const;
  // The query as this user may see it: row rules conjoined, also in conditions on related rows. Errors: forbidden (no right,
  // masked field mentioned; also for related and included collections).
  [[nodiscard]] base::Result<query::Query> rewrite(const model::Schema& schema, const Actor& actor,
                                                   query::Query query) const;

 private:
  [[nodiscard]] const Grant* find(Role role, model::CollectionId collection, Right right) const;
  // These fields may decide which rows are shown. Errors: forbidden.
  [[nodiscard]] base::Status may_use(const Actor& actor, const model::Collection& collection,
                                     const std::vector<model::FieldId>& fields) const;
  // Conditions on related rows go by those that the actor may read. Errors: forbidden.
  [[nodiscard]] base::Status restrict_relations(const model::Schema& schema, const Actor& actor,
                                                const model::Collection& holder,
                                                query::Predicate& predicate) const;
  // Only related rows that the actor may read are brought along. Errors: forbidden.
  [[nodiscard]] base::Status restrict_includes(const model::Schema& schema, const Actor& actor,
                                               const model::Collection& holder,
                                               std::vector<query::Include>& includes) const;
  // Groups by fields of related rows need the right to read all of those. Errors: forbidden.
  [[nodiscard]] base::Status may_group(const model::Schema& schema, const Actor& actor,
                                       const model::Collection& collection,
                                       const query::Query& query) const;
  std::vector<Grant> grants_;
};

}  // namespace syncline::mutation
