// Instance: one core behind the C ABI (ABI.md): bytes and numbers in and out, no logic. Nothing thrown leaves it: the first
// failed check or exhausted memory marks it dead, and every later call answers with that same error.
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "syncline/client/client_core.hpp"
#include "syncline/mutation/mutator.hpp"
#include "syncline/protocol/span_archive.hpp"

namespace syncline::wasm {

inline constexpr std::int32_t kRefused = -1;
inline constexpr std::int32_t kDead = -2;
inline constexpr std::int32_t kAbiVersion = 7;

// The numbers of ABI.md, "Commands" and "Output messages".
enum class Command : std::uint8_t {
  create,
  restore,
  set_token,
  set_online,
  retry_now,
  stop,
  subscribe,
  unsubscribe,
  mutate,
  opened,
  received,
  closed,
  stored,
  timeout,
  restore_rows,
  set_window,
  received_part,
  undo,
  draft,
  mutate_accepted,
  undo_accepted,
};
enum class Message : std::uint8_t {
  connect,
  disconnect,
  send,
  store_mutation,
  forget_mutation,
  token_wanted,
  reload_wanted,
  connection_changed,
  pending_changed,
  settled,
  view_update,
  history_changed,
  draft_changed,
};

class Instance {
 public:
  // `domain` outlives the instance.
  explicit Instance(const mutation::Domain& domain) : domain_(domain) {}

  [[nodiscard]] std::uint8_t* input(std::size_t size);
  [[nodiscard]] base::ByteView output() const {
    return {reinterpret_cast<const std::uint8_t*>(out_.data()), out_size_};
  }
  [[nodiscard]] std::int64_t schema_hash() const {
    return static_cast<std::int64_t>(domain_.schema.hash());
  }

  // Each answers the size of output(), kRefused or kDead.
  std::int32_t call(std::size_t size, double now);
  std::int32_t poll();
  std::int32_t window(std::uint32_t query, std::uint32_t first, std::uint32_t count);
  std::int32_t groups(std::uint32_t query);
  std::int32_t record(std::uint32_t collection, bool confirmed);
  std::int32_t explain(std::uint32_t query);
  std::int32_t persist();

  [[nodiscard]] double next_timeout() const;
  [[nodiscard]] std::int32_t status(std::uint32_t query) const;

 private:
  template <class Body>
  std::int32_t guarded(const Body& body);
  std::int32_t die(const char* what);
  std::int32_t refuse(const base::Error& error);
  std::int32_t answer(base::ByteView bytes);

  struct RecordLess {
    using Key = std::pair<model::CollectionId, base::Id>;
    bool operator()(const Key& a, const Key& b) const {
      return a.first != b.first ? a.first < b.first : base::Id::compare(a.second, b.second) < 0;
    }
  };
  [[nodiscard]] base::Status run(Command command, protocol::SpanReader& in, base::Timestamp now);
  void create(protocol::SpanReader& in);
  [[nodiscard]] base::Status restore(protocol::SpanReader& in, base::Timestamp now);
  [[nodiscard]] base::Status subscribe(protocol::SpanReader& in, base::Timestamp now);
  void mutate(protocol::SpanReader& in, base::Timestamp now, bool accepted, bool is_undo = false);
  [[nodiscard]] base::Status draft(protocol::SpanReader& in, base::Timestamp now);
  void answer_mutate(const client::MutateAnswer& made);
  void append_packed(const model::Record& record);
  void append_number(std::uint32_t number);
  // The related records of a window, each once, and which row brings which along (ABI.md).
  struct Related {
    std::vector<model::Record> records;
    std::map<std::pair<model::CollectionId, base::Id>, std::uint32_t, RecordLess> index;
    std::vector<std::uint32_t> links;
  };
  void link(const std::vector<query::Include>& includes, const model::Record& row,
            Related& related) const;

  const mutation::Domain& domain_;
  std::unique_ptr<client::ClientCore> core_;
  std::map<client::QueryId, std::vector<query::Include>> includes_;
  base::Id user_;
  std::vector<std::uint64_t> in_;  // of u64, so that the bytes are 8-aligned
  std::vector<std::uint64_t> out_;
  std::size_t out_size_ = 0;
  std::vector<std::uint8_t> packed_;
  protocol::SpanWriter writer_;
  bool dead_ = false;
};

}  // namespace syncline::wasm
