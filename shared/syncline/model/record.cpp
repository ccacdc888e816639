#include "syncline/model/record.hpp"

#include <algorithm>
#include <limits>
#include <new>

#include "syncline/model/order.hpp"
#include "syncline/model/record_layout.hpp"
#include "syncline/model/record_memory.hpp"
#include "syncline/model/utf8.hpp"
#include "syncline/model/validate.hpp"

namespace syncline::model {
namespace {

using base::ByteView;
using base::load_le;

// Of a slot that has a value.
ByteView content_at(const Collection& collection, const std::uint8_t* data, std::size_t slot) {
  const Parts parts(collection, data);
  const std::size_t place = count_below(data, collection.slot_masks().texts, slot);
  const std::uint8_t* end = data + parts.ends + place * 4;
  const std::size_t from =
      place == 0 ? parts.texts : load_le<std::uint32_t>(end - 4) & ~kNonAsciiFlag;
  return {data + from, (load_le<std::uint32_t>(end) & ~kNonAsciiFlag) - from};
}

TextSet read_set(ByteView bytes) {
  TextSet items;
  std::size_t at = 4;
  items.reserve(load_le<std::uint32_t>(bytes.data()));
  while (at < bytes.size()) {
    const std::uint32_t length = load_le<std::uint32_t>(bytes.data() + at);
    items.emplace_back(base::as_text(bytes.subspan(at + 4, length)));
    at += 4 + length;
  }
  return items;
}

Value read_number(const FieldSpec& spec, std::int64_t number) {
  switch (spec.type) {
    case FieldType::boolean: return number != 0;
    case FieldType::decimal: return Decimal{number, spec.scale};
    case FieldType::timestamp: return base::Timestamp{number};
    case FieldType::date: return base::Date{static_cast<std::int32_t>(number)};
    default: return number;
  }
}

// Walks packed bytes from outside in the order in which a builder would have written them; the first byte that a builder
// would not have written ends it. So what passes is canonical, and nothing lies outside or overlaps.
class Inspector {
 public:
  Inspector(const Collection& collection, ByteView bytes)
      : collection_(collection), bytes_(bytes) {}

  bool run() {
    const std::size_t slots = collection_.slot_count();
    if (bytes_.size() < values_at(slots) || !bitmap_ends_with_slots()) return false;
    const std::uint8_t* data = bytes_.data();
    const Parts parts(collection_, data);
    if (bytes_.size() < parts.texts) return false;
    number_ = data + parts.numbers;
    end_ = data + parts.ends;
    at_ = parts.texts;
    for (std::size_t word = 0; word * 64 < slots; ++word) {
      for (std::uint64_t left = presence(data, word); left != 0; left &= left - 1) {
        const auto slot = word * 64 + static_cast<std::size_t>(std::countr_zero(left));
        const FieldSpec& spec = collection_.field_at_slot(static_cast<std::uint16_t>(slot)).spec;
        if (!check_value(spec)) return false;
      }
    }
    return bytes_.size() == padded(at_) && all_zero(bytes_.subspan(at_));
  }

 private:
  static bool all_zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }

  bool bitmap_ends_with_slots() const {
    const std::size_t used = collection_.slot_count() % 64;
    if (used == 0) return true;
    const std::size_t last = values_at(collection_.slot_count()) - 8;
    return load_le<std::uint64_t>(bytes_.data() + last) >> used == 0;
  }

  bool check_value(const FieldSpec& spec) {
    const SlotForm form = form_of(spec.type);
    if (form == SlotForm::id) return true;
    if (form == SlotForm::number) {
      number_ += 8;
      return check_number(spec, load_le<std::int64_t>(number_ - 8));
    }
    const std::uint32_t end_and_flag = load_le<std::uint32_t>(end_);
    const std::size_t end = end_and_flag & ~kNonAsciiFlag;
    if (end < at_ || end > bytes_.size()) return false;
    const ByteView content = bytes_.subspan(at_, end - at_);
    end_ += 4;
    at_ = end;
    bool ascii = true;
    const bool fits =
        form == SlotForm::text ? check_text(content, ascii) : check_set(content, ascii);
    return fits && ascii == ((end_and_flag & kNonAsciiFlag) == 0);
  }

  static bool check_number(const FieldSpec& spec, std::int64_t number) {
    switch (spec.type) {
      case FieldType::boolean: return number == 0 || number == 1;
      case FieldType::enumeration:
        return number >= 0 && static_cast<std::uint64_t>(number) < spec.options.size();
      case FieldType::timestamp: return is_in_calendar(base::Timestamp{number});
      case FieldType::date:
        return number == static_cast<std::int32_t>(number) &&
               is_in_calendar(base::Date{static_cast<std::int32_t>(number)});
      default: return true;
    }
  }

  static bool check_text(ByteView content, bool& ascii) {
    const bool plain = is_ascii(base::as_text(content));
    ascii = ascii && plain;
    return plain || is_valid_utf8(base::as_text(content));
  }

  static bool check_set(ByteView content, bool& ascii) {
    if (content.size() < 4) return false;
    const std::uint32_t count = load_le<std::uint32_t>(content.data());
    content = content.subspan(4);
    ByteView previous;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (content.size() < 4) return false;
      const std::size_t length = load_le<std::uint32_t>(content.data());
      if (length > content.size() - 4) return false;
      const ByteView item = content.subspan(4, length);
      if (i > 0 && base::as_text(previous) >= base::as_text(item)) return false;
      if (!check_text(item, ascii)) return false;
      previous = item;
      content = content.subspan(4 + length);
    }
    return content.empty();
  }

  const Collection& collection_;
  ByteView bytes_;
  const std::uint8_t* number_ = nullptr;  // where the next number and the next text's end stand
  const std::uint8_t* end_ = nullptr;
  std::size_t at_ = 0;  // where the next text has to begin
};

}  // namespace

Record::Block* Record::Block::make(const Collection& collection, std::size_t size) {
  return new (take_record_memory(sizeof(Block) + size)) Block(&collection);
}

void Record::Block::let_go(Block* block) noexcept {
  const std::size_t size = sizeof(Block) + load_le<std::uint32_t>(block->data() + kSizeAt);
  block->~Block();
  give_record_memory(block, size);
}

base::Result<Record> Record::from_bytes(const Schema& schema, ByteView bytes) {
  const auto malformed = [](const char* what) {
    return base::Error{base::Code::malformed, std::string("A record is malformed: ") + what + "."};
  };
  if (bytes.size() < kBitmapAt || bytes.size() > kRecordSizeMax) return malformed("its size");
  if (load_le<std::uint32_t>(bytes.data() + kSizeAt) != bytes.size()) return malformed("its size");
  const Collection* collection = schema.find(load_le<std::uint16_t>(bytes.data() + kCollectionAt));
  if (collection == nullptr) return malformed("its collection");
  if (load_le<std::uint16_t>(bytes.data() + kSlotCountAt) != collection->slot_count()) {
    return malformed("its number of fields");
  }
  if (!Inspector(*collection, bytes).run()) return malformed("its content");
  return adopt(*collection, bytes);
}

Record Record::adopt(const Collection& collection, ByteView bytes) {
  SYNC_CHECK(bytes.size() >= values_at(collection.slot_count()), "not a record");
  SYNC_CHECK(load_le<std::uint32_t>(bytes.data() + kSizeAt) == bytes.size(), "not a record");
  SYNC_CHECK(load_le<std::uint16_t>(bytes.data() + kCollectionAt) == collection.id(),
             "a record of another collection");
  Block* block = Block::make(collection, bytes.size());
  std::memcpy(block->data(), bytes.data(), bytes.size());
  return Record(block);
}

Value Record::get(FieldId id) const {
  const Collection& collection = this->collection();
  const Field& field = collection.field(id);
  if (id == kIdField) return this->id();
  if (id == kVersionField) return static_cast<std::int64_t>(version());
  const std::uint8_t* data = block_->data();
  if (!has_slot(data, field.slot)) return {};
  switch (form_of(field.spec.type)) {
    case SlotForm::number: return read_number(field.spec, number_at(collection, data, field.slot));
    case SlotForm::text: return base::as_text(content_at(collection, data, field.slot));
    case SlotForm::set: return read_set(content_at(collection, data, field.slot));
    case SlotForm::id: return base::id_from_bytes(id_at(collection, data, field.slot));
  }
  return {};
}

bool Record::has(FieldId id) const {
  const Field& field = collection().field(id);
  return field.slot == kNoSlot || has_slot(block_->data(), field.slot);
}

std::int64_t Record::integer(FieldId id) const {
  if (id == kVersionField) return static_cast<std::int64_t>(version());
  const Collection& collection = this->collection();
  const Field& field = collection.field(id);
  SYNC_CHECK(form_of(field.spec.type) == SlotForm::number, "the field is no number");
  const std::uint8_t* data = block_->data();
  return has_slot(data, field.slot) ? number_at(collection, data, field.slot) : 0;
}

std::string_view Record::text(FieldId id) const {
  const Collection& collection = this->collection();
  const Field& field = collection.field(id);
  SYNC_CHECK(form_of(field.spec.type) == SlotForm::text, "the field is no text");
  const std::uint8_t* data = block_->data();
  if (!has_slot(data, field.slot)) return {};
  return base::as_text(content_at(collection, data, field.slot));
}

base::Id Record::reference(FieldId id) const {
  if (id == kIdField) return this->id();
  const Collection& collection = this->collection();
  const Field& field = collection.field(id);
  SYNC_CHECK(form_of(field.spec.type) == SlotForm::id, "the field is no reference");
  const std::uint8_t* data = block_->data();
  if (!has_slot(data, field.slot)) return {};
  return base::id_from_bytes(id_at(collection, data, field.slot));
}

bool operator==(const Record& a, const Record& b) {
  if (a.same(b)) return true;
  if (!a || !b) return false;
  return base::as_text(a.bytes()) == base::as_text(b.bytes());
}

Record with_version(const Record& record, Version version) {
  Record::Block* block = Record::Block::make(record.collection(), record.bytes().size());
  std::memcpy(block->data(), record.bytes().data(), record.bytes().size());
  base::store_le<std::uint64_t>(block->data() + kVersionAt, version);
  return Record(block);
}

namespace {

// The bytes of a slot that has a value.
ByteView value_at(const Collection& collection, const std::uint8_t* data, const Field& field) {
  switch (form_of(field.spec.type)) {
    case SlotForm::number:
      return {data + values_at(collection.slot_count()) +
                  count_below(data, collection.slot_masks().numbers, field.slot) * 8,
              8};
    case SlotForm::id: return {id_at(collection, data, field.slot), kIdLength};
    case SlotForm::text:
    case SlotForm::set: break;
  }
  return content_at(collection, data, field.slot);
}

}  // namespace

std::vector<FieldId> changed_fields(const Record& before, const Record& after) {
  const Collection& collection = before.collection();
  SYNC_CHECK(&collection == &after.collection(), "records of different collections");
  const std::uint8_t* left = before.bytes().data();
  const std::uint8_t* right = after.bytes().data();
  std::vector<FieldId> changed;
  for (const Field& field : collection.fields()) {
    if (field.spec.id < kFirstOwnField) continue;
    const bool present = has_slot(left, field.slot);
    const bool same = present == has_slot(right, field.slot) &&
                      (!present || base::as_text(value_at(collection, left, field)) ==
                                       base::as_text(value_at(collection, right, field)));
    if (!same) changed.push_back(field.spec.id);
  }
  return changed;
}

}  // namespace syncline::model
