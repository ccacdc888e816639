#include "domain/crm/tasks.hpp"

#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

// Rows: from; columns: to; in the order of kTaskStatuses.
constexpr bool kMayFollow[4][4] = {
    // open  in_progress  completed  cancelled
    {true, true, false, true},   // open
    {true, true, true, true},    // in_progress
    {true, false, true, true},   // completed
    {true, false, false, true},  // cancelled
};

bool may_follow(std::int64_t from, std::int64_t to, std::string_view mutator) {
  if (from == Task::kOpen && to == Task::kCompleted) return mutator == kCompleteTask;
  return kMayFollow[from][to];
}

Status before_task(Transaction& tx, const Record& before, RecordBuilder& after) {
  // An empty status is refused by validation afterwards.
  const Value status = after.get(Task::status);
  if (status.is_null()) return {};
  const bool completed = status.integer() == Task::kCompleted;
  if (is_changed(before, after, Task::status)) {
    if (!may_follow(before.integer(Task::status), status.integer(), tx.mutator())) {
      return base::Error{base::Code::illegal_transition,
                         "A task cannot go from this status to that one.", "status"};
    }
    if (completed) tx.emit(kTasksId, before.id(), "task_completed", "completed");
  }
  if (!completed) {
    after.set(Task::completed_at, {});
  } else if (after.get(Task::completed_at).is_null()) {
    after.set(Task::completed_at, tx.now());
  }
  if (is_changed(before, after, Task::assignee_id)) {
    tx.emit(kTasksId, before.id(), "task_assigned", "assigned");
  }
  return {};
}

Result<mutation::MutatorResult> complete_task(Transaction& tx, const model::Arguments& arguments) {
  const Transaction::Privileged completing(tx);
  SYNC_TRY(tx.update(kTasksId, arguments.get(model::kIdField).id(),
                     {assign(Task::status, Task::kCompleted)}));
  return mutation::MutatorResult{};
}

}  // namespace

mutation::CollectionRules task_rules() { return make_rules(kTasksId, before_task); }

mutation::MutatorSpec complete_task_mutator() {
  return make_action(kCompleteTask, kTasksId, "complete", complete_task);
}

}  // namespace syncline::domain::crm
