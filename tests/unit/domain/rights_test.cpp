#include "tests/unit/domain/crm_world.hpp"

namespace syncline::tests {
namespace {

using namespace domain;
using namespace domain::crm;
using mutation::Right;

using Rights = CrmWorld;

constexpr Right kAllRights[] = {Right::read, Right::create, Right::update, Right::remove,
                                Right::act};

// SEMANTICS 44, as one table: r read, c create, u update, d remove, a act.
TEST_F(Rights, PerRoleAndCollection) {
  const struct {
    model::CollectionId collection;
    const char* admin;
    const char* manager;
    const char* agent;
    const char* engineer;
    const char* viewer;
  } table[] = {
      {kUsersId, "rcuda", "r", "r", "r", "r"},
      {kLeadSourcesId, "rcuda", "rcuda", "r", "", "r"},
      {kDealStagesId, "rcuda", "rcuda", "r", "", "r"},
      {kTaskCategoriesId, "rcuda", "rcuda", "r", "r", "r"},
      {kLeadsId, "rcuda", "rcuda", "rcuda", "", "r"},
      {kCompaniesId, "rcuda", "rcuda", "rcuda", "", "r"},
      {kContactsId, "rcuda", "rcuda", "rcuda", "", "r"},
      {kDealsId, "rcuda", "rcuda", "rcuda", "", "r"},
      {kActivitiesId, "rcuda", "rcuda", "rcuda", "", "r"},
      {kTasksId, "rcuda", "rcuda", "rcuda", "rcuda", "r"},
      {kPhoneCallsId, "rcuda", "rcuda", "rcuda", "", "r"},
  };
  ASSERT_EQ(std::size(table), std::size(kCollectionIds)) << "every collection has its line";
  for (const auto& line : table) {
    const char* cells[] = {line.admin, line.manager, line.agent, line.engineer, line.viewer};
    for (std::size_t role = 0; role < std::size(cells); ++role) {
      mutation::Actor actor;
      actor.role = static_cast<Role>(role);
      std::string rights;
      for (const Right right : kAllRights) {
        if (domain_->access.may(actor, line.collection, right)) {
          rights += "rcuda"[static_cast<std::size_t>(right)];
        }
      }
      EXPECT_EQ(rights, cells[role]) << line.collection << " " << mutation::to_string(actor.role);
    }
  }
}

// Rule: agents see, change and convert what they or nobody own; another's record is as good as absent. They delete their own.
TEST_F(Rights, AgentsAndOwners) {
  const struct {
    Value owner;
    bool sees;
    bool removes;
  } cases[] = {
      {Value(user_id(Role::agent)), true, true},
      {Value(), true, false},
      {Value(other_agent()), false, false},
  };
  for (const auto& c : cases) {
    become(Role::admin);
    const Id lead = world_.insert("crm.leads", {{Lead::name, "Ada"}, {Lead::owner_id, c.owner}});
    const Id deal = world_.insert("crm.deals", {{Deal::name, "Mill"}, {Deal::owner_id, c.owner}});
    become(Role::agent);
    const Code seen = c.sees ? Code::ok : Code::not_found;
    EXPECT_EQ(code_of(world_.run("crm.leads.update", {{model::kIdField, lead}, {Lead::score, 5}})),
              seen);
    EXPECT_EQ(code_of(world_.run("crm.deal.move", {{model::kIdField, deal},
                                                   {MoveDeal::stage_id, stage("proposal")}})),
              seen);
    EXPECT_EQ(code_of(world_.run("crm.lead.convert", {{model::kIdField, lead}})), seen);
    const Code removed = !c.sees ? Code::not_found : c.removes ? Code::ok : Code::forbidden;
    EXPECT_EQ(code_of(world_.run("crm.leads.remove", {{model::kIdField, lead}})), removed);
    EXPECT_EQ(code_of(world_.run("crm.deals.remove", {{model::kIdField, deal}})), removed);
  }
}

// Rule: work is its assignee's, its author's, or, without an assignee, everybody's; another's task is as good as absent.
TEST_F(Rights, AgentsAndWork) {
  const struct {
    Role author;
    Value assignee;
    bool sees;
  } cases[] = {
      {Role::admin, Value(user_id(Role::agent)), true},
      {Role::admin, Value(), true},
      {Role::admin, Value(other_agent()), false},
      {Role::agent, Value(other_agent()), true},
  };
  for (const auto& c : cases) {
    become(c.author);
    const Id task =
        world_.insert("crm.tasks", {{Task::title, "Call back"}, {Task::assignee_id, c.assignee}});
    become(Role::agent);
    const Code seen = c.sees ? Code::ok : Code::not_found;
    EXPECT_EQ(
        code_of(world_.run("crm.tasks.update", {{model::kIdField, task}, {Task::title, "Owned"}})),
        seen);
    EXPECT_EQ(code_of(world_.run("crm.task.complete", {{model::kIdField, task}})), seen);
  }
}

TEST_F(Rights, AgentsCreateForThemselvesOrNobody) {
  become(Role::agent);
  EXPECT_EQ(code_of(world_.run("crm.leads.insert", {{Lead::name, "A"}})), Code::ok);
  EXPECT_EQ(code_of(world_.run("crm.leads.insert",
                               {{Lead::name, "A"}, {Lead::owner_id, user_id(Role::agent)}})),
            Code::ok);
  EXPECT_EQ(
      code_of(world_.run("crm.leads.insert", {{Lead::name, "A"}, {Lead::owner_id, other_agent()}})),
      Code::forbidden);
  const Id own = world_.insert("crm.leads", {{Lead::name, "A"}});
  EXPECT_EQ(code_of(world_.run("crm.leads.remove", {{model::kIdField, own}})), Code::ok)
      << "its author's";
}

// Rule: there is always an administrator who can log in; nobody could make another from inside the application.
TEST_F(Rights, TheLastAdministratorStays) {
  const Id admin = user_id(Role::admin);
  const auto role = [](Role r) { return Value(static_cast<std::int64_t>(r)); };
  const auto demote = [&] {
    return code_of(
        world_.run("platform.users.update",
                   {{model::kIdField, admin}, {platform::User::role, role(Role::viewer)}}));
  };
  EXPECT_EQ(demote(), Code::rule_violation);
  EXPECT_EQ(code_of(world_.run("platform.users.update",
                               {{model::kIdField, admin}, {platform::User::can_log_in, false}})),
            Code::rule_violation);
  EXPECT_EQ(code_of(world_.run("platform.users.remove", {{model::kIdField, admin}})),
            Code::rule_violation);
  ASSERT_EQ(
      code_of(world_.run("platform.users.update", {{model::kIdField, user_id(Role::manager)},
                                                   {platform::User::role, role(Role::admin)}})),
      Code::ok);
  EXPECT_EQ(demote(), Code::ok);
}

TEST_F(Rights, ViewersOnlyRead) {
  const Id id = world_.insert("crm.leads", {{Lead::name, "Ada"}});
  become(Role::viewer);
  EXPECT_EQ(code_of(world_.run("crm.leads.insert", {{Lead::name, "A"}})), Code::forbidden);
  EXPECT_EQ(code_of(world_.run("crm.leads.update", {{model::kIdField, id}, {Lead::name, "B"}})),
            Code::forbidden);
  EXPECT_EQ(code_of(world_.run("crm.leads.remove", {{model::kIdField, id}})), Code::forbidden);
  EXPECT_EQ(code_of(world_.run("crm.lead.convert", {{model::kIdField, id}})), Code::forbidden);
}

// SEMANTICS 18: a masked field is no filter and no order either.
TEST_F(Rights, ContactDataOfUsersIsForManagers) {
  query::Query query;
  query.collection = kUsersId;
  query.order.push_back({User::email, false});
  mutation::Actor actor;
  actor.user = user_id(Role::agent);
  for (const Role role : {Role::agent, Role::engineer, Role::viewer}) {
    actor.role = role;
    EXPECT_FALSE(domain_->access.rewrite(domain_->schema, actor, query).ok());
  }
  actor.role = Role::manager;
  EXPECT_TRUE(domain_->access.rewrite(domain_->schema, actor, query).ok());
}

}  // namespace
}  // namespace syncline::tests
