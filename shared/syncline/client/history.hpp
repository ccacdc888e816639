// History: what the user did here, so that it can be taken back and done again. A step is one generic mutation on one record;
// taking it back is another mutation, so it works offline (where that mutation does) and is judged like any other. It is
// refused where the fields are no longer as the step left them. Thread rule: one thread.
#pragma once

#include <vector>

#include "syncline/client/pending_log.hpp"

namespace syncline::client {

class History {
 public:
  explicit History(const mutation::Domain& domain) : domain_(domain) {}

  // The user made it, or folded more into it. `replica`: with its effects.
  void made(const Pending& pending, Replica& replica);
  // What the server refused was never done.
  void settled(const model::MutationId& id, const model::Verdict& verdict);

  struct Step {
    model::MutationId id;         // that did it last
    model::Record before, after;  // neither: it is none that can be taken back
    std::vector<model::FieldId> fields;
    model::Version version = 0;  // as which it was applied

    [[nodiscard]] bool is_known() const { return before || after; }
    [[nodiscard]] bool is_nothing() const;  // it ended where it began
  };
  // Takes the last step. Errors: not_found, rule_violation.
  [[nodiscard]] base::Result<Step> take(bool redo);
  // Name, arguments and bases of the mutation that takes it back, or does it again; `log`: what waits. Errors: conflict;
  // rule_violation: not now.
  [[nodiscard]] base::Result<model::Mutation> reverse(const Step& step, bool redo, Replica& replica,
                                                      const PendingLog& log) const;
  // Nothing came of it yet: it can be taken again.
  void keep(Step step, bool redo);
  // That mutation was made: the step can be done the other way round.
  void put_back(Step step, bool redo);

  [[nodiscard]] std::uint32_t undoable() const {
    return static_cast<std::uint32_t>(done_.size()) - (ends_in_nothing() ? 1 : 0);
  }
  [[nodiscard]] std::uint32_t redoable() const {
    return static_cast<std::uint32_t>(undone_.size());
  }

 private:
  // The last edit is where it began, and may go on from there.
  [[nodiscard]] bool ends_in_nothing() const { return !done_.empty() && done_.back().is_nothing(); }

  const mutation::Domain& domain_;
  std::vector<Step> done_;
  std::vector<Step> undone_;
};

}  // namespace syncline::client
