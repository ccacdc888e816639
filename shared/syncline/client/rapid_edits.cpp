#include "syncline/client/rapid_edits.hpp"

#include <algorithm>

namespace syncline::client {

namespace {

constexpr std::int64_t kFoldForMs = 1'000;

}  // namespace

// Whole values of the same fields of the same record.
bool RapidEdits::is_same_edit(const model::Mutation& edit) const {
  if (!last_ || edit.name != last_->name) return false;
  const model::Patch& writes = edit.arguments.writes();
  const model::Patch& before = last_->arguments.writes();
  return std::equal(writes.begin(), writes.end(), before.begin(), before.end(),
                    [](const model::FieldWrite& a, const model::FieldWrite& b) {
                      const bool whole = a.kind == model::WriteKind::assign && a.kind == b.kind;
                      return whole && a.field == b.field &&
                             (a.field != model::kIdField || a.value == b.value);
                    });
}

std::optional<model::MutationId> RapidEdits::target(const model::Mutation& edit,
                                                    base::Timestamp now) const {
  if (!is_same_edit(edit) || due_ <= now) return std::nullopt;
  return last_->id;
}

void RapidEdits::made(const model::Mutation& mutation, base::Timestamp now) {
  const bool follows = is_same_edit(mutation) && now < due_ + kFoldForMs;
  due_ = follows ? due_ + kFoldForMs : now;
  const mutation::MutatorSpec* spec = registry_.find(mutation.name);
  last_.reset();
  if (spec != nullptr && spec->generic == mutation::MutatorSpec::Generic::update) last_ = mutation;
}

}  // namespace syncline::client
