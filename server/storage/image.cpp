#include "server/storage/image.hpp"

#include <optional>
#include <utility>

#include "server/storage/columns.hpp"

namespace syncline::server::storage {

namespace {

using base::Bytes;
using base::ByteView;
using model::Value;

base::Error damaged() {
  return {base::Code::storage_failed, "The commit log holds bytes that cannot be read."};
}

class Writer {
 public:
  explicit Writer(Bytes& bytes) : bytes_(bytes) {}
  template <class T>
  void number(T value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    base::store_le(bytes_.data() + at, value);
  }
  void bytes(ByteView value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes(base::as_bytes(value));
  }
  void id(const base::Id& value) { bytes(value.bytes); }
  void value(const Value& value);
  void field(const model::Record& record, const model::FieldSpec& field);

  // Room for the size of what follows, and that size.
  [[nodiscard]] std::size_t begin_part() {
    number(std::uint32_t{0});
    return bytes_.size();
  }
  void end_part(std::size_t begun) {
    base::store_le(bytes_.data() + begun - sizeof(std::uint32_t),
                   static_cast<std::uint32_t>(bytes_.size() - begun));
  }

 private:
  Bytes& bytes_;
};

void Writer::value(const Value& value) {
  number(static_cast<std::uint8_t>(value.kind()));
  switch (value.kind()) {
    case Value::Kind::null: return;
    case Value::Kind::boolean: return number(static_cast<std::uint8_t>(value.boolean()));
    case Value::Kind::integer: return number(value.integer());
    case Value::Kind::decimal:
      number(value.decimal().mantissa);
      return number(value.decimal().scale);
    case Value::Kind::text: return text(value.text());
    case Value::Kind::id: return id(value.id());
    case Value::Kind::timestamp: return number(value.timestamp().ms);
    case Value::Kind::date: return number(value.date().days);
    case Value::Kind::set:
      number(static_cast<std::uint32_t>(value.set().size()));
      for (const std::string& item : value.set()) text(item);
      return;
  }
}

// As value() of the field's Value, without making one of a text.
void Writer::field(const model::Record& record, const model::FieldSpec& field) {
  const bool is_text =
      field.type == model::FieldType::text || field.type == model::FieldType::long_text;
  if (!is_text || !record.has(field.id)) return value(record.get(field.id));
  number(static_cast<std::uint8_t>(Value::Kind::text));
  text(record.text(field.id));
}

// Reads what Writer wrote; past the end it answers zeros and remembers.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  template <class T>
  T number() {
    const ByteView bytes = take(sizeof(T));
    return bytes.empty() ? T{} : base::load_le<T>(bytes.data());
  }
  std::string text() { return std::string(base::as_text(take(number<std::uint32_t>()))); }
  base::Id id() {
    const ByteView bytes = take(16);
    return bytes.empty() ? base::Id{} : base::id_from_bytes(bytes.data());
  }
  ByteView part() { return take(number<std::uint32_t>()); }
  Value value();

 private:
  ByteView take(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView result = rest_.first(size);
    rest_ = rest_.subspan(size);
    return result;
  }
  Value set();

  ByteView rest_;
  bool ok_ = true;
};

Value Reader::set() {
  std::vector<std::string> items;
  const auto count = number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && ok_; ++i) items.push_back(text());
  return model::make_text_set(std::move(items));
}

Value Reader::value() {
  switch (static_cast<Value::Kind>(number<std::uint8_t>())) {
    case Value::Kind::null: return {};
    case Value::Kind::boolean: return number<std::uint8_t>() != 0;
    case Value::Kind::integer: return number<std::int64_t>();
    case Value::Kind::decimal: {
      const auto mantissa = number<std::int64_t>();
      return model::Decimal{mantissa, number<std::uint8_t>()};
    }
    case Value::Kind::text: return text();
    case Value::Kind::id: return id();
    case Value::Kind::timestamp: return base::Timestamp{number<std::int64_t>()};
    case Value::Kind::date: return base::Date{number<std::int32_t>()};
    case Value::Kind::set: return set();
  }
  ok_ = false;
  return {};
}

// All fields that have a value; with `other`, the fields (nulls too) in which the record differs from it.
void encode_record(const model::Record& record, const model::Record& other, Writer& writer) {
  writer.number(record.version());
  const model::Collection& collection = record.collection();
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    const model::FieldSpec& field = collection.field_at_slot(slot).spec;
    if (other ? same_content(record, other, field) : !record.has(field.id)) continue;
    writer.number(field.id);
    writer.field(record, field);
  }
}

void write_head(const ChangeImages& change, Writer& writer) {
  writer.number(change.collection);
  writer.number(static_cast<std::uint8_t>(change.kind));
  writer.id(change.record);
}

bool decode_into(ByteView bytes, model::RecordBuilder& builder,
                 const model::Collection& collection) {
  Reader reader(bytes);
  builder.set_version(reader.number<model::Version>());
  while (reader.ok() && !reader.at_end()) {
    const auto id = reader.number<model::FieldId>();
    Value value = reader.value();
    const model::Field* field = collection.find(id);
    if (!reader.ok() || field == nullptr || field->slot == model::kNoSlot) continue;
    // The log may be older than the schema: a value that no longer fits its field is left out.
    if (!value.is_null() && !model::fits(field->spec, value)) value = Value();
    builder.set(id, std::move(value));
  }
  return reader.ok();
}

}  // namespace

void encode_changes(const std::vector<model::Change>& changes, Bytes& bytes) {
  bytes.clear();
  Writer writer(bytes);
  for (const model::Change& change : changes) {
    write_head({change.collection().id(), change.kind, change.id(), {}, {}}, writer);
    std::size_t begun = writer.begin_part();
    if (change.before) encode_record(change.before, change.after, writer);
    writer.end_part(begun);
    begun = writer.begin_part();
    if (change.after) encode_record(change.after, {}, writer);
    writer.end_part(begun);
  }
}

void append_change(const ChangeImages& change, Bytes& bytes) {
  Writer writer(bytes);
  write_head(change, writer);
  writer.text(base::as_text(change.before));
  writer.text(base::as_text(change.after));
}

base::Result<std::vector<ChangeImages>> split_changes(ByteView bytes) {
  Reader reader(bytes);
  std::vector<ChangeImages> changes;
  while (reader.ok() && !reader.at_end()) {
    ChangeImages change;
    change.collection = reader.number<model::CollectionId>();
    change.kind = static_cast<model::ChangeKind>(reader.number<std::uint8_t>());
    change.record = reader.id();
    change.before = reader.part();
    change.after = reader.part();
    changes.push_back(change);
  }
  if (!reader.ok()) return damaged();
  return changes;
}

base::Result<model::Change> decode_change(const model::Collection& collection,
                                          const ChangeImages& images) {
  if (images.kind > model::ChangeKind::remove) return damaged();
  model::Change change;
  change.kind = images.kind;
  model::RecordBuilder builder(collection, images.record);
  if (change.kind != model::ChangeKind::remove) {
    if (!decode_into(images.after, builder, collection)) return damaged();
    change.after = builder.build();
  }
  if (change.kind != model::ChangeKind::insert) {
    if (!decode_into(images.before, builder, collection)) return damaged();
    change.before = builder.build();
  }
  return change;
}

Bytes encode_events(const std::vector<model::DomainEvent>& events) {
  Bytes bytes;
  Writer writer(bytes);
  for (const model::DomainEvent& event : events) {
    writer.number(event.collection);
    writer.id(event.record);
    writer.text(event.type);
    writer.text(event.action);
  }
  return bytes;
}

base::Result<std::vector<model::DomainEvent>> decode_events(ByteView bytes) {
  Reader reader(bytes);
  std::vector<model::DomainEvent> events;
  while (reader.ok() && !reader.at_end()) {
    model::DomainEvent event;
    event.collection = reader.number<model::CollectionId>();
    event.record = reader.id();
    event.type = reader.text();
    event.action = reader.text();
    events.push_back(std::move(event));
  }
  if (!reader.ok()) return damaged();
  return events;
}

}  // namespace syncline::server::storage
