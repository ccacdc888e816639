// SYNCLINE_FIELDS(a, b, c) inside a struct: its members in the order in which they travel, once for every archive. Gives
// serialize() for the binary archive (protocol/PROTOCOL.md) and the members' names for those that write text.
#pragma once

#include <string_view>

#define SYNCLINE_FIELDS(...)                                    \
  static constexpr std::string_view kFieldNames = #__VA_ARGS__; \
  template <class Archive>                                      \
  void serialize(Archive& ar) {                                 \
    ar(__VA_ARGS__);                                            \
  }
