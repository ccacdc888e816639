// Operator: one stage of a pipeline. Deltas come in at the top and leave to the next stage at once; no stage sees the whole
// result.
//
// What an operator may rely on, and must keep for the next one:
// - The law of order (source.hpp): during a push the source shows exactly the state after that change.
// - The deltas of a stage, applied one after another, are consistent: a row is added once before it is edited or removed,
//   `before` is byte for byte what was last sent for it, `after` is what the source holds now.
// - Rows of the hydration come in the query's order.
// - An error leaves the operator undefined until reset(); the next stage hears nothing more of that push.
#pragma once

#include "syncline/ivm/pipeline.hpp"

namespace syncline::ivm {

class Operator {
 public:
  virtual ~Operator() = default;
  [[nodiscard]] virtual base::Status push(const RowDelta& delta) = 0;
  // Back to the state before hydration. Does not reach the next stage.
  virtual void reset() = 0;
};

}  // namespace syncline::ivm
