// KeyArchive: appends values little-endian to bytes, so that the serialize() of the query types yields their key. Write-only;
// what it writes is hashed and compared, never read back.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::query {

class KeyArchive {
 public:
  template <class... T>
  void operator()(const T&... values) {
    (append(values), ...);
  }
  [[nodiscard]] base::Bytes take() { return std::move(bytes_); }

 private:
  template <class T>
  void append(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      append(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      bytes_.push_back(value ? 1 : 0);
    } else if constexpr (std::is_integral_v<T>) {
      const std::size_t at = bytes_.size();
      bytes_.resize(at + sizeof(T));
      base::store_le(bytes_.data() + at, value);
    } else if constexpr (std::is_same_v<T, model::Value>) {
      value.save(*this);
    } else {
      // serialize() serves readers too and is therefore not const; an archive that writes changes nothing.
      const_cast<T&>(value).serialize(*this);
    }
  }
  void append(const std::string& text) {
    append(static_cast<std::uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  template <class T>
  void append(const std::vector<T>& items) {
    append(static_cast<std::uint32_t>(items.size()));
    for (const T& item : items) append(item);
  }
  template <class T>
  void append(const std::optional<T>& value) {
    append(value.has_value());
    if (value) append(*value);
  }

  base::Bytes bytes_;
};

}  // namespace syncline::query
