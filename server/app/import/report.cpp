#include "server/app/import/report.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

#include <nlohmann/json.hpp>

#include "syncline/base/check.hpp"

namespace syncline::server::app::import {
namespace {

constexpr std::size_t kWarningsShown = 20;
constexpr std::size_t kRefusedShown = 20;

// "8,800"
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string said(const base::Error& error) {
  std::string text = error.message;
  for (const base::FieldError& field : error.fields) {
    text += " [" + field.field + ": " + field.message + "]";
  }
  return text;
}

std::string said(const Counts& counts) {
  std::string text = grouped(counts.inserted) + " inserted, " + grouped(counts.updated) +
                     " updated, " + grouped(counts.unchanged) + " unchanged, " +
                     grouped(counts.warnings) + " warnings, " + grouped(counts.refused) +
                     " refused";
  if (counts.created > 0) text += "; " + grouped(counts.created) + " created for lookups";
  return text;
}

void count(const RowReport& row, Counts& counts) {
  counts.warnings += row.warnings.size();
  switch (row.outcome) {
    case Outcome::inserted: ++(row.created_in.empty() ? counts.inserted : counts.created); break;
    case Outcome::updated: ++counts.updated; break;
    case Outcome::unchanged: ++counts.unchanged; break;
    case Outcome::refused: ++counts.refused; break;
  }
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::inserted: return "inserted";
    case Outcome::updated: return "updated";
    case Outcome::unchanged: return "unchanged";
    case Outcome::refused: return "refused";
  }
  SYNC_CHECK(false, "an outcome");
}

void Report::begin_step(std::string title, std::string file) {
  Part part;
  part.title = std::move(title);
  part.file = std::move(file);
  parts_.push_back(std::move(part));
}

void Report::add(const RowReport& row) {
  SYNC_CHECK(!parts_.empty(), "a row without a step");
  Part& part = parts_.back();
  count(row, part.counts);
  for (const Note& note : row.warnings) ++part.warnings[note.where + ": " + note.message];
  if (row.outcome == Outcome::refused && part.refused.size() < kRefusedShown) {
    part.refused.push_back("line " + std::to_string(row.line) +
                           (row.key.empty() ? "" : " (" + row.key + ")") + ": " + said(row.error));
  }
  write_line(row);
}

void Report::write_line(const RowReport& row) {
  if (lines_ == nullptr) return;
  nlohmann::ordered_json json;
  json["step"] = parts_.back().title;
  json["file"] = parts_.back().file;
  json["line"] = row.line;
  json["key"] = row.key;
  json["outcome"] = to_string(row.outcome);
  if (!row.id.is_nil()) json["id"] = base::to_string(row.id);
  if (!row.created_in.empty()) json["createdIn"] = row.created_in;
  for (const Note& note : row.warnings) {
    json["warnings"].push_back({{"where", note.where}, {"message", note.message}});
  }
  if (row.outcome == Outcome::refused) {
    json["code"] = base::to_string(row.error.code);
    json["message"] = row.error.message;
    for (const base::FieldError& field : row.error.fields) {
      json["errors"].push_back({{"field", field.field},
                                {"code", base::to_string(field.code)},
                                {"message", field.message}});
    }
  }
  // Cells may hold bytes that are not UTF-8.
  *lines_ << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

Counts Report::total() const {
  Counts all;
  for (const Part& part : parts_) {
    all.inserted += part.counts.inserted;
    all.updated += part.counts.updated;
    all.unchanged += part.counts.unchanged;
    all.refused += part.counts.refused;
    all.warnings += part.counts.warnings;
    all.created += part.counts.created;
  }
  return all;
}

void Report::print(std::ostream& out, const Part& part) {
  out << part.title << ": " << said(part.counts) << '\n';
  std::vector<std::pair<std::string, std::uint64_t>> warnings(part.warnings.begin(),
                                                              part.warnings.end());
  std::stable_sort(warnings.begin(), warnings.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (std::size_t i = 0; i < std::min(warnings.size(), kWarningsShown); ++i) {
    out << "  warning, " << grouped(warnings[i].second) << " rows: " << warnings[i].first << '\n';
  }
  if (warnings.size() > kWarningsShown) {
    out << "  and " << grouped(warnings.size() - kWarningsShown) << " other warnings\n";
  }
  for (const std::string& row : part.refused) out << "  refused " << row << '\n';
  if (part.counts.refused > part.refused.size()) {
    out << "  and " << grouped(part.counts.refused - part.refused.size())
        << " other rows refused\n";
  }
}

void Report::print_summary(std::ostream& out) const {
  for (const std::string& remark : remarks_) out << remark << '\n';
  for (const Part& part : parts_) print(out, part);
  if (parts_.size() > 1) out << "Together: " << said(total()) << '\n';
}

}  // namespace syncline::server::app::import
