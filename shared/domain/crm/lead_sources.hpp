// Lead sources: where leads come from. Reference data that managers arrange.
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"

namespace syncline::domain::crm {

inline constexpr model::FieldSpec kLeadSourceFields[] = {
    model::text(8, "name").require().make_unique(),
    model::text(9, "color").with_format(model::TextFormat::color),
    model::integer(10, "position").with_policy(model::Policy::last_writer_wins),
};

struct LeadSource {
  static constexpr model::FieldId name = model::field_id(kLeadSourceFields, "name");
  static constexpr model::FieldId color = model::field_id(kLeadSourceFields, "color");
  static constexpr model::FieldId position = model::field_id(kLeadSourceFields, "position");
};

inline constexpr model::CollectionSpec kLeadSources = {
    .id = kLeadSourcesId,
    .module = "crm",
    .name = "lead_sources",
    .singular = "lead_source",
    .type_name = "LeadSource",
    .api_path = "/api/lead-sources",
    .title_field = LeadSource::name,
    .fields = kLeadSourceFields,
};

}  // namespace syncline::domain::crm
