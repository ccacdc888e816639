// What a list has to tell when records change that its rows bring along: those rows count as replaced, so that a reader need
// not read all others again. Thread rule: a pure function.
#pragma once

#include <vector>

#include "syncline/ivm/ordered_view.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::client {

// Appends the edits; `rows` is the list as it is after `delta`, which tells of its own rows itself. false: there is too much to
// look at, or records bring along others: then what is shown of the list is read again.
[[nodiscard]] bool add_related_edits(const std::vector<query::Include>& includes,
                                     const ivm::RowList& rows, const ivm::ResultDelta& delta,
                                     std::vector<ivm::ViewEdit>& edits);

}  // namespace syncline::client
