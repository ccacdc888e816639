// Answers `syncline explain`: from a database's rows, and from the engine where one runs. Thread-safe.
#pragma once

#include <string>

#include "server/app/engine_thread.hpp"
#include "server/storage/sqlite_reader.hpp"

namespace syncline::server::app {

class Explainer {
 public:
  // REQUIRES: all outlive it. `engine`: nullptr where no server runs.
  Explainer(const mutation::Domain& domain, storage::ReaderPool& readers, EngineThread* engine,
            std::uint64_t query_cost_max)
      : domain_(domain), readers_(readers), engine_(engine), query_cost_max_(query_cost_max) {}

  // JSON for JSON (server/api/explain.hpp). Errors: those there, and unavailable.
  [[nodiscard]] base::Result<std::string> answer(const std::string& ask) const;

 private:
  const mutation::Domain& domain_;
  storage::ReaderPool& readers_;
  EngineThread* const engine_;
  const std::uint64_t query_cost_max_;
};

}  // namespace syncline::server::app
