// Contacts: the people at companies.
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

inline constexpr std::string_view kContactStatuses[] = {"active", "prospect", "customer",
                                                        "inactive"};

inline constexpr model::FieldSpec kContactFields[] = {
    model::text(8, "name").require(),
    model::text(9, "firstName"),
    model::text(10, "lastName"),
    model::text(11, "email").with_format(model::TextFormat::email),
    model::text(12, "phone").with_format(model::TextFormat::phone),
    model::text(13, "mobile").with_format(model::TextFormat::phone),
    model::text(14, "jobTitle"),
    model::reference(15, "companyId", kCompaniesId),
    model::enumeration(16, "status", kContactStatuses).require().with_default("active"),
    model::reference(17, "ownerId", kUsersId),
    model::text(18, "city"),
    model::text(19, "country"),
    model::long_text(20, "notes").with_policy(model::Policy::merge_text),
    model::text_set(21, "tags"),
    model::text(22, "externalId"),
};

struct Contact {
  static constexpr model::FieldId name = model::field_id(kContactFields, "name");
  static constexpr model::FieldId first_name = model::field_id(kContactFields, "firstName");
  static constexpr model::FieldId last_name = model::field_id(kContactFields, "lastName");
  static constexpr model::FieldId email = model::field_id(kContactFields, "email");
  static constexpr model::FieldId phone = model::field_id(kContactFields, "phone");
  static constexpr model::FieldId mobile = model::field_id(kContactFields, "mobile");
  static constexpr model::FieldId job_title = model::field_id(kContactFields, "jobTitle");
  static constexpr model::FieldId company_id = model::field_id(kContactFields, "companyId");
  static constexpr model::FieldId status = model::field_id(kContactFields, "status");
  static constexpr model::FieldId owner_id = model::field_id(kContactFields, "ownerId");
  static constexpr model::FieldId city = model::field_id(kContactFields, "city");
  static constexpr model::FieldId country = model::field_id(kContactFields, "country");
  static constexpr model::FieldId notes = model::field_id(kContactFields, "notes");
  static constexpr model::FieldId tags = model::field_id(kContactFields, "tags");
  static constexpr model::FieldId external_id = model::field_id(kContactFields, "externalId");

  static constexpr std::int64_t kActive = model::option_index(kContactFields, "status", "active");
  static constexpr std::int64_t kProspect =
      model::option_index(kContactFields, "status", "prospect");
  static constexpr std::int64_t kCustomer =
      model::option_index(kContactFields, "status", "customer");
  static constexpr std::int64_t kInactive =
      model::option_index(kContactFields, "status", "inactive");
};

inline constexpr model::CollectionSpec kContacts = {
    .id = kContactsId,
    .module = "crm",
    .name = "contacts",
    .singular = "contact",
    .type_name = "Contact",
    .api_path = "/api/crm/contacts",
    .title_field = Contact::name,
    .fields = kContactFields,
};

// Sends contact_status_changed.
[[nodiscard]] mutation::CollectionRules contact_rules();

}  // namespace syncline::domain::crm
