// The rows that are written: leads with twelve fields, as the client's benchmarks have them, and changes of their values.
#pragma once

#include <cstdint>

#include "syncline/base/random.hpp"
#include "syncline/model/mutation.hpp"
#include "syncline/model/record.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::bench {

[[nodiscard]] const mutation::Domain& domain();
[[nodiscard]] base::Id random_id(base::Random& random);
// Without the id of the mutation itself.
[[nodiscard]] model::Mutation insert_lead(const base::Id& id, const base::Id& owner,
                                          std::size_t number, base::Random& random);
// The row that an insert makes, without what the engine adds.
[[nodiscard]] model::Record record_of(const model::Mutation& insert);
// Gives the lead another value. `seen`: the version that its author saw.
[[nodiscard]] model::Mutation update_value(const base::Id& id, model::Version seen,
                                           base::Random& random);

}  // namespace syncline::bench
