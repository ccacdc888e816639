// Tasks: what somebody has to do. Status:
//
//   open ↔ in_progress → completed → open (reopened)
//   any → cancelled → open
//   open → completed by crm.task.complete only: it starts the task on the way
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

inline constexpr std::string_view kTaskStatuses[] = {"open", "in_progress", "completed",
                                                     "cancelled"};
inline constexpr std::string_view kTaskPriorities[] = {"low", "normal", "high", "urgent"};

inline constexpr model::FieldSpec kTaskFields[] = {
    model::text(8, "title").require(),
    model::long_text(9, "description").with_policy(model::Policy::merge_text),
    model::reference(10, "categoryId", kTaskCategoriesId),
    model::enumeration(11, "status", kTaskStatuses).require().with_default("open"),
    model::enumeration(12, "priority", kTaskPriorities).require().with_default("normal"),
    model::timestamp(13, "dueAt"),
    model::timestamp(14, "completedAt").make_read_only(),
    model::reference(15, "assigneeId", kUsersId),
    model::reference(16, "leadId", kLeadsId),
    model::reference(17, "contactId", kContactsId),
    model::reference(18, "companyId", kCompaniesId),
    model::reference(19, "dealId", kDealsId),
};

struct Task {
  static constexpr model::FieldId title = model::field_id(kTaskFields, "title");
  static constexpr model::FieldId description = model::field_id(kTaskFields, "description");
  static constexpr model::FieldId category_id = model::field_id(kTaskFields, "categoryId");
  static constexpr model::FieldId status = model::field_id(kTaskFields, "status");
  static constexpr model::FieldId priority = model::field_id(kTaskFields, "priority");
  static constexpr model::FieldId due_at = model::field_id(kTaskFields, "dueAt");
  static constexpr model::FieldId completed_at = model::field_id(kTaskFields, "completedAt");
  static constexpr model::FieldId assignee_id = model::field_id(kTaskFields, "assigneeId");
  static constexpr model::FieldId lead_id = model::field_id(kTaskFields, "leadId");
  static constexpr model::FieldId contact_id = model::field_id(kTaskFields, "contactId");
  static constexpr model::FieldId company_id = model::field_id(kTaskFields, "companyId");
  static constexpr model::FieldId deal_id = model::field_id(kTaskFields, "dealId");

  static constexpr std::int64_t kOpen = model::option_index(kTaskFields, "status", "open");
  static constexpr std::int64_t kInProgress =
      model::option_index(kTaskFields, "status", "in_progress");
  static constexpr std::int64_t kCompleted =
      model::option_index(kTaskFields, "status", "completed");
  static constexpr std::int64_t kCancelled =
      model::option_index(kTaskFields, "status", "cancelled");

  static constexpr std::int64_t kLow = model::option_index(kTaskFields, "priority", "low");
  static constexpr std::int64_t kNormal = model::option_index(kTaskFields, "priority", "normal");
  static constexpr std::int64_t kHigh = model::option_index(kTaskFields, "priority", "high");
  static constexpr std::int64_t kUrgent = model::option_index(kTaskFields, "priority", "urgent");
};

inline constexpr model::CollectionSpec kTasks = {
    .id = kTasksId,
    .module = "crm",
    .name = "tasks",
    .singular = "task",
    .type_name = "Task",
    .api_path = "/api/crm/tasks",
    .title_field = Task::title,
    .fields = kTaskFields,
};

inline constexpr std::string_view kCompleteTask = "crm.task.complete";

// Status transitions, completedAt; sends task_assigned and task_completed. Error: illegal_transition.
[[nodiscard]] mutation::CollectionRules task_rules();

// crm.task.complete {}: done, from open or in progress. A completed task stays as it is.
[[nodiscard]] mutation::MutatorSpec complete_task_mutator();

}  // namespace syncline::domain::crm
