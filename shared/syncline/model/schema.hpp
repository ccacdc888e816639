// Schema: all collections of a build, indexed. Immutable after construction, shared by every thread; outlives all records.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "syncline/model/field.hpp"
#include "syncline/model/value.hpp"

namespace syncline::model {

// A field in its collection. `slot` is its dense position in packed records; kNoSlot for id and version (header).
struct Field {
  FieldSpec spec;
  std::uint16_t slot = 0;
  Value default_value;  // parsed from spec.default_text; null when there is none
};
inline constexpr std::uint16_t kNoSlot = 0xffff;

// Which slots of packed records (record.hpp) hold numbers, ids, and texts or sets: a bit each, 64 to a word.
struct SlotMasks {
  std::vector<std::uint64_t> numbers;
  std::vector<std::uint64_t> ids;
  std::vector<std::uint64_t> texts;
};

class Collection {
 public:
  explicit Collection(const CollectionSpec& spec);
  Collection(const Collection&) = delete;

  [[nodiscard]] CollectionId id() const { return spec_.id; }
  [[nodiscard]] const CollectionSpec& spec() const { return spec_; }
  [[nodiscard]] std::string_view name() const { return spec_.name; }
  // All fields, id, createdAt, updatedAt, createdBy, version first, then own fields as declared.
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  // nullptr when there is none.
  [[nodiscard]] const Field* find(FieldId id) const;
  [[nodiscard]] const Field* find(std::string_view name) const;
  // REQUIRES: the field exists (checked).
  [[nodiscard]] const Field& field(FieldId id) const;
  [[nodiscard]] std::uint16_t slot_count() const { return slot_count_; }
  // REQUIRES: slot < slot_count()
  [[nodiscard]] const Field& field_at_slot(std::uint16_t slot) const { return fields_[slots_[slot]]; }
  [[nodiscard]] const SlotMasks& slot_masks() const { return slot_masks_; }

 private:
  CollectionSpec spec_;
  std::vector<Field> fields_;
  std::vector<std::uint16_t> by_id_;   // field id → index in fields_, kNoSlot = none
  std::vector<std::uint16_t> slots_;   // slot → index in fields_
  std::uint16_t slot_count_ = 0;
  SlotMasks slot_masks_;
};

// A reference field seen from its target, for on-delete rules.
struct Referrer {
  const Collection* collection = nullptr;
  const Field* field = nullptr;
};

class Schema {
 public:
  // REQUIRES: ids and names unique, reference targets present (checked).
  explicit Schema(const std::vector<CollectionSpec>& specs);
  Schema(const Schema&) = delete;

  [[nodiscard]] const std::deque<Collection>& collections() const { return collections_; }
  [[nodiscard]] const Collection* find(CollectionId id) const;
  // By "leads" or, unambiguous, "crm.leads" / "crm:leads".
  [[nodiscard]] const Collection* find(std::string_view name) const;
  // REQUIRES: exists (checked).
  [[nodiscard]] const Collection& collection(CollectionId id) const;
  [[nodiscard]] const std::vector<Referrer>& referrers(CollectionId target) const;
  // Hash of everything that decides how bytes are read. Client and server compare it at hello.
  [[nodiscard]] std::uint64_t hash() const { return hash_; }

 private:
  std::deque<Collection> collections_;
  std::vector<Collection*> by_id_;
  std::unordered_map<std::string_view, Collection*> by_name_;
  std::vector<std::vector<Referrer>> referrers_;
  std::uint64_t hash_ = 0;
};

}  // namespace syncline::model
