#include "domain/platform/module.hpp"

#include "domain/declare.hpp"
#include "domain/platform/users.hpp"

namespace syncline::domain::platform {
namespace {

using mutation::Right;
using mutation::Role;

static_assert(std::size(kUserRoles) == mutation::kRoleCount - 1,
              "users.role lists every role but the system");

constexpr auto kAdminRole = static_cast<std::int64_t>(Role::admin);

bool administers(const Value& role, const Value& can_log_in) {
  return role == Value(kAdminRole) && can_log_in == Value(true);
}

// Nobody could give the right back from inside the application.
Status another_admin_stays(Transaction& tx, const Record& leaving) {
  query::Query others;
  others.collection = kUsersId;
  others.where =
      query::all_of({query::compare(User::role, query::Op::eq, kAdminRole),
                     query::compare(User::can_log_in, query::Op::eq, true),
                     query::negate(query::compare(model::kIdField, query::Op::eq, leaving.id()))});
  others.limit = 1;
  SYNC_ASSIGN(const std::vector<Record> found, tx.find(others));
  if (!found.empty()) return {};
  return base::Error{base::Code::rule_violation,
                     "This is the last administrator. Make somebody else one first."};
}

Status before_remove_user(Transaction& tx, const Record& user) {
  if (!administers(user.get(User::role), user.get(User::can_log_in))) return {};
  return another_admin_stays(tx, user);
}

// One address is one person however it was typed; ASCII only, as mail servers compare it.
Status before_user(Transaction& tx, const Record& before, RecordBuilder& after) {
  if (before && administers(before.get(User::role), before.get(User::can_log_in)) &&
      !administers(after.get(User::role), after.get(User::can_log_in))) {
    SYNC_TRY(another_admin_stays(tx, before));
  }
  const Value& email = after.get(User::email);
  if (email.is_null()) return {};
  std::string lower = email.text();
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  after.set(User::email, std::move(lower));
  return {};
}

// SEMANTICS 44. Everybody sees who the others are, as owner of a deal or author of a note; how to reach them, and whether they
// may log in, is for administrators and managers.
void grant_rights(mutation::AccessRules& access) {
  const auto grant = [&access](Role role, std::vector<Right> rights,
                               std::vector<FieldId> masked = {}) {
    mutation::Grant made;
    made.role = role;
    made.collection = kUsersId;
    made.rights = std::move(rights);
    made.rows = query::always();
    made.masked_fields = std::move(masked);
    access.add(std::move(made));
  };
  grant(Role::admin, {Right::read, Right::create, Right::update, Right::remove, Right::act});
  grant(Role::manager, {Right::read});
  for (const Role role : {Role::agent, Role::engineer, Role::viewer}) {
    grant(role, {Right::read}, {User::email, User::phone, User::can_log_in});
  }
}

}  // namespace

std::vector<model::CollectionSpec> collections() { return {kUsers}; }

void declare(mutation::Domain& domain) {
  mutation::CollectionRules rules = make_rules(kUsersId, before_user);
  rules.before_remove = before_remove_user;
  domain.registry.add(rules);
  // Who may do what is decided now or not at all: days later it may be somebody else's decision.
  for (const auto* name : {"platform.users.insert", "platform.users.update",
                           "platform.users.remove", "platform.users.restore"})
    domain.registry.make_online_only(name);
  grant_rights(domain.access);
}

}  // namespace syncline::domain::platform
