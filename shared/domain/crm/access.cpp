#include "domain/crm/access.hpp"

#include "domain/crm/activities.hpp"
#include "domain/crm/companies.hpp"
#include "domain/crm/contacts.hpp"
#include "domain/crm/deals.hpp"
#include "domain/crm/leads.hpp"
#include "domain/crm/module.hpp"
#include "domain/crm/phone_calls.hpp"
#include "domain/crm/tasks.hpp"

namespace syncline::domain::crm {
namespace {

using model::CollectionId;
using model::FieldId;
using mutation::Right;
using mutation::Role;
using query::Predicate;

class Grants {
 public:
  Grants(mutation::AccessRules& access, Role role) : access_(access), role_(role) {}
  Grants& add(CollectionId collection, std::vector<Right> rights,
              Predicate rows = query::always()) {
    mutation::Grant grant;
    grant.role = role_;
    grant.collection = collection;
    grant.rights = std::move(rights);
    grant.rows = std::move(rows);
    access_.add(std::move(grant));
    return *this;
  }

 private:
  mutation::AccessRules& access_;
  Role role_;
};

Predicate theirs_or_nobodys(FieldId owner) {
  return query::any_of({query::equals_user(owner), query::is_null(owner)});
}

// What nobody owns is its author's.
Predicate their_own(FieldId owner) {
  return query::any_of(
      {query::equals_user(owner),
       query::all_of({query::is_null(owner), query::equals_user(model::kCreatedByField)})});
}

void grant_agent(mutation::AccessRules& access) {
  Grants agent(access, Role::agent);
  const std::pair<CollectionId, FieldId> owned[] = {
      {kLeadsId, Lead::owner_id},
      {kCompaniesId, Company::owner_id},
      {kContactsId, Contact::owner_id},
      {kDealsId, Deal::owner_id},
  };
  for (const auto& entry : owned) {
    agent
        .add(entry.first, {Right::read, Right::create, Right::update, Right::act},
             theirs_or_nobodys(entry.second))
        .add(entry.first, {Right::remove}, their_own(entry.second));
  }
  // Work is also its author's: who hands a task to a colleague still sees what becomes of it.
  const std::pair<CollectionId, FieldId> work[] = {
      {kActivitiesId, Activity::user_id},
      {kTasksId, Task::assignee_id},
      {kPhoneCallsId, PhoneCall::user_id},
  };
  for (const auto& entry : work) {
    agent
        .add(entry.first, {Right::read, Right::create, Right::update, Right::act},
             query::any_of(
                 {theirs_or_nobodys(entry.second), query::equals_user(model::kCreatedByField)}))
        .add(entry.first, {Right::remove}, their_own(entry.second));
  }
  for (const CollectionId collection : {kLeadSourcesId, kDealStagesId, kTaskCategoriesId}) {
    agent.add(collection, {Right::read});
  }
}

void grant_engineer(mutation::AccessRules& access) {
  const Predicate own = query::any_of(
      {query::equals_user(Task::assignee_id), query::equals_user(model::kCreatedByField)});
  Grants(access, Role::engineer)
      .add(kTasksId, {Right::read, Right::create, Right::update, Right::act}, own)
      .add(kTasksId, {Right::remove}, their_own(Task::assignee_id))
      .add(kTaskCategoriesId, {Right::read});
}

}  // namespace

void grant_rights(mutation::AccessRules& access) {
  for (const model::CollectionSpec& collection : collections()) {
    for (const Role role : {Role::admin, Role::manager}) {
      Grants(access, role)
          .add(collection.id,
               {Right::read, Right::create, Right::update, Right::remove, Right::act});
    }
    Grants(access, Role::viewer).add(collection.id, {Right::read});
  }
  grant_agent(access);
  grant_engineer(access);
}

}  // namespace syncline::domain::crm
