// Helpers for declaring collections: names of fields and options become constants when compiled; a wrong one does not compile.
#pragma once

#include <string_view>
#include <utility>

#include "syncline/model/field.hpp"
#include "syncline/model/mutation.hpp"
#include "syncline/mutation/transaction.hpp"

namespace syncline::domain {

// The domain's own names for what every module uses.
using base::Id;
using base::Result;
using base::Status;
using model::FieldId;
using model::Patch;
using model::Record;
using model::RecordBuilder;
using model::Value;
using mutation::Transaction;

[[nodiscard]] inline model::FieldWrite assign(FieldId field, Value value) {
  model::FieldWrite write;
  write.field = field;
  write.value = std::move(value);
  return write;
}

// Fields and values of a new record, without those that are null.
class PatchBuilder {
 public:
  PatchBuilder& set(FieldId field, Value value) {
    if (!value.is_null()) patch_.push_back(assign(field, std::move(value)));
    return *this;
  }
  [[nodiscard]] Patch take() { return std::move(patch_); }

 private:
  Patch patch_;
};

// Whether a write gives a field another value than it had. Nothing had changed where there was no record.
[[nodiscard]] inline bool is_changed(const Record& before, const RecordBuilder& after,
                                     FieldId field) {
  return before && !(before.get(field) == after.get(field));
}

// A position at the end of a list that people arrange by hand: later ones come later. In microseconds since 1970, so that
// between two neighbours there is room for dozens of others at (a + b) / 2, and within the exact numbers of a browser.
[[nodiscard]] inline Value position_at_end(base::Timestamp now) { return Value(now.ms * 1000); }

// A rule (CollectionRules::before_write): what has no position goes to the end of the list.
template <FieldId field>
[[nodiscard]] Status append_at_end(Transaction& tx, const Record&, RecordBuilder& after) {
  if (after.get(field).is_null()) after.set(field, position_at_end(tx.now()));
  return {};
}

// A rule: the author stands in a new record's `field`, unless it names somebody.
template <FieldId field>
[[nodiscard]] Status author_by_default(Transaction& tx, const Record& before,
                                       RecordBuilder& after) {
  const bool fill = !before && after.get(field).is_null() && !tx.actor().user.is_nil();
  if (fill) after.set(field, tx.actor().user);
  return {};
}

using Rule = Status (*)(Transaction&, const Record&, RecordBuilder&);
[[nodiscard]] inline mutation::CollectionRules make_rules(model::CollectionId collection,
                                                          Rule before_write) {
  mutation::CollectionRules rules;
  rules.collection = collection;
  rules.before_write = before_write;
  return rules;
}

[[nodiscard]] inline mutation::MutatorSpec make_action(std::string_view name,
                                                       model::CollectionId collection,
                                                       std::string_view action,
                                                       mutation::MutatorFunction run) {
  mutation::MutatorSpec spec;
  spec.name = std::string(name);
  spec.collection = collection;
  spec.action = std::string(action);
  spec.run = run;
  return spec;
}

}  // namespace syncline::domain
