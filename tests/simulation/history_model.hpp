// HistoryModel: what somebody at one browser remembers to have done, step by step, and what taking it back must look like to
// him. It knows the screen only: records before and after each of his changes.
#pragma once

#include <optional>
#include <vector>

#include "tests/simulation/checker.hpp"

namespace syncline::simulation {

class HistoryModel {
 public:
  HistoryModel(const model::Schema& schema, Checker& checker)
      : schema_(schema), checker_(checker) {}

  // He did this; the record as he saw it before and after. `possible` false: nobody can say whether it can be taken back.
  struct Deed {
    model::MutationId id;
    model::CollectionId collection = model::kNoCollection;
    base::Id record;
    model::Record before, after;
    std::vector<model::FieldId> fields;  // that he wrote; of a new or removed record: all
    enum class Kind { step, no_step, unclear } kind = Kind::step;
  };
  void did(Deed deed);
  void forget() { done_.clear(), undone_.clear(); }
  // The server refused it: it was never done.
  void refused(const model::MutationId& id);

  // The one that is taken back next (or done again).
  [[nodiscard]] const Deed* next(bool redo) const;
  // He asked for it; the record as he saw it before and after, and what he was told.
  void took_back(bool redo, const model::Record& seen, const model::Record& after,
                 const client::MutateAnswer& answer);

 private:
  [[nodiscard]] static bool is_nothing(const Deed& deed);
  void check_effect(const Deed& deed, const model::Record& from, const model::Record& to,
                    const model::Record& after);
  [[nodiscard]] bool is_as_left(const Deed& deed, const model::Record& left,
                                const model::Record& seen) const;
  [[nodiscard]] bool adds(model::CollectionId collection, model::FieldId field) const;

  const model::Schema& schema_;
  Checker& checker_;
  std::vector<Deed> done_, undone_;
  model::MutationId dropped_;  // the last that could not be taken back
};

}  // namespace syncline::simulation
