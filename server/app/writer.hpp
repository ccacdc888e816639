// How a command writes: through the server that runs on the database, or, where none does, through the database itself
// (SEMANTICS 43). Either way mutators do the writing. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "syncline/authority/authority.hpp"

namespace syncline::server::app {

// What one submission came to.
struct WriteOutcome {
  model::Verdict verdict;
  std::vector<base::Id> records;  // the record each mutation was about
};

class Writer {
 public:
  virtual ~Writer() = default;
  // Runs each submission for itself, in this order, with as few fsyncs as possible. `render` and keys are not looked at.
  // Errors: unavailable (the server went away), storage_failed.
  [[nodiscard]] virtual base::Result<std::vector<WriteOutcome>> write(
      std::vector<authority::Submission> submissions) = 0;
  // Errors: storage_failed, unavailable.
  [[nodiscard]] virtual base::Status put_password_hash(const base::Id& user,
                                                       const std::string& hash) = 0;
};

// Errors: unavailable, storage_failed; said for people.
[[nodiscard]] base::Result<std::unique_ptr<Writer>> open_writer(const std::string& database,
                                                                const mutation::Domain& domain);

// A mutation by the system, as a submission of its own.
[[nodiscard]] authority::Submission as_system(model::Mutation mutation);
// `<collection>.insert` with these fields. REQUIRES: the collection exists.
[[nodiscard]] model::Mutation insertion(const mutation::Domain& domain,
                                        model::CollectionId collection, model::Patch fields);

}  // namespace syncline::server::app
