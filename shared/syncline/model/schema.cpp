#include "syncline/model/schema.hpp"

#include <algorithm>

#include "syncline/base/hash.hpp"
#include "syncline/model/order.hpp"
#include "syncline/model/record_layout.hpp"
#include "syncline/model/validate.hpp"

namespace syncline::model {
namespace {

// What bytes of a record mean, as text; two schemas with the same text read each other's records.
class Fingerprint {
 public:
  void number(std::uint64_t value) { text_ += std::to_string(value) + ';'; }
  // With its length, so that two lists of names never run into the same text.
  void name(std::string_view value) {
    number(value.size());
    text_ += value;
  }
  [[nodiscard]] std::uint64_t hash() const { return base::hash_bytes(base::as_bytes(text_)); }

 private:
  std::string text_;
};

void describe(Fingerprint& print, const Field& field) {
  print.number(field.spec.id);
  print.name(field.spec.name);
  print.number(static_cast<std::uint64_t>(field.spec.type));
  print.number(field.spec.scale);
  print.number(field.spec.target);
  print.number(field.spec.options.size());
  for (const std::string_view option : field.spec.options) print.name(option);
}

std::uint64_t fingerprint(const std::deque<Collection>& collections) {
  Fingerprint print;
  print.number(kCollationVersion);
  for (const Collection& collection : collections) {
    print.number(collection.id());
    print.name(collection.spec().module);
    print.name(collection.name());
    print.number(collection.fields().size());
    for (const Field& field : collection.fields()) describe(print, field);
  }
  return print.hash();
}

}  // namespace

Collection::Collection(const CollectionSpec& spec) : spec_(spec) {
  const FieldSpec engine_fields[] = {
      reference(kIdField, "id", spec.id).make_read_only(),
      timestamp(kCreatedAtField, "createdAt").make_read_only(),
      timestamp(kUpdatedAtField, "updatedAt").make_read_only(),
      // Its target is known to the whole schema only; authorship outlives its author anyway.
      reference(kCreatedByField, "createdBy", kNoCollection).make_read_only(),
      integer(kVersionField, "version").make_read_only(),
  };
  const auto add = [this](const FieldSpec& field) {
    SYNC_CHECK(field.id != kNoField, "a field without id");
    SYNC_CHECK(find(field.id) == nullptr, "two fields with the same id");
    SYNC_CHECK(find(field.name) == nullptr, "two fields with the same name");
    SYNC_CHECK(field.scale <= kScaleMax, "a decimal with too many places");
    Field made;
    made.spec = field;
    const bool in_header = field.id == kIdField || field.id == kVersionField;
    made.slot = in_header ? kNoSlot : slot_count_++;
    const auto index = static_cast<std::uint16_t>(fields_.size());
    if (!in_header) slots_.push_back(index);
    if (by_id_.size() <= field.id) by_id_.resize(field.id + std::size_t{1}, kNoSlot);
    by_id_[field.id] = index;
    if (!field.default_text.empty()) {
      auto parsed = parse_value(field, field.default_text);
      SYNC_CHECK(parsed.ok(), "a default that its own field refuses");
      made.default_value = std::move(parsed).value();
    }
    fields_.push_back(std::move(made));
  };
  fields_.reserve(std::size(engine_fields) + spec.fields.size());
  for (const FieldSpec& field : engine_fields) add(field);
  for (const FieldSpec& field : spec.fields) {
    SYNC_CHECK(field.id >= kFirstOwnField, "an own field with an id of the engine");
    add(field);
  }
  for (auto* mask : {&slot_masks_.numbers, &slot_masks_.ids, &slot_masks_.texts})
    mask->resize((slot_count_ + 63u) / 64);
  for (std::uint16_t slot = 0; slot < slot_count_; ++slot) {
    const SlotForm form = form_of(field_at_slot(slot).spec.type);
    auto& mask = form == SlotForm::number ? slot_masks_.numbers
                 : form == SlotForm::id   ? slot_masks_.ids
                                          : slot_masks_.texts;
    mask[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }
}

const Field* Collection::find(FieldId id) const {
  if (id >= by_id_.size() || by_id_[id] == kNoSlot) return nullptr;
  return &fields_[by_id_[id]];
}

const Field* Collection::find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [name](const Field& field) { return field.spec.name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

const Field& Collection::field(FieldId id) const {
  const Field* found = find(id);
  SYNC_CHECK(found != nullptr, "the collection has no such field");
  return *found;
}

Schema::Schema(const std::vector<CollectionSpec>& specs) {
  for (const CollectionSpec& spec : specs) {
    SYNC_CHECK(spec.id != kNoCollection, "a collection without id");
    SYNC_CHECK(find(spec.id) == nullptr, "two collections with the same id");
    if (by_id_.size() <= spec.id) by_id_.resize(spec.id + std::size_t{1}, nullptr);
    Collection& made = collections_.emplace_back(spec);
    by_id_[spec.id] = &made;
    SYNC_CHECK(by_name_.emplace(spec.name, &made).second, "two collections with the same name");
  }
  referrers_.resize(by_id_.size());
  for (const Collection& collection : collections_) {
    for (const Field& field : collection.fields()) {
      if (field.spec.type != FieldType::reference || field.spec.id < kFirstOwnField) continue;
      SYNC_CHECK(find(field.spec.target) != nullptr, "a reference without target");
      referrers_[field.spec.target].push_back({&collection, &field});
    }
  }
  hash_ = fingerprint(collections_);
}

const Collection* Schema::find(CollectionId id) const {
  return id < by_id_.size() ? by_id_[id] : nullptr;
}

const Collection* Schema::find(std::string_view name) const {
  const std::size_t separator = name.find_first_of(".:");
  const bool qualified = separator != std::string_view::npos;
  const auto found = by_name_.find(qualified ? name.substr(separator + 1) : name);
  if (found == by_name_.end()) return nullptr;
  if (qualified && found->second->spec().module != name.substr(0, separator)) return nullptr;
  return found->second;
}

const Collection& Schema::collection(CollectionId id) const {
  const Collection* found = find(id);
  SYNC_CHECK(found != nullptr, "the schema has no such collection");
  return *found;
}

const std::vector<Referrer>& Schema::referrers(CollectionId target) const {
  SYNC_CHECK(find(target) != nullptr, "the schema has no such collection");
  return referrers_[target];
}

}  // namespace syncline::model
