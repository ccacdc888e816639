// The core's outputs as messages of ABI.md, and values read to the end of a command.
#pragma once

#include "wasm/instance.hpp"

namespace syncline::wasm {

// The one value that is left in the input.
template <class T>
[[nodiscard]] T read(protocol::SpanReader& in) {
  T value{};
  in(value);
  in.finish();
  return value;
}

void write_effect(protocol::SpanWriter& out, const client::Effect& effect);
void write_update(protocol::SpanWriter& out, const client::ViewUpdate& update);

}  // namespace syncline::wasm
