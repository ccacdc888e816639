#include "syncline/client/related_edits.hpp"

#include <algorithm>

namespace syncline::client {

namespace {

constexpr std::size_t kRowsMax = 1'000;
constexpr std::size_t kEditsMax = 100;

// By its reference, or by that of the other one to it; whatever else the include asks for.
bool brings_along(const query::Include& include, const model::Record& row,
                  const model::Record& related) {
  if (!related) return false;
  if (include.from == model::kNoCollection)
    return row.get(include.via) == model::Value(related.id());
  return related.collection().id() == include.from &&
         related.get(include.via) == model::Value(row.id());
}

bool brings_along(const query::Include& include, const model::Record& row,
                  const ivm::ResultDelta& delta) {
  return std::any_of(delta.related.begin(), delta.related.end(), [&](const auto& related) {
    return brings_along(include, row, related.before) || brings_along(include, row, related.after);
  });
}

bool tells_of(const ivm::ResultDelta& delta, const model::Record& row) {
  return std::any_of(delta.rows.begin(), delta.rows.end(), [&row](const ivm::RowDelta& told) {
    return told.after && told.after.id() == row.id();
  });
}

}  // namespace

bool add_related_edits(const std::vector<query::Include>& includes, const ivm::RowList& rows,
                       const ivm::ResultDelta& delta, std::vector<ivm::ViewEdit>& edits) {
  const bool is_nested = std::any_of(includes.begin(), includes.end(),
                                     [](const auto& include) { return !include.includes.empty(); });
  if (is_nested || rows.size() > kRowsMax || edits.size() > kEditsMax) return false;
  std::uint32_t position = 0;
  for (const model::Record& row : rows) {
    const bool brings = std::any_of(includes.begin(), includes.end(), [&](const auto& include) {
      return brings_along(include, row, delta);
    });
    if (brings && !tells_of(delta, row)) edits.push_back({ivm::ViewEdit::Kind::replace, position});
    ++position;
  }
  return true;
}

}  // namespace syncline::client
