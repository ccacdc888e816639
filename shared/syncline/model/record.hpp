// Record: one immutable row in packed form (BOUNDARY 6), reference-counted; copying costs one increment. The same bytes lie
// in the store, on the wire and in the browser tab, which reads fields straight from them.
//
//   0  u32 size in bytes, a multiple of 8      24  u64 version
//   4  u16 collection id                       32  presence bitmap: ceil(slots / 64) u64, bit = slot has a value
//   6  u16 slot count                          …   numbers, then ids, then ends of texts, then texts, then zeros to the
//   8  id, 16 bytes                                multiple of 8
//
// Each part has the values of its slots in the order of the slots; a field that is null takes no room but its bit. Numbers:
// boolean, integer, enumeration, timestamp, date, decimal mantissa as int64. Ids: references, 16 bytes each. Texts and sets:
// u32 offset from the record's start to the byte behind it, bit 31 set when the text is not pure ASCII; each begins where the
// one before it ends. A set is u32 count, then per item u32 length and bytes.
// Invariant: equal content ⇒ equal bytes (canonical), so byte comparison is equality.
// Thread rule: immutable; may be shared between threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "syncline/base/bytes.hpp"
#include "syncline/base/check.hpp"
#include "syncline/base/id.hpp"
#include "syncline/base/result.hpp"
#include "syncline/model/schema.hpp"
#include "syncline/model/value.hpp"

namespace syncline::model {

inline constexpr std::uint32_t kRecordSizeMax = 1u << 20;
inline constexpr std::uint32_t kNonAsciiFlag = 0x8000'0000u;
// Of the packed form; the others stand in record_layout.hpp.
inline constexpr std::size_t kSizeAt = 0;
inline constexpr std::size_t kIdAt = 8;
inline constexpr std::size_t kVersionAt = 24;

class Record {
 public:
  Record() = default;  // no record; everything but operator bool and assignment is forbidden on it
  Record(const Record& other) noexcept;
  Record(Record&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Record& operator=(Record other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Record() {
    if (block_ != nullptr) release();
  }

  // Bytes from outside: everything is checked (bounds, UTF-8, option indexes, canonical form). Errors: malformed.
  [[nodiscard]] static base::Result<Record> from_bytes(const Schema& schema, base::ByteView bytes);
  // Bytes of our own making (database, store): only copied. REQUIRES: canonical bytes of this collection.
  [[nodiscard]] static Record adopt(const Collection& collection, base::ByteView bytes);

  explicit operator bool() const { return block_ != nullptr; }
  [[nodiscard]] const Collection& collection() const;
  [[nodiscard]] base::Id id() const;
  [[nodiscard]] Version version() const;
  // The packed bytes; valid as long as this Record or a copy lives.
  [[nodiscard]] base::ByteView bytes() const;

  // REQUIRES: the collection has the field. kIdField and kVersionField answer too.
  [[nodiscard]] Value get(FieldId field) const;
  [[nodiscard]] bool has(FieldId field) const;  // not null
  // Without building a Value; 0, empty or nil where the field is null.
  [[nodiscard]] std::int64_t integer(
      FieldId field) const;  // integer, enumeration, boolean, mantissa, ms, days
  [[nodiscard]] std::string_view text(FieldId field) const;
  [[nodiscard]] base::Id reference(FieldId field) const;

  // Same row content (bytes, version included).
  friend bool operator==(const Record& a, const Record& b);
  // The same block: cheap identity, implies equality.
  [[nodiscard]] bool same(const Record& other) const { return block_ == other.block_; }

 private:
  friend class RecordBuilder;
  friend Record with_version(const Record& record, Version version);
  // The packed bytes follow the block itself in one allocation.
  struct Block {
    std::atomic<std::uint32_t> references{1};
    const Collection* collection;

    explicit Block(const Collection* c) : collection(c) {}
    [[nodiscard]] std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(this + 1); }
    [[nodiscard]] static Block* make(const Collection& collection, std::size_t size);
    static void let_go(Block* block) noexcept;
  };
  [[nodiscard]] Block& block() const {
    SYNC_CHECK(block_ != nullptr, "no record");
    return *block_;
  }
  void release() noexcept;
  explicit Record(Block* block) : block_(block) {}
  Block* block_ = nullptr;
};

// Every comparison and every look-up runs through these: they are their callers' own code.
inline Record::Record(const Record& other) noexcept : block_(other.block_) {
  if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
}
inline void Record::release() noexcept {
  if (block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) Block::let_go(block_);
}
inline const Collection& Record::collection() const { return *block().collection; }
inline base::Id Record::id() const { return base::id_from_bytes(block().data() + kIdAt); }
inline Version Record::version() const {
  return base::load_le<std::uint64_t>(block().data() + kVersionAt);
}
inline base::ByteView Record::bytes() const {
  return {block().data(), base::load_le<std::uint32_t>(block().data() + kSizeAt)};
}

// Is the value, which is not null, of the field's kind (a decimal: of its scale; an option: one that there is)?
[[nodiscard]] bool fits(const FieldSpec& field, const Value& value);

// Makes records. Starts empty or from a record; values must have been validated (validate.hpp).
class RecordBuilder {
 public:
  RecordBuilder(const Collection& collection, base::Id id);
  explicit RecordBuilder(const Record& from);
  // REQUIRES: the collection has the field, it is no header field, and the value's kind fits it (checked).
  RecordBuilder& set(FieldId field, Value value);
  RecordBuilder& set_version(Version version);
  [[nodiscard]] const Value& get(FieldId field) const;
  [[nodiscard]] Record build() const;

 private:
  const Collection* collection_;
  base::Id id_;
  Version version_ = 0;
  std::vector<Value> slots_;
};

// The same row with another version (a confirmed row gets its commit's number).
[[nodiscard]] Record with_version(const Record& record, Version version);
// Own fields (not version, updatedAt) in which two records of one collection and id differ, in slot order.
[[nodiscard]] std::vector<FieldId> changed_fields(const Record& before, const Record& after);

}  // namespace syncline::model
