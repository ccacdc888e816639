// The exports of ABI.md: one Instance per module instance, over the registered domain.
#include "domain/domain.hpp"
#include "wasm/instance.hpp"

namespace {

syncline::wasm::Instance& instance() {
  static const auto domain = syncline::domain::make_domain();
  static syncline::wasm::Instance one(*domain);
  return one;
}

}  // namespace

extern "C" {

std::int32_t sl_abi_version() { return syncline::wasm::kAbiVersion; }
std::int64_t sl_schema_hash() { return instance().schema_hash(); }
std::uint8_t* sl_input(std::uint32_t size) { return instance().input(size); }
const std::uint8_t* sl_output() { return instance().output().data(); }
std::uint32_t sl_output_size() { return static_cast<std::uint32_t>(instance().output().size()); }
std::int32_t sl_call(std::uint32_t size, double now) { return instance().call(size, now); }
std::int32_t sl_poll() { return instance().poll(); }
double sl_next_timeout() { return instance().next_timeout(); }
std::int32_t sl_window(std::uint32_t query, std::uint32_t first, std::uint32_t count) {
  return instance().window(query, first, count);
}
std::int32_t sl_groups(std::uint32_t query) { return instance().groups(query); }
std::int32_t sl_record(std::uint32_t collection, std::int32_t confirmed) {
  return instance().record(collection, confirmed != 0);
}
std::int32_t sl_status(std::uint32_t query) { return instance().status(query); }
std::int32_t sl_explain(std::uint32_t query) { return instance().explain(query); }
std::int32_t sl_persist() { return instance().persist(); }

}  // extern "C"
