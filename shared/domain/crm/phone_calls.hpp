// Phone calls, in and out. They outlive what they were about.
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

inline constexpr std::string_view kCallDirections[] = {"in", "out"};
inline constexpr std::string_view kCallOutcomes[] = {"answered", "missed", "voicemail", "busy"};

inline constexpr model::FieldSpec kPhoneCallFields[] = {
    model::enumeration(8, "direction", kCallDirections).require(),
    model::timestamp(9, "at").require(),
    model::integer(10, "durationSeconds").at_least(0),
    model::enumeration(11, "outcome", kCallOutcomes),
    model::text(12, "number").with_format(model::TextFormat::phone),
    model::long_text(13, "notes").with_policy(model::Policy::merge_text),
    model::reference(14, "leadId", kLeadsId),
    model::reference(15, "contactId", kContactsId),
    model::reference(16, "companyId", kCompaniesId),
    model::reference(17, "dealId", kDealsId),
    model::reference(18, "userId", kUsersId),
};

struct PhoneCall {
  static constexpr model::FieldId direction = model::field_id(kPhoneCallFields, "direction");
  static constexpr model::FieldId at = model::field_id(kPhoneCallFields, "at");
  static constexpr model::FieldId duration_seconds =
      model::field_id(kPhoneCallFields, "durationSeconds");
  static constexpr model::FieldId outcome = model::field_id(kPhoneCallFields, "outcome");
  static constexpr model::FieldId number = model::field_id(kPhoneCallFields, "number");
  static constexpr model::FieldId notes = model::field_id(kPhoneCallFields, "notes");
  static constexpr model::FieldId lead_id = model::field_id(kPhoneCallFields, "leadId");
  static constexpr model::FieldId contact_id = model::field_id(kPhoneCallFields, "contactId");
  static constexpr model::FieldId company_id = model::field_id(kPhoneCallFields, "companyId");
  static constexpr model::FieldId deal_id = model::field_id(kPhoneCallFields, "dealId");
  static constexpr model::FieldId user_id = model::field_id(kPhoneCallFields, "userId");

  static constexpr std::int64_t kIn = model::option_index(kPhoneCallFields, "direction", "in");
  static constexpr std::int64_t kOut = model::option_index(kPhoneCallFields, "direction", "out");
  static constexpr std::int64_t kAnswered =
      model::option_index(kPhoneCallFields, "outcome", "answered");
  static constexpr std::int64_t kMissed =
      model::option_index(kPhoneCallFields, "outcome", "missed");
  static constexpr std::int64_t kVoicemail =
      model::option_index(kPhoneCallFields, "outcome", "voicemail");
  static constexpr std::int64_t kBusy = model::option_index(kPhoneCallFields, "outcome", "busy");
};

inline constexpr model::CollectionSpec kPhoneCalls = {
    .id = kPhoneCallsId,
    .module = "crm",
    .name = "phone_calls",
    .singular = "phone_call",
    .type_name = "PhoneCall",
    .api_path = "/api/crm/phone-calls",
    .title_field = PhoneCall::number,
    .fields = kPhoneCallFields,
};

// A new call was its author's, unless it says otherwise.
[[nodiscard]] mutation::CollectionRules phone_call_rules();

}  // namespace syncline::domain::crm
