#include <algorithm>
#include <limits>

#include "syncline/model/record.hpp"
#include "syncline/model/record_layout.hpp"
#include "syncline/model/utf8.hpp"

namespace syncline::model {

bool fits(const FieldSpec& spec, const Value& value) {
  switch (spec.type) {
    case FieldType::boolean: return value.kind() == Value::Kind::boolean;
    case FieldType::integer: return value.kind() == Value::Kind::integer;
    case FieldType::decimal:
      return value.kind() == Value::Kind::decimal && value.decimal().scale == spec.scale;
    case FieldType::text:
    case FieldType::long_text: return value.kind() == Value::Kind::text;
    case FieldType::enumeration:
      return value.kind() == Value::Kind::integer && value.integer() >= 0 &&
             static_cast<std::uint64_t>(value.integer()) < spec.options.size();
    case FieldType::set: return value.kind() == Value::Kind::set;
    case FieldType::reference: return value.kind() == Value::Kind::id;
    case FieldType::timestamp: return value.kind() == Value::Kind::timestamp;
    case FieldType::date: return value.kind() == Value::Kind::date;
  }
  return false;
}

namespace {

using base::store_le;

// Bytes of a text or a set; 0 for what stands elsewhere.
std::size_t content_size(const Value& value) {
  if (value.kind() == Value::Kind::text) return value.text().size();
  if (value.kind() != Value::Kind::set) return 0;
  std::size_t size = 4;
  for (const std::string& item : value.set()) size += 4 + item.size();
  return size;
}

std::int64_t number_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean: return value.boolean() ? 1 : 0;
    case Value::Kind::integer: return value.integer();
    case Value::Kind::decimal: return value.decimal().mantissa;
    case Value::Kind::timestamp: return value.timestamp().ms;
    case Value::Kind::date: return value.date().days;
    default: return 0;
  }
}

// Writes the bytes of a text or a set; answers whether all of its text is ASCII.
bool write_content(std::uint8_t* to, const Value& value) {
  if (value.kind() == Value::Kind::text) {
    std::copy(value.text().begin(), value.text().end(), to);
    return is_ascii(value.text());
  }
  bool ascii = true;
  store_le(to, static_cast<std::uint32_t>(value.set().size()));
  to += 4;
  for (const std::string& item : value.set()) {
    store_le(to, static_cast<std::uint32_t>(item.size()));
    to = std::copy(item.begin(), item.end(), to + 4);
    ascii = ascii && is_ascii(item);
  }
  return ascii;
}

}  // namespace

RecordBuilder::RecordBuilder(const Collection& collection, base::Id id)
    : collection_(&collection), id_(id), slots_(collection.slot_count()) {}

RecordBuilder::RecordBuilder(const Record& from)
    : collection_(&from.collection()), id_(from.id()), version_(from.version()) {
  const std::uint16_t count = collection_->slot_count();
  slots_.reserve(count);
  for (std::uint16_t slot = 0; slot < count; ++slot) {
    slots_.push_back(from.get(collection_->field_at_slot(slot).spec.id));
  }
}

RecordBuilder& RecordBuilder::set(FieldId id, Value value) {
  const Field& field = collection_->field(id);
  SYNC_CHECK(field.slot != kNoSlot, "id and version are no fields to set");
  SYNC_CHECK(value.is_null() || fits(field.spec, value), "the value does not fit its field");
  slots_[field.slot] = std::move(value);
  return *this;
}

RecordBuilder& RecordBuilder::set_version(Version version) {
  version_ = version;
  return *this;
}

const Value& RecordBuilder::get(FieldId id) const {
  const Field& field = collection_->field(id);
  SYNC_CHECK(field.slot != kNoSlot, "id and version have no slot");
  return slots_[field.slot];
}

Record RecordBuilder::build() const {
  // The header first: the bitmap decides where everything else stands.
  base::Bytes head(values_at(slots_.size()));
  store_le(head.data() + kCollectionAt, collection_->id());
  store_le(head.data() + kSlotCountAt, static_cast<std::uint16_t>(slots_.size()));
  std::copy(id_.bytes.begin(), id_.bytes.end(), head.data() + kIdAt);
  store_le(head.data() + kVersionAt, version_);
  std::size_t content = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].is_null()) continue;
    head[kBitmapAt + i / 8] |= static_cast<std::uint8_t>(1u << (i % 8));
    content += content_size(slots_[i]);
  }
  const Parts parts(*collection_, head.data());
  const std::size_t size = padded(parts.texts + content);
  SYNC_CHECK(size < kNonAsciiFlag, "a record of gigabytes");
  store_le(head.data() + kSizeAt, static_cast<std::uint32_t>(size));

  Record::Block* block = Record::Block::make(*collection_, size);
  std::uint8_t* data = block->data();
  std::copy(head.begin(), head.end(), data);
  std::fill(data + parts.texts + content, data + size, std::uint8_t{0});
  std::uint8_t* number = data + parts.numbers;
  std::uint8_t* id = data + parts.ids;
  std::uint8_t* end = data + parts.ends;
  std::uint8_t* text = data + parts.texts;
  for (const Value& value : slots_) {
    switch (value.kind()) {
      case Value::Kind::null: break;
      case Value::Kind::id: {
        const base::Id other = value.id();
        id = std::copy(other.bytes.begin(), other.bytes.end(), id);
        break;
      }
      case Value::Kind::text:
      case Value::Kind::set: {
        const bool ascii = write_content(text, value);
        text += content_size(value);
        store_le(end, static_cast<std::uint32_t>(text - data) | (ascii ? 0 : kNonAsciiFlag));
        end += 4;
        break;
      }
      default: store_le(number, number_of(value)); number += 8;
    }
  }
  return Record(block);
}

}  // namespace syncline::model
