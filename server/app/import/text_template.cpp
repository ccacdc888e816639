#include "server/app/import/text_template.hpp"

#include <algorithm>
#include <utility>

#include "syncline/model/order.hpp"

namespace syncline::server::app::import {
namespace {

constexpr std::string_view kSlugFilter = "|slug";

base::Error broken(std::string_view text, std::string_view why) {
  return {base::Code::malformed, "\"" + std::string(text) + "\": " + std::string(why) + "."};
}

}  // namespace

std::string make_slug(std::string_view text) {
  std::string slug;
  for (const char c : model::fold(text)) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      slug += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  if (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

TextTemplate TextTemplate::of_column(std::string column) {
  TextTemplate made;
  made.sections_.push_back({false, {Part{{}, std::move(column), false}}});
  return made;
}

TextTemplate TextTemplate::of_constant(std::string text) {
  TextTemplate made;
  made.sections_.push_back({false, {Part{std::move(text), {}, false}}});
  return made;
}

base::Result<TextTemplate::Part> TextTemplate::parse_column(std::string_view inside) {
  Part part;
  if (inside.size() > kSlugFilter.size() &&
      inside.substr(inside.size() - kSlugFilter.size()) == kSlugFilter) {
    part.slug = true;
    inside.remove_suffix(kSlugFilter.size());
  }
  if (inside.empty() || inside.find_first_of("{|") != std::string_view::npos) {
    return broken(inside, "a column's name belongs between braces, perhaps with |slug");
  }
  part.column = std::string(inside);
  return part;
}

base::Result<TextTemplate> TextTemplate::parse(std::string_view text) {
  TextTemplate made;
  Section section;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) section.parts.push_back(Part{std::exchange(literal, {}), {}, false});
  };
  const auto end_section = [&](bool next_is_optional) {
    end_literal();
    if (!section.parts.empty()) made.sections_.push_back(std::move(section));
    section = Section{next_is_optional, {}};
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '[' || c == ']') {
      if ((c == '[') == section.optional) return broken(text, "brackets that do not match");
      end_section(c == '[');
    } else if (c == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) return broken(text, "a brace is opened and never closed");
      SYNC_ASSIGN(Part part, parse_column(text.substr(at + 1, end - at - 1)));
      end_literal();
      section.parts.push_back(std::move(part));
      at = end;
    } else if (c == '}') {
      return broken(text, "a brace is closed that was not opened");
    } else {
      literal += c;
    }
  }
  if (section.optional) return broken(text, "brackets that do not match");
  end_section(false);
  return made;
}

std::vector<std::string> TextTemplate::columns() const {
  std::vector<std::string> names;
  for (const Section& section : sections_) {
    for (const Part& part : section.parts) {
      if (!part.column.empty()) names.push_back(part.column);
    }
  }
  return names;
}

std::string TextTemplate::render(const Cells& cells) const {
  std::string text;
  bool names_columns = false;
  bool any_content = false;
  for (const Section& section : sections_) {
    std::string rendered;
    bool complete = true;
    for (const Part& part : section.parts) {
      if (part.column.empty()) {
        rendered += part.literal;
        continue;
      }
      const std::string_view cell = cells(part.column);
      names_columns = true;
      any_content = any_content || !cell.empty();
      complete = complete && !cell.empty();
      rendered += part.slug ? make_slug(cell) : std::string(cell);
    }
    if (complete || !section.optional) text += rendered;
  }
  return names_columns && !any_content ? std::string() : text;
}

}  // namespace syncline::server::app::import
