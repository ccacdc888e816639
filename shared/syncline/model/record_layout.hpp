// Offsets of the packed form (record.hpp). Used by record.cpp, record_builder.cpp, schema.cpp and order.cpp.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "syncline/model/record.hpp"

namespace syncline::model {

inline constexpr std::size_t kCollectionAt = 4;
inline constexpr std::size_t kSlotCountAt = 6;
inline constexpr std::size_t kBitmapAt = 32;
inline constexpr std::size_t kIdLength = 16;

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

[[nodiscard]] inline std::size_t values_at(std::size_t slot_count) {
  return kBitmapAt + (slot_count + 63) / 64 * 8;
}
// The bits of a record's presence bitmap: which slots have a value.
[[nodiscard]] inline std::uint64_t presence(const std::uint8_t* data, std::size_t word) {
  return base::load_le<std::uint64_t>(data + kBitmapAt + word * 8);
}
[[nodiscard]] inline bool has_slot(const std::uint8_t* data, std::size_t slot) {
  return (presence(data, slot / 64) >> (slot % 64) & 1) != 0;
}
// How many of the slots of a mask (SlotMasks) have a value: all of them, and those below one.
[[nodiscard]] inline std::size_t count_all(const std::uint8_t* data,
                                           const std::vector<std::uint64_t>& mask) {
  std::size_t count = 0;
  for (std::size_t word = 0; word < mask.size(); ++word)
    count += static_cast<std::size_t>(std::popcount(presence(data, word) & mask[word]));
  return count;
}
[[nodiscard]] inline std::size_t count_below(const std::uint8_t* data,
                                             const std::vector<std::uint64_t>& mask,
                                             std::size_t slot) {
  const std::size_t last = slot / 64;
  const std::uint64_t below = (std::uint64_t{1} << (slot % 64)) - 1;
  auto count = static_cast<std::size_t>(std::popcount(presence(data, last) & mask[last] & below));
  for (std::size_t word = 0; word < last; ++word)
    count += static_cast<std::size_t>(std::popcount(presence(data, word) & mask[word]));
  return count;
}
// Of a slot that has a value, by its form.
[[nodiscard]] inline std::int64_t number_at(const Collection& collection, const std::uint8_t* data,
                                            std::size_t slot) {
  return base::load_le<std::int64_t>(data + values_at(collection.slot_count()) +
                                     count_below(data, collection.slot_masks().numbers, slot) * 8);
}
[[nodiscard]] inline const std::uint8_t* id_at(const Collection& collection,
                                               const std::uint8_t* data, std::size_t slot) {
  const SlotMasks& masks = collection.slot_masks();
  return data + values_at(collection.slot_count()) + count_all(data, masks.numbers) * 8 +
         count_below(data, masks.ids, slot) * kIdLength;
}
// Where the parts of a record begin, from its start.
struct Parts {
  std::size_t numbers;
  std::size_t ids;
  std::size_t ends;
  std::size_t texts;
  Parts(const Collection& collection, const std::uint8_t* data)
      : numbers(values_at(collection.slot_count())),
        ids(numbers + count_all(data, collection.slot_masks().numbers) * 8),
        ends(ids + count_all(data, collection.slot_masks().ids) * kIdLength),
        texts(ends + count_all(data, collection.slot_masks().texts) * 4) {}
};
[[nodiscard]] inline std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

}  // namespace syncline::model
