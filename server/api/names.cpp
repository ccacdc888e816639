#include "server/api/names.hpp"

namespace syncline::server::api {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string camel_case(std::string_view snake) {
  std::string out;
  bool start = false;
  for (const char c : snake) {
    if (c == '_') {
      start = true;
      continue;
    }
    out.push_back(start ? upper(c) : c);
    start = false;
  }
  return out;
}

std::string label_of(std::string_view camel) {
  if (camel.size() > 2 && camel.substr(camel.size() - 2) == "Id") camel.remove_suffix(2);
  std::string out;
  for (const char c : camel) {
    if (is_upper(c)) out.push_back(' ');
    out.push_back(lower(c));
  }
  if (!out.empty()) out.front() = upper(out.front());
  return out;
}

std::string_view include_name(const model::FieldSpec& field) {
  const std::string_view name = field.name;
  if (field.type != model::FieldType::reference || field.target == model::kNoCollection) return {};
  if (name.size() <= 2 || name.substr(name.size() - 2) != "Id") return {};
  return name.substr(0, name.size() - 2);
}

std::string_view last_segment(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view to_string(model::FieldType type) {
  switch (type) {
    case model::FieldType::boolean: return "boolean";
    case model::FieldType::integer: return "integer";
    case model::FieldType::decimal: return "decimal";
    case model::FieldType::text: return "text";
    case model::FieldType::long_text: return "long_text";
    case model::FieldType::enumeration: return "enumeration";
    case model::FieldType::set: return "set";
    case model::FieldType::reference: return "reference";
    case model::FieldType::timestamp: return "timestamp";
    case model::FieldType::date: return "date";
  }
  return "text";
}

std::string_view to_string(model::TextFormat format) {
  switch (format) {
    case model::TextFormat::plain: return "plain";
    case model::TextFormat::email: return "email";
    case model::TextFormat::url: return "url";
    case model::TextFormat::phone: return "phone";
    case model::TextFormat::color: return "color";
    case model::TextFormat::currency: return "currency";
  }
  return "plain";
}

std::string_view to_string(model::Policy policy) {
  switch (policy) {
    case model::Policy::reject: return "reject";
    case model::Policy::last_writer_wins: return "last_writer_wins";
    case model::Policy::add: return "add";
    case model::Policy::set_union: return "set_union";
    case model::Policy::merge_text: return "merge_text";
  }
  return "reject";
}

std::string_view to_string(model::OnDelete rule) {
  switch (rule) {
    case model::OnDelete::set_null: return "set_null";
    case model::OnDelete::cascade: return "cascade";
    case model::OnDelete::restrict: return "restrict";
  }
  return "set_null";
}

}  // namespace syncline::server::api
