// The messages of /sync as JSON, for people who debug (sub-protocol syncline.sync.v1+json): the same structs and members as
// in protocol/message.hpp, in camelCase, with a `type`. Numbers stay numbers and enumerations are names; a value whose kind
// JSON lacks is an object with one member: {"decimal": "1.50"}, {"id": …}, {"timestamp": …}, {"date": …}, {"set": […]}.
// Rows in a poke are records as REST shows them, beside their collection; collections and fields keep their numbers
// elsewhere. In a hello `protocol` and `schemaHash` may be left out: then they are the server's.
#pragma once

#include <string>
#include <string_view>

#include "syncline/base/result.hpp"
#include "syncline/model/schema.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::server::api {

// Errors: malformed (no JSON object, no such type, a member that is unknown or of another kind).
[[nodiscard]] base::Result<protocol::ClientMessage> client_message_from_json(
    const model::Schema& schema, std::string_view text);
// The query of a subscribe by itself. Errors: as above.
[[nodiscard]] base::Result<query::Query> query_from_json(std::string_view text);
[[nodiscard]] std::string server_message_to_json(const model::Schema& schema,
                                                 const protocol::ServerMessage& message);

}  // namespace syncline::server::api
