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

// Bytes a value takes in the variable block.
std::size_t variable_size(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::text: return value.text().size();
    case Value::Kind::id: return kIdLength;
    case Value::Kind::set: {
      std::size_t size = 4;
      for (const std::string& item : value.set()) size += 4 + item.size();
      return size;
    }
    default: return 0;
  }
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

// Writes the content of a text, set or reference; answers whether all of its text is ASCII.
bool write_content(std::uint8_t* to, const Value& value) {
  if (value.kind() == Value::Kind::text) {
    std::copy(value.text().begin(), value.text().end(), to);
    return is_ascii(value.text());
  }
  if (value.kind() == Value::Kind::id) {
    const base::Id id = value.id();
    std::copy(id.bytes.begin(), id.bytes.end(), to);
    return true;
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
  const std::size_t variable = variable_at(slots_.size());
  std::size_t end = variable;
  for (const Value& value : slots_) end += variable_size(value);
  const std::size_t size = padded(end);
  SYNC_CHECK(size < kNonAsciiFlag, "a record of gigabytes");

  Record::Block* block = Record::Block::make(*collection_, size);
  std::uint8_t* data = block->data();
  std::fill(data, data + variable, std::uint8_t{0});
  std::fill(data + end, data + size, std::uint8_t{0});
  store_le(data + kSizeAt, static_cast<std::uint32_t>(size));
  store_le(data + kCollectionAt, collection_->id());
  store_le(data + kSlotCountAt, static_cast<std::uint16_t>(slots_.size()));
  std::copy(id_.bytes.begin(), id_.bytes.end(), data + kIdAt);
  store_le(data + kVersionAt, version_);

  std::size_t at = variable;
  std::uint8_t* slot = data + slots_at(slots_.size());
  for (std::size_t i = 0; i < slots_.size(); ++i, slot += 8) {
    const Value& value = slots_[i];
    if (value.is_null()) continue;
    data[kBitmapAt + i / 8] |= static_cast<std::uint8_t>(1u << (i % 8));
    if (form_of(collection_->field_at_slot(static_cast<std::uint16_t>(i)).spec.type) ==
        SlotForm::number) {
      store_le(slot, number_of(value));
      continue;
    }
    const std::size_t length = variable_size(value);
    const bool ascii = write_content(data + at, value);
    store_le(slot, static_cast<std::uint32_t>(at));
    store_le(slot + 4, static_cast<std::uint32_t>(length) | (ascii ? 0 : kNonAsciiFlag));
    at += length;
  }
  return Record(block);
}

}  // namespace syncline::model
