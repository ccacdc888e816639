// Task categories: reference data that managers arrange.
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"

namespace syncline::domain::crm {

inline constexpr model::FieldSpec kTaskCategoryFields[] = {
    model::text(8, "name").require().make_unique(),
    model::text(9, "color").with_format(model::TextFormat::color),
    model::integer(10, "position").with_policy(model::Policy::last_writer_wins),
};

struct TaskCategory {
  static constexpr model::FieldId name = model::field_id(kTaskCategoryFields, "name");
  static constexpr model::FieldId color = model::field_id(kTaskCategoryFields, "color");
  static constexpr model::FieldId position = model::field_id(kTaskCategoryFields, "position");
};

inline constexpr model::CollectionSpec kTaskCategories = {
    .id = kTaskCategoriesId,
    .module = "crm",
    .name = "task_categories",
    .singular = "task_category",
    .type_name = "TaskCategory",
    .api_path = "/api/task-categories",
    .title_field = TaskCategory::name,
    .fields = kTaskCategoryFields,
};

}  // namespace syncline::domain::crm
