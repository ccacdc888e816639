// Deal stages: the columns of the pipeline board.
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"

namespace syncline::domain::crm {

inline constexpr std::string_view kDealStageKinds[] = {"open", "won", "lost"};

inline constexpr model::FieldSpec kDealStageFields[] = {
    model::text(8, "name").require().make_unique(),
    model::integer(9, "position").with_policy(model::Policy::last_writer_wins),
    model::integer(10, "probability").between(0, 100),
    model::enumeration(11, "kind", kDealStageKinds).require().with_default("open"),
    model::text(12, "color").with_format(model::TextFormat::color),
};

struct DealStage {
  static constexpr model::FieldId name = model::field_id(kDealStageFields, "name");
  static constexpr model::FieldId position = model::field_id(kDealStageFields, "position");
  static constexpr model::FieldId probability = model::field_id(kDealStageFields, "probability");
  static constexpr model::FieldId kind = model::field_id(kDealStageFields, "kind");
  static constexpr model::FieldId color = model::field_id(kDealStageFields, "color");

  static constexpr std::int64_t kOpen = model::option_index(kDealStageFields, "kind", "open");
  static constexpr std::int64_t kWon = model::option_index(kDealStageFields, "kind", "won");
  static constexpr std::int64_t kLost = model::option_index(kDealStageFields, "kind", "lost");
};

inline constexpr model::CollectionSpec kDealStages = {
    .id = kDealStagesId,
    .module = "crm",
    .name = "deal_stages",
    .singular = "deal_stage",
    .type_name = "DealStage",
    .api_path = "/api/crm/deal-stages",
    .title_field = DealStage::name,
    .fields = kDealStageFields,
};

}  // namespace syncline::domain::crm
