// Names derived from names: camelCase keys, labels for people, include names, path segments.
#pragma once

#include <string>
#include <string_view>

#include "syncline/model/schema.hpp"

namespace syncline::server::api {

// "lead_sources" → "leadSources"
[[nodiscard]] std::string camel_case(std::string_view snake);
// "expectedCloseOn" → "Expected close on"
[[nodiscard]] std::string label_of(std::string_view camel);
// "companyId" → "company"; empty where the field is no reference or its name does not end so.
[[nodiscard]] std::string_view include_name(const model::FieldSpec& field);
// "/api/crm/phone-calls" → "phone-calls"
[[nodiscard]] std::string_view last_segment(std::string_view path);

[[nodiscard]] std::string_view to_string(model::FieldType type);
[[nodiscard]] std::string_view to_string(model::TextFormat format);
[[nodiscard]] std::string_view to_string(model::Policy policy);
[[nodiscard]] std::string_view to_string(model::OnDelete rule);

}  // namespace syncline::server::api
