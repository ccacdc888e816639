// Companies: customers, suppliers and carriers, used by the ERP too (CRM-8).
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

inline constexpr std::string_view kCompanyKinds[] = {"customer", "supplier", "carrier"};

inline constexpr model::FieldSpec kCompanyFields[] = {
    model::text(8, "name").require(),
    model::text_set(9, "kinds", kCompanyKinds),
    model::text(10, "sector"),
    model::text(11, "website").with_format(model::TextFormat::url),
    model::text(12, "phone").with_format(model::TextFormat::phone),
    model::text(13, "email").with_format(model::TextFormat::email),
    model::text(14, "street"),
    model::text(15, "city"),
    model::text(16, "region"),
    model::text(17, "postalCode"),
    model::text(18, "country"),
    model::integer(19, "employees").at_least(0),
    model::money(20, "annualRevenue"),
    model::integer(21, "foundedYear").between(1, 9999),
    model::reference(22, "parentId", kCompaniesId),
    model::reference(23, "ownerId", kUsersId),
    model::long_text(24, "notes").with_policy(model::Policy::merge_text),
    model::text(25, "externalId").make_unique(),
};

struct Company {
  static constexpr model::FieldId name = model::field_id(kCompanyFields, "name");
  static constexpr model::FieldId kinds = model::field_id(kCompanyFields, "kinds");
  static constexpr model::FieldId sector = model::field_id(kCompanyFields, "sector");
  static constexpr model::FieldId website = model::field_id(kCompanyFields, "website");
  static constexpr model::FieldId phone = model::field_id(kCompanyFields, "phone");
  static constexpr model::FieldId email = model::field_id(kCompanyFields, "email");
  static constexpr model::FieldId street = model::field_id(kCompanyFields, "street");
  static constexpr model::FieldId city = model::field_id(kCompanyFields, "city");
  static constexpr model::FieldId region = model::field_id(kCompanyFields, "region");
  static constexpr model::FieldId postal_code = model::field_id(kCompanyFields, "postalCode");
  static constexpr model::FieldId country = model::field_id(kCompanyFields, "country");
  static constexpr model::FieldId employees = model::field_id(kCompanyFields, "employees");
  static constexpr model::FieldId annual_revenue = model::field_id(kCompanyFields, "annualRevenue");
  static constexpr model::FieldId founded_year = model::field_id(kCompanyFields, "foundedYear");
  static constexpr model::FieldId parent_id = model::field_id(kCompanyFields, "parentId");
  static constexpr model::FieldId owner_id = model::field_id(kCompanyFields, "ownerId");
  static constexpr model::FieldId notes = model::field_id(kCompanyFields, "notes");
  static constexpr model::FieldId external_id = model::field_id(kCompanyFields, "externalId");
};

inline constexpr model::CollectionSpec kCompanies = {
    .id = kCompaniesId,
    .module = "crm",
    .name = "companies",
    .singular = "company",
    .type_name = "Company",
    .api_path = "/api/crm/companies",
    .title_field = Company::name,
    .fields = kCompanyFields,
};

// No company is its own parent, directly or around several corners. Error: rule_violation.
[[nodiscard]] mutation::CollectionRules company_rules();

}  // namespace syncline::domain::crm
