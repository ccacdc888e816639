// Leads: somebody who might buy. Status:
//
//   new, contacted, qualified, unqualified   freely among each other
//   converted                                from any of them by crm.lead.convert only; final
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

inline constexpr std::string_view kLeadStatuses[] = {"new", "contacted", "qualified", "unqualified",
                                                     "converted"};

inline constexpr model::FieldSpec kLeadFields[] = {
    model::text(8, "name").require(),
    model::text(9, "email").with_format(model::TextFormat::email),
    model::text(10, "phone").with_format(model::TextFormat::phone),
    model::text(11, "companyName"),
    model::text(12, "jobTitle"),
    model::reference(13, "sourceId", kLeadSourcesId),
    model::enumeration(14, "status", kLeadStatuses).require().with_default("new"),
    model::integer(15, "score").between(0, 100),
    model::money(16, "value"),
    model::reference(17, "ownerId", kUsersId),
    model::long_text(18, "notes").with_policy(model::Policy::merge_text),
    model::text_set(19, "tags"),
    model::timestamp(20, "convertedAt").make_read_only(),
    model::reference(21, "convertedCompanyId", kCompaniesId).make_read_only(),
    model::reference(22, "convertedContactId", kContactsId).make_read_only(),
    model::reference(23, "convertedDealId", kDealsId).make_read_only(),
    model::text(24, "externalId"),
};

struct Lead {
  static constexpr model::FieldId name = model::field_id(kLeadFields, "name");
  static constexpr model::FieldId email = model::field_id(kLeadFields, "email");
  static constexpr model::FieldId phone = model::field_id(kLeadFields, "phone");
  static constexpr model::FieldId company_name = model::field_id(kLeadFields, "companyName");
  static constexpr model::FieldId job_title = model::field_id(kLeadFields, "jobTitle");
  static constexpr model::FieldId source_id = model::field_id(kLeadFields, "sourceId");
  static constexpr model::FieldId status = model::field_id(kLeadFields, "status");
  static constexpr model::FieldId score = model::field_id(kLeadFields, "score");
  static constexpr model::FieldId value = model::field_id(kLeadFields, "value");
  static constexpr model::FieldId owner_id = model::field_id(kLeadFields, "ownerId");
  static constexpr model::FieldId notes = model::field_id(kLeadFields, "notes");
  static constexpr model::FieldId tags = model::field_id(kLeadFields, "tags");
  static constexpr model::FieldId converted_at = model::field_id(kLeadFields, "convertedAt");
  static constexpr model::FieldId converted_company_id =
      model::field_id(kLeadFields, "convertedCompanyId");
  static constexpr model::FieldId converted_contact_id =
      model::field_id(kLeadFields, "convertedContactId");
  static constexpr model::FieldId converted_deal_id =
      model::field_id(kLeadFields, "convertedDealId");
  static constexpr model::FieldId external_id = model::field_id(kLeadFields, "externalId");

  static constexpr std::int64_t kNew = model::option_index(kLeadFields, "status", "new");
  static constexpr std::int64_t kContacted =
      model::option_index(kLeadFields, "status", "contacted");
  static constexpr std::int64_t kQualified =
      model::option_index(kLeadFields, "status", "qualified");
  static constexpr std::int64_t kUnqualified =
      model::option_index(kLeadFields, "status", "unqualified");
  static constexpr std::int64_t kConverted =
      model::option_index(kLeadFields, "status", "converted");
};

inline constexpr model::CollectionSpec kLeads = {
    .id = kLeadsId,
    .module = "crm",
    .name = "leads",
    .singular = "lead",
    .type_name = "Lead",
    .api_path = "/api/crm/leads",
    .title_field = Lead::name,
    .fields = kLeadFields,
};

inline constexpr std::string_view kConvertLead = "crm.lead.convert";

// Status transitions; sends lead_assigned. Error: illegal_transition.
[[nodiscard]] mutation::CollectionRules lead_rules();

// crm.lead.assign {ownerId}: hands a lead over; null leaves it to everybody.
struct AssignLead {
  static constexpr model::FieldSpec kArguments[] = {model::reference(8, "ownerId", kUsersId)};
  static constexpr model::FieldId owner_id = model::field_id(kArguments, "ownerId");
};
[[nodiscard]] mutation::MutatorSpec assign_lead_mutator();

// crm.lead.convert {companyId?, createDeal = true, dealName?, stageId?}: the lead becomes a contact at a company (given, else
// matched by name, else new) and, unless createDeal is false, a deal of its value.
// Result: companyId, contactId, dealId. Errors: already_converted, bad_reference.
struct ConvertLead {
  static constexpr model::FieldSpec kArguments[] = {
      model::reference(8, "companyId", kCompaniesId),
      model::boolean(9, "createDeal").with_default("true"),
      model::text(10, "dealName"),
      model::reference(11, "stageId", kDealStagesId),
  };
  static constexpr model::FieldId company_id = model::field_id(kArguments, "companyId");
  static constexpr model::FieldId create_deal = model::field_id(kArguments, "createDeal");
  static constexpr model::FieldId deal_name = model::field_id(kArguments, "dealName");
  static constexpr model::FieldId stage_id = model::field_id(kArguments, "stageId");
};
[[nodiscard]] mutation::MutatorSpec convert_lead_mutator();

}  // namespace syncline::domain::crm
