// Rooms: what a subscriber of events asks for (API.md): "crm", "leads", "leads:<id>", "crm:leads", "crm:leads:<id>",
// "realestate:leads" (by the last part of the collection's address), "user:<me>".
#pragma once

#include <string>
#include <string_view>

#include "server/api/event.hpp"

namespace syncline::server::api {

struct Room {
  std::string name;                                       // as asked for
  std::string module;                                     // of a module room
  model::CollectionId collection = model::kNoCollection;  // of a collection or record room
  base::Id record;                                        // of a record or user room
  bool user = false;
};

// Errors: malformed (no such room), forbidden (nothing in it is for this user).
[[nodiscard]] base::Result<Room> parse_room(const mutation::Domain& domain,
                                            const mutation::Actor& actor, std::string_view name);
[[nodiscard]] bool is_in(const Room& room, const Event& event);

}  // namespace syncline::server::api
