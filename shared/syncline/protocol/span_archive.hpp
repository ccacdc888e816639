// The archive (PROTOCOL.md): cereal's dispatch over spans of bytes, without iostream. SpanWriter appends; SpanReader trusts
// nothing: it compares every size with what is left before it allocates, checks enumerations and UTF-8, and bounds nesting.
// Private to codec.cpp and the WASM ABI: other code calls codec.hpp. SpanReader reports by throwing Malformed, which its
// user catches.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <cereal/cereal.hpp>
#include <cereal/specialize.hpp>

#include "syncline/base/bytes.hpp"
#include "syncline/protocol/limits.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::protocol {

struct Malformed {
  const char* what;
  std::size_t offset;
};

class SpanWriter : public cereal::OutputArchive<SpanWriter> {
 public:
  SpanWriter() : OutputArchive(this) {}
  void raw(const void* data, std::size_t size) {
    if (size > bytes_.size() - size_) bytes_.resize(std::max(bytes_.size() * 2, size_ + size));
    if (size > 0) std::memcpy(bytes_.data() + size_, data, size);
    size_ += size;
  }
  void count(std::size_t items) {
    const auto number = static_cast<std::uint32_t>(items);
    SYNC_CHECK(number == items, "more than 2^32 items");
    raw(&number, sizeof(number));
  }
  // Room for so many bytes in all.
  void reserve(std::size_t size) {
    if (size > bytes_.size()) bytes_.resize(size);
  }
  // Afterwards this is empty.
  [[nodiscard]] base::Bytes take() {
    bytes_.resize(std::exchange(size_, 0));
    return std::exchange(bytes_, {});
  }
  // What was written, until the next change; clear() keeps the room for the next message.
  [[nodiscard]] base::ByteView view() const { return {bytes_.data(), size_}; }
  void clear() { size_ = 0; }

 private:
  base::Bytes bytes_;  // its first size_ bytes are written, the others are room
  std::size_t size_ = 0;
};

class SpanReader : public cereal::InputArchive<SpanReader> {
 public:
  explicit SpanReader(base::ByteView bytes) : InputArchive(this), bytes_(bytes) {}

  [[noreturn]] void fail(const char* what) const { throw Malformed{what, at_}; }
  void raw(void* data, std::size_t size) {
    if (size > left()) fail("the bytes end too early");
    if (size > 0) std::memcpy(data, bytes_.data() + at_, size);
    at_ += size;
  }
  // An item takes at least one byte, so a count above what is left is a lie.
  [[nodiscard]] std::uint32_t count() {
    std::uint32_t items = 0;
    raw(&items, sizeof(items));
    if (items > left()) fail("a count above the bytes that are left");
    return items;
  }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] base::ByteView rest() {
    const base::ByteView all = bytes_.subspan(at_);
    at_ = bytes_.size();
    return all;
  }
  void finish() const {
    if (left() != 0) fail("bytes after the end");
  }
  void enter() {
    if (++depth_ > kNestingMax) fail("nested too deeply");
  }
  void leave() { --depth_; }

 private:
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  base::ByteView bytes_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace syncline::protocol

CEREAL_SETUP_ARCHIVE_TRAITS(syncline::protocol::SpanReader, syncline::protocol::SpanWriter)

namespace syncline::protocol {

// ---- how each kind of value looks

template <class T>
inline constexpr bool is_number = std::is_integral_v<T> && !std::is_same_v<T, bool>;

template <class T>
std::enable_if_t<is_number<T>> save(SpanWriter& ar, const T& value) {
  ar.raw(&value, sizeof(T));
}
template <class T>
std::enable_if_t<is_number<T>> load(SpanReader& ar, T& value) {
  ar.raw(&value, sizeof(T));
}

template <class T>
std::enable_if_t<std::is_same_v<T, bool>> save(SpanWriter& ar, const T& value) {
  const std::uint8_t byte = value ? 1 : 0;
  ar.raw(&byte, 1);
}
template <class T>
std::enable_if_t<std::is_same_v<T, bool>> load(SpanReader& ar, T& value) {
  std::uint8_t byte = 0;
  ar.raw(&byte, 1);
  if (byte > 1) ar.fail("a boolean that is neither 0 nor 1");
  value = byte == 1;
}

// The last enumerator of each enumeration that travels.
template <class E>
struct LastOf;
template <class E>
concept Travels = std::is_enum_v<E> && requires {
  LastOf<E>::value;
};

template <Travels E>
void save(SpanWriter& ar, const E& value) {
  ar.raw(&value, sizeof(E));
}
template <Travels E>
void load(SpanReader& ar, E& value) {
  std::underlying_type_t<E> number{};
  ar.raw(&number, sizeof(number));
  if (number > static_cast<std::underlying_type_t<E>>(LastOf<E>::value))
    ar.fail("an enumeration's number");
  value = static_cast<E>(number);
}

void save(SpanWriter& ar, const std::string& value);
void load(SpanReader& ar, std::string& value);
void save(SpanWriter& ar, const base::Bytes& value);
void load(SpanReader& ar, base::Bytes& value);

template <class T>
void save(SpanWriter& ar, const std::vector<T>& items) {
  ar.count(items.size());
  for (const T& item : items) ar(item);
}
template <class T>
void load(SpanReader& ar, std::vector<T>& items) {
  const std::uint32_t count = ar.count();
  ar.enter();
  items.clear();
  // Not reserve(count): an item in memory is larger than its shortest bytes. Most lists are short.
  items.reserve(std::min<std::size_t>(count, 4));
  for (std::uint32_t i = 0; i < count; ++i) ar(items.emplace_back());
  ar.leave();
}

template <class T>
void save(SpanWriter& ar, const std::optional<T>& value) {
  ar(value.has_value());
  if (value) ar(*value);
}
template <class T>
void load(SpanReader& ar, std::optional<T>& value) {
  bool present = false;
  ar(present);
  value.reset();
  if (present) ar(value.emplace());
}

template <class A, class B>
void save(SpanWriter& ar, const std::pair<A, B>& value) {
  ar(value.first, value.second);
}
template <class A, class B>
void load(SpanReader& ar, std::pair<A, B>& value) {
  ar(value.first, value.second);
}

}  // namespace syncline::protocol

// cereal would read an enumeration's number unchecked; ours goes through load() above.
#define SYNCLINE_TRAVELS(Enum, last)          \
  template <>                                 \
  struct syncline::protocol::LastOf<Enum> {   \
    static constexpr Enum value = Enum::last; \
  };                                          \
  template <class Archive>                    \
  struct cereal::specialize<Archive, Enum, cereal::specialization::non_member_load_save> {}

SYNCLINE_TRAVELS(syncline::base::Code, method_not_allowed);
SYNCLINE_TRAVELS(syncline::model::WriteKind, exclude);
SYNCLINE_TRAVELS(syncline::model::Outcome, rejected);
SYNCLINE_TRAVELS(syncline::query::Predicate::Kind, exists);
SYNCLINE_TRAVELS(syncline::query::Predicate::Parameter, user_id);
SYNCLINE_TRAVELS(syncline::query::Op, contains);
SYNCLINE_TRAVELS(syncline::query::Aggregator, max);
SYNCLINE_TRAVELS(syncline::query::Period, year);
SYNCLINE_TRAVELS(syncline::model::Nulls, last);
SYNCLINE_TRAVELS(syncline::protocol::Segment::Kind, snapshot);
