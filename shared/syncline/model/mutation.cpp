#include "syncline/model/mutation.hpp"

#include <algorithm>

namespace syncline::model {
namespace {

const Value kAbsent;

auto position(const Patch& writes, FieldId field) {
  return std::find_if(writes.begin(), writes.end(),
                      [field](const FieldWrite& write) { return write.field == field; });
}

}  // namespace

const Value& Arguments::get(FieldId field) const {
  const auto found = position(writes_, field);
  return found == writes_.end() ? kAbsent : found->value;
}

bool Arguments::has(FieldId field) const { return position(writes_, field) != writes_.end(); }

void Arguments::set(FieldId field, Value value) {
  erase(field);
  FieldWrite write;
  write.field = field;
  write.value = std::move(value);
  writes_.push_back(std::move(write));
}

void Arguments::erase(FieldId field) {
  std::erase_if(writes_, [field](const FieldWrite& write) { return write.field == field; });
}

std::optional<Version> base_version(const Mutation& mutation, CollectionId collection,
                                    const base::Id& record, FieldId field) {
  std::optional<Version> found;
  for (const BaseVersion& entry : mutation.bases) {
    if (entry.collection != collection || !(entry.record == record)) continue;
    if (entry.field == field) return entry.version;
    if (entry.field == kNoField) found = entry.version;
  }
  return found;
}

}  // namespace syncline::model
