#include "server/api/room.hpp"

#include <algorithm>

#include "domain/collections.hpp"
#include "server/api/names.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;
using mutation::Right;

Error no_such_room(std::string_view name) {
  return {Code::malformed, "There is no room named " + std::string(name) + "."};
}

bool is_module(const model::Schema& schema, std::string_view name) {
  const auto& all = schema.collections();
  return std::any_of(all.begin(), all.end(),
                     [name](const auto& each) { return each.spec().module == name; });
}

// "leads" of the module, by its name or the last part of its address.
const model::Collection* find_in(const model::Schema& schema, std::string_view module,
                                 std::string_view name) {
  for (const model::Collection& collection : schema.collections()) {
    if (collection.spec().module != module) continue;
    std::string alias(last_segment(collection.spec().api_path));
    std::replace(alias.begin(), alias.end(), '-', '_');
    if (collection.name() == name || alias == name) return &collection;
  }
  return nullptr;
}

Result<Room> user_room(const mutation::Actor& actor, std::string_view name,
                       std::string_view id_text) {
  const auto id = base::parse_id(id_text);
  if (!id) return no_such_room(name);
  if (!(*id == actor.user)) return Error(Code::forbidden, "This room is somebody else's.");
  Room room;
  room.name = std::string(name);
  room.record = *id;
  room.user = true;
  return room;
}

// The collection that the room's first words name; `rest` is what follows them.
const model::Collection* find_collection(const model::Schema& schema, std::string_view name,
                                         std::string_view& rest) {
  const std::size_t colon = name.find(':');
  const std::string_view first = name.substr(0, colon);
  rest = colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
  if (!is_module(schema, first)) return schema.find(first);
  const std::size_t next = rest.find(':');
  const model::Collection* found = find_in(schema, first, rest.substr(0, next));
  rest = next == std::string_view::npos ? std::string_view() : rest.substr(next + 1);
  return found;
}

}  // namespace

Result<Room> parse_room(const mutation::Domain& domain, const mutation::Actor& actor,
                        std::string_view name) {
  constexpr std::string_view kUser = "user:";
  if (name.substr(0, kUser.size()) == kUser)
    return user_room(actor, name, name.substr(kUser.size()));
  Room room;
  room.name = std::string(name);
  if (is_module(domain.schema, name)) {
    room.module = room.name;
    return room;
  }
  std::string_view rest;
  const model::Collection* collection = find_collection(domain.schema, name, rest);
  const bool trailing_colon = !name.empty() && name.back() == ':';
  if (collection == nullptr || trailing_colon) return no_such_room(name);
  room.collection = collection->id();
  if (!rest.empty()) {
    const auto id = base::parse_id(rest);
    if (!id) return no_such_room(name);
    room.record = *id;
  }
  if (!domain.access.may(actor, room.collection, Right::read)) {
    return Error(Code::forbidden, "You may not read " + std::string(collection->name()) + ".");
  }
  return room;
}

bool is_in(const Room& room, const Event& event) {
  const model::Change& change = *event.change;
  if (!room.module.empty()) return change.collection().spec().module == room.module;
  if (!room.user)
    return change.collection().id() == room.collection &&
           (room.record.is_nil() || change.id() == room.record);
  if (change.collection().id() == domain::kUsersId) return change.id() == room.record;
  // What was handed to this user.
  if (event.action != "assigned" || !change.after) return false;
  return std::any_of(event.fields.begin(), event.fields.end(), [&](model::FieldId field) {
    return change.collection().field(field).spec.target == domain::kUsersId &&
           change.after.reference(field) == room.record;
  });
}

}  // namespace syncline::server::api
