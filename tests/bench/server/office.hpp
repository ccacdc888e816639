// The server's core in this process, over a storage in memory: who measures it alone needs no sockets.
#pragma once

#include <memory>

#include "syncline/authority/authority.hpp"
#include "syncline/authority/memory_storage.hpp"

namespace syncline::bench {

class Office {
 public:
  Office();

  // As the system. A refusal ends the benchmark.
  void write(std::vector<model::Mutation> mutations);
  // A new browser; returns its session.
  authority::SessionId enter();
  void subscribe(authority::SessionId session, std::uint32_t query_id, const query::Query& query);
  // Turns until nothing is left; returns how many frames went out.
  std::size_t run();
  [[nodiscard]] ivm::SourceProvider& sources() { return storage_.sources(); }
  [[nodiscard]] const authority::Statistics& statistics() const { return authority_.statistics(); }

 private:
  void receive(authority::SessionId session, const protocol::ClientMessage& message);

  authority::MemoryStorage storage_;
  authority::Authority authority_;
  authority::SessionId next_session_ = 1;
};

}  // namespace syncline::bench
