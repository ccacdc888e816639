#include "tests/unit/domain/crm_world.hpp"

namespace syncline::tests {
namespace {

using namespace domain;
using namespace domain::crm;

class Tasks : public CrmWorld {
 protected:
  Id task(std::int64_t status = Task::kOpen) {
    return world_.insert("crm.tasks", {{Task::title, "Call back"}, {Task::status, status}});
  }
  model::Record row(const Id& id) { return world_.row(kTasksId, id); }
};

TEST_F(Tasks, HaveDefaults) {
  const model::Record made = row(world_.insert("crm.tasks", {{Task::title, "Call back"}}));
  EXPECT_EQ(made.integer(Task::status), Task::kOpen);
  EXPECT_EQ(made.integer(Task::priority), Task::kNormal);
  EXPECT_FALSE(made.has(Task::completed_at));
  EXPECT_EQ(code_of(world_.run("crm.tasks.insert", {})), Code::required);
}

// Rule: open <-> in_progress -> completed -> open; any -> cancelled -> open.
TEST_F(Tasks, EveryStatusTransition) {
  const bool legal[4][4] = {
      {true, true, false, true},
      {true, true, true, true},
      {true, false, true, true},
      {true, false, false, true},
  };
  for (int from = 0; from < 4; ++from) {
    for (int to = 0; to < 4; ++to) {
      const Id id = task(from);
      world_.advance(60'000);
      const auto outcome =
          world_.run("crm.tasks.update", {{model::kIdField, id}, {Task::status, to}});
      EXPECT_EQ(code_of(outcome), legal[from][to] ? Code::ok : Code::illegal_transition)
          << from << " to " << to;
      const int now_in = legal[from][to] ? to : from;
      EXPECT_EQ(row(id).integer(Task::status), now_in);
      EXPECT_EQ(row(id).has(Task::completed_at), now_in == Task::kCompleted)
          << from << " to " << to;
      const bool completes = legal[from][to] && to == Task::kCompleted && from != to;
      EXPECT_EQ(events_of(outcome), completes ? "task_completed:completed" : "");
    }
  }
}

// Rule: the action completes from open or in progress, once, and never a cancelled task.
TEST_F(Tasks, CompleteFromEveryStatus) {
  const struct {
    std::int64_t from;
    Code code;
    const char* events;
  } cases[] = {
      {Task::kOpen, Code::ok, "task_completed:completed"},
      {Task::kInProgress, Code::ok, "task_completed:completed"},
      {Task::kCompleted, Code::ok, ""},
      {Task::kCancelled, Code::illegal_transition, ""},
  };
  for (const auto& c : cases) {
    const Id id = task(c.from);
    const auto outcome = world_.run("crm.task.complete", {{model::kIdField, id}});
    EXPECT_EQ(code_of(outcome), c.code) << c.from;
    EXPECT_EQ(events_of(outcome), c.events) << c.from;
  }
}

TEST_F(Tasks, CompletedAtIsTheEngines) {
  const Id id = task();
  EXPECT_EQ(code_of(world_.run("crm.tasks.update",
                               {{model::kIdField, id}, {Task::completed_at, world_.now()}})),
            Code::read_only);
  world_.advance(5'000);
  ASSERT_TRUE(world_.run("crm.task.complete", {{model::kIdField, id}}).status.ok());
  EXPECT_EQ(row(id).get(Task::completed_at), Value(world_.now()));
  const base::Timestamp then = world_.now();
  world_.advance(5'000);
  ASSERT_TRUE(
      world_.run("crm.tasks.update", {{model::kIdField, id}, {Task::title, "Called"}}).status.ok());
  EXPECT_EQ(row(id).get(Task::completed_at), Value(then));
}

TEST_F(Tasks, ChangeOfAssigneeIsAnEvent) {
  const Id id = task();
  const auto outcome = world_.run(
      "crm.tasks.update", {{model::kIdField, id}, {Task::assignee_id, user_id(Role::engineer)}});
  EXPECT_EQ(events_of(outcome), "task_assigned:assigned");
}

// Rule: engineers have their own tasks, and only those.
TEST_F(Tasks, EngineersSeeTheirOwn) {
  const Id others = task();
  const Id mine = world_.insert(
      "crm.tasks", {{Task::title, "Fix"}, {Task::assignee_id, user_id(Role::engineer)}});
  become(Role::engineer);
  EXPECT_EQ(code_of(world_.run("crm.task.complete", {{model::kIdField, mine}})), Code::ok);
  EXPECT_EQ(code_of(world_.run("crm.task.complete", {{model::kIdField, others}})), Code::not_found);
  EXPECT_EQ(code_of(world_.run("crm.tasks.insert", {{Task::title, "Own note"}})), Code::ok);
  EXPECT_EQ(code_of(world_.run("crm.tasks.remove", {{model::kIdField, mine}})), Code::ok);
}

}  // namespace
}  // namespace syncline::tests
