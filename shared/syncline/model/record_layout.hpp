// Offsets of the packed form (record.hpp). Used by record.cpp and record_builder.cpp.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

#include "syncline/model/record.hpp"

namespace syncline::model {

inline constexpr std::size_t kSizeAt = 0;
inline constexpr std::size_t kCollectionAt = 4;
inline constexpr std::size_t kSlotCountAt = 6;
inline constexpr std::size_t kIdAt = 8;
inline constexpr std::size_t kVersionAt = 24;
inline constexpr std::size_t kBitmapAt = 32;
inline constexpr std::size_t kIdLength = 16;

// How a slot's eight bytes are read.
enum class SlotForm : std::uint8_t { number, text, set, id };

[[nodiscard]] inline SlotForm form_of(FieldType type) {
  switch (type) {
    case FieldType::text:
    case FieldType::long_text: return SlotForm::text;
    case FieldType::set: return SlotForm::set;
    case FieldType::reference: return SlotForm::id;
    case FieldType::boolean:
    case FieldType::integer:
    case FieldType::decimal:
    case FieldType::enumeration:
    case FieldType::timestamp:
    case FieldType::date: break;
  }
  return SlotForm::number;
}

[[nodiscard]] inline std::size_t slots_at(std::size_t slot_count) {
  return kBitmapAt + (slot_count + 63) / 64 * 8;
}
[[nodiscard]] inline std::size_t slots_end(std::size_t slot_count, std::size_t present) {
  return slots_at(slot_count) + present * 8;
}
// Of a record's bytes: which slots have a value; how many there are before one, and in all.
[[nodiscard]] inline std::uint64_t presence(const std::uint8_t* data, std::size_t word) {
  return base::load_le<std::uint64_t>(data + kBitmapAt + word * 8);
}
[[nodiscard]] inline bool has_slot(const std::uint8_t* data, std::size_t slot) {
  return (presence(data, slot / 64) >> (slot % 64) & 1) != 0;
}
[[nodiscard]] inline std::size_t values_before(const std::uint8_t* data, std::size_t slot) {
  std::size_t count = 0;
  for (std::size_t word = 0; word < slot / 64; ++word)
    count += static_cast<std::size_t>(std::popcount(presence(data, word)));
  const std::uint64_t below = (std::uint64_t{1} << (slot % 64)) - 1;
  return slot % 64 == 0
             ? count
             : count + static_cast<std::size_t>(std::popcount(presence(data, slot / 64) & below));
}
[[nodiscard]] inline std::size_t values_in(const std::uint8_t* data, std::size_t slot_count) {
  return values_before(data, (slot_count + 63) / 64 * 64);
}
[[nodiscard]] inline std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

// The packed bytes follow the block itself in one allocation.
struct Record::Block {
  std::atomic<std::uint32_t> references{1};
  const Collection* collection;

  explicit Block(const Collection* c) : collection(c) {}
  [[nodiscard]] std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(this + 1); }
  [[nodiscard]] static Block* make(const Collection& collection, std::size_t size) {
    return new (::operator new(sizeof(Block) + size)) Block(&collection);
  }
};

}  // namespace syncline::model
