// Activities: what happened with a lead, contact, company or deal. They go when what they tell about goes.
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

inline constexpr std::string_view kActivityKinds[] = {"call", "email", "meeting", "note", "system"};

inline constexpr model::FieldSpec kActivityFields[] = {
    model::enumeration(8, "kind", kActivityKinds).require(),
    model::text(9, "subject").require(),
    model::long_text(10, "body"),
    model::timestamp(11, "at"),
    model::integer(12, "durationMinutes").at_least(0),
    model::reference(13, "leadId", kLeadsId).when_target_deleted(model::OnDelete::cascade),
    model::reference(14, "contactId", kContactsId).when_target_deleted(model::OnDelete::cascade),
    model::reference(15, "companyId", kCompaniesId).when_target_deleted(model::OnDelete::cascade),
    model::reference(16, "dealId", kDealsId).when_target_deleted(model::OnDelete::cascade),
    model::reference(17, "userId", kUsersId),
};

struct Activity {
  static constexpr model::FieldId kind = model::field_id(kActivityFields, "kind");
  static constexpr model::FieldId subject = model::field_id(kActivityFields, "subject");
  static constexpr model::FieldId body = model::field_id(kActivityFields, "body");
  static constexpr model::FieldId at = model::field_id(kActivityFields, "at");
  static constexpr model::FieldId duration_minutes =
      model::field_id(kActivityFields, "durationMinutes");
  static constexpr model::FieldId lead_id = model::field_id(kActivityFields, "leadId");
  static constexpr model::FieldId contact_id = model::field_id(kActivityFields, "contactId");
  static constexpr model::FieldId company_id = model::field_id(kActivityFields, "companyId");
  static constexpr model::FieldId deal_id = model::field_id(kActivityFields, "dealId");
  static constexpr model::FieldId user_id = model::field_id(kActivityFields, "userId");

  static constexpr std::int64_t kCall = model::option_index(kActivityFields, "kind", "call");
  static constexpr std::int64_t kEmail = model::option_index(kActivityFields, "kind", "email");
  static constexpr std::int64_t kMeeting = model::option_index(kActivityFields, "kind", "meeting");
  static constexpr std::int64_t kNote = model::option_index(kActivityFields, "kind", "note");
  static constexpr std::int64_t kSystem = model::option_index(kActivityFields, "kind", "system");
};

inline constexpr model::CollectionSpec kActivities = {
    .id = kActivitiesId,
    .module = "crm",
    .name = "activities",
    .singular = "activity",
    .type_name = "Activity",
    .api_path = "/api/crm/activities",
    .title_field = Activity::subject,
    .fields = kActivityFields,
};

// A new activity happened now and to its author, unless it says otherwise.
[[nodiscard]] mutation::CollectionRules activity_rules();

}  // namespace syncline::domain::crm
