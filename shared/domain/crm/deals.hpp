// Deals: what may be, was or was not sold. Stages:
//
//   open stage → any other stage        to a won or lost one closes the deal (closedOn)
//   won or lost stage → an open stage   opens it again
//
// Days that the author leaves out are today, unless the author is the system: an import does not know them.
//
// position orders the deals within a stage on the board: declare.hpp, position_at_end().
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

inline constexpr model::FieldSpec kDealFields[] = {
    model::text(8, "name").require(),
    model::reference(9, "stageId", kDealStagesId).when_target_deleted(model::OnDelete::restrict),
    model::money(10, "value"),
    model::text(11, "currency")
        .require()
        .with_format(model::TextFormat::currency)
        .with_default("EUR"),
    model::integer(12, "probability").between(0, 100),
    model::reference(13, "companyId", kCompaniesId),
    model::reference(14, "contactId", kContactsId),
    model::reference(15, "ownerId", kUsersId),
    model::text(16, "product"),
    model::date(17, "expectedCloseOn"),
    model::date(18, "openedOn"),
    model::date(19, "closedOn"),
    model::text(20, "lostReason"),
    model::integer(21, "position").with_policy(model::Policy::last_writer_wins),
    model::long_text(22, "notes").with_policy(model::Policy::merge_text),
    model::text(23, "externalId").make_unique(),
};

struct Deal {
  static constexpr model::FieldId name = model::field_id(kDealFields, "name");
  static constexpr model::FieldId stage_id = model::field_id(kDealFields, "stageId");
  static constexpr model::FieldId value = model::field_id(kDealFields, "value");
  static constexpr model::FieldId currency = model::field_id(kDealFields, "currency");
  static constexpr model::FieldId probability = model::field_id(kDealFields, "probability");
  static constexpr model::FieldId company_id = model::field_id(kDealFields, "companyId");
  static constexpr model::FieldId contact_id = model::field_id(kDealFields, "contactId");
  static constexpr model::FieldId owner_id = model::field_id(kDealFields, "ownerId");
  static constexpr model::FieldId product = model::field_id(kDealFields, "product");
  static constexpr model::FieldId expected_close_on =
      model::field_id(kDealFields, "expectedCloseOn");
  static constexpr model::FieldId opened_on = model::field_id(kDealFields, "openedOn");
  static constexpr model::FieldId closed_on = model::field_id(kDealFields, "closedOn");
  static constexpr model::FieldId lost_reason = model::field_id(kDealFields, "lostReason");
  static constexpr model::FieldId position = model::field_id(kDealFields, "position");
  static constexpr model::FieldId notes = model::field_id(kDealFields, "notes");
  static constexpr model::FieldId external_id = model::field_id(kDealFields, "externalId");
};

inline constexpr model::CollectionSpec kDeals = {
    .id = kDealsId,
    .module = "crm",
    .name = "deals",
    .singular = "deal",
    .type_name = "Deal",
    .api_path = "/api/crm/deals",
    .title_field = Deal::name,
    .fields = kDealFields,
};

// Default stage, probability, openedOn, closedOn, position; sends deal_stage_changed. Errors: illegal_transition, rule_violation
// (no open stage).
[[nodiscard]] mutation::CollectionRules deal_rules();

// crm.deal.move {stageId, position?}: to another place on the board; without a position to the end of the stage.
struct MoveDeal {
  static constexpr model::FieldSpec kArguments[] = {
      model::reference(8, "stageId", kDealStagesId).require(),
      model::integer(9, "position"),
  };
  static constexpr model::FieldId stage_id = model::field_id(kArguments, "stageId");
  static constexpr model::FieldId position = model::field_id(kArguments, "position");
};
[[nodiscard]] mutation::MutatorSpec move_deal_mutator();

}  // namespace syncline::domain::crm
