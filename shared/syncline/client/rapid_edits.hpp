// RapidEdits: whoever types into a field makes an edit with every key. The first goes at once; those that follow fold into
// one mutation that waits until a second has passed since (SEMANTICS 11). It is in the outbox from its first key on. Another
// change behind it ends the wait, as mutations leave in order. Thread rule: one thread.
#pragma once

#include <optional>

#include "syncline/mutation/mutator.hpp"

namespace syncline::client {

class RapidEdits {
 public:
  explicit RapidEdits(const mutation::Registry& registry) : registry_(registry) {}

  // The mutation into which this one may fold, if the server cannot know it yet.
  [[nodiscard]] std::optional<model::MutationId> target(const model::Mutation& edit,
                                                        base::Timestamp now) const;
  // It was made, and did not fold.
  void made(const model::Mutation& mutation, base::Timestamp now);
  void forget() { last_.reset(); }
  // Until when this mutation is to wait.
  [[nodiscard]] std::optional<base::Timestamp> held_until(const model::MutationId& id) const {
    return last_ && last_->id == id ? std::optional(due_) : std::nullopt;
  }

 private:
  [[nodiscard]] bool is_same_edit(const model::Mutation& edit) const;

  const mutation::Registry& registry_;
  std::optional<model::Mutation> last_;  // the last one made, where others may fold into it
  base::Timestamp due_;
};

}  // namespace syncline::client
