// Reader: what a mutator may ask of the rows below it (SEMANTICS 38). The server answers from SQLite and always knows; the
// browser holds a partial replica and may answer "unknown" (SEMANTICS 9).
#pragma once

#include <vector>

#include "syncline/base/result.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::mutation {

struct Lookup {
  enum class State : std::uint8_t { present, absent, unknown };
  State state = State::absent;
  model::Record record;  // present
};

struct FindResult {
  bool complete = true;  // false: there may be rows that this replica does not hold
  std::vector<model::Record> rows;
};

class Reader {
 public:
  virtual ~Reader() = default;
  // Errors: storage_failed.
  [[nodiscard]] virtual base::Result<Lookup> get(model::CollectionId collection,
                                                 const base::Id& id) = 0;
  // A record that is not there, as it was when it was last deleted; absent: it never was, or nobody remembers. Only the server
  // keeps what was deleted.
  [[nodiscard]] virtual base::Result<Lookup> deleted(model::CollectionId, const base::Id&) {
    return Lookup{Lookup::State::unknown, {}};
  }
  // REQUIRES: checked query without aggregate and includes.
  [[nodiscard]] virtual base::Result<FindResult> find(const query::Query& query) = 0;
};

}  // namespace syncline::mutation
