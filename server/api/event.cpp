#include "server/api/event.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "domain/collections.hpp"
#include "server/api/json.hpp"

namespace syncline::server::api {
namespace {

using model::ChangeKind;

std::string_view generic_action(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::insert: return "created";
    case ChangeKind::update: return "updated";
    case ChangeKind::remove: return "deleted";
  }
  return "updated";
}

std::string generic_type(const model::Change& change) {
  const bool user_gone =
      change.collection().id() == domain::kUsersId && change.kind == ChangeKind::remove;
  // "user_deleted" goes to that user alone (PLT-2).
  if (user_gone) return "user_deleted_broadcast";
  return std::string(change.collection().spec().singular) + "_" +
         std::string(generic_action(change.kind));
}

std::vector<model::FieldId> fields_of(const model::Change& change) {
  if (change.kind == ChangeKind::update) return model::changed_fields(change.before, change.after);
  std::vector<model::FieldId> fields;
  if (change.kind == ChangeKind::remove) return fields;
  for (const model::Field& field : change.collection().fields()) {
    if (field.spec.id >= model::kFirstOwnField && change.after.has(field.spec.id))
      fields.push_back(field.spec.id);
  }
  return fields;
}

OutJson envelope(const authority::LogEntry& entry, const Event& event, std::string_view type,
                 OutJson data) {
  const model::CollectionSpec& spec = event.change->collection().spec();
  return OutJson{
      {"type", type},
      {"module", spec.module},
      {"collection", spec.name},
      {"action", event.action},
      {"recordId", base::to_string(event.change->id())},
      {"data", std::move(data)},
      {"userId", entry.user.is_nil() ? OutJson(nullptr) : OutJson(base::to_string(entry.user))},
      {"timestamp", base::to_string(entry.at)},
      {"version", entry.version}};
}

}  // namespace

std::vector<Event> make_events(const authority::LogEntry& entry) {
  std::vector<Event> events;
  for (const model::Change& change : entry.changes.changes) {
    Event generic;
    generic.change = &change;
    generic.type = generic_type(change);
    generic.action = generic_action(change.kind);
    generic.fields = fields_of(change);
    events.push_back(generic);
    for (const model::DomainEvent& declared : entry.changes.events) {
      if (declared.collection != change.collection().id() || !(declared.record == change.id()))
        continue;
      Event event = generic;
      event.type = declared.type;
      event.action = declared.action;
      events.push_back(std::move(event));
    }
  }
  return events;
}

bool is_visible(const mutation::Domain& domain, const mutation::Actor& actor, const Event& event) {
  const model::Change& change = *event.change;
  const auto may = [&](const model::Record& row) {
    return row && domain.access.may(actor, row, mutation::Right::read);
  };
  return may(change.after) || may(change.before);
}

std::string event_json(const mutation::Domain& domain, const mutation::Actor& actor,
                       const authority::LogEntry& entry, const Event& event) {
  const model::Record& after = event.change->after;
  OutJson data = OutJson::object();
  if (after && domain.access.may(actor, after, mutation::Right::read)) {
    std::vector<model::FieldId> fields = event.fields;
    const auto masked = domain.access.masked_fields(actor, after.collection().id());
    std::erase_if(fields, [&masked](model::FieldId field) {
      return std::find(masked.begin(), masked.end(), field) != masked.end();
    });
    data = fields_to_json(after, fields);
  }
  return dump(envelope(entry, event, event.type, std::move(data)));
}

std::string farewell_json(const mutation::Actor& actor, const authority::LogEntry& entry,
                          const Event& event) {
  const model::Change& change = *event.change;
  const bool me = change.collection().id() == domain::kUsersId && change.id() == actor.user;
  if (!me || change.kind != ChangeKind::remove || event.action != "deleted") return {};
  return dump(envelope(entry, event, "user_deleted", OutJson::object()));
}

}  // namespace syncline::server::api
