// The body of a write as arguments of a mutator: names become field ids, JSON becomes values, engine-owned fields are refused.
#pragma once

#include <optional>
#include <string>

#include "server/api/json.hpp"

namespace syncline::server::api {

struct RecordBody {
  model::Arguments arguments;  // own fields, and the id of a new record where it was given
  std::optional<model::Version> version;  // the base
  std::optional<std::string> password;    // users only
};

enum class BodyForm : std::uint8_t {
  create,   // may bring the id
  patch,    // what it does not name stays
  replace,  // what it does not name goes back to its default; engine-owned fields are passed over, so that what was read can be sent back
};

// `id` is the one in the path (patch, replace). Errors: validation codes with every field's complaint.
[[nodiscard]] base::Result<RecordBody> parse_record_body(const model::Collection& collection,
                                                         BodyForm form, const base::Id& id,
                                                         const ParsedJson& body);
// Arguments of a mutator by name; `id` nil: from the body, where the mutator takes one.
[[nodiscard]] base::Result<model::Arguments> parse_arguments(const mutation::MutatorSpec& mutator,
                                                             const base::Id& id,
                                                             const ParsedJson& body);

}  // namespace syncline::server::api
