// A commit as JSON events for integrations (API.md, Events): per record first its generic event, then its domain events, records
// in the order in which the mutator wrote them (SEMANTICS 20). The same for live and replayed commits.
#pragma once

#include <string>
#include <vector>

#include "syncline/authority/storage.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::server::api {

struct Event {
  const model::Change* change = nullptr;  // of the entry it was made from
  std::string type;                       // "lead_updated"
  std::string action;                     // "updated"
  std::vector<model::FieldId> fields;     // what changed: the fields of `data`
};

// REQUIRES: the entry outlives the events.
[[nodiscard]] std::vector<Event> make_events(const authority::LogEntry& entry);

// Whether one image of the row, before or after, is for this user.
[[nodiscard]] bool is_visible(const mutation::Domain& domain, const mutation::Actor& actor,
                              const Event& event);
// Without fields that are masked; with none where the row has left what the user may see. REQUIRES: is_visible().
[[nodiscard]] std::string event_json(const mutation::Domain& domain, const mutation::Actor& actor,
                                     const authority::LogEntry& entry, const Event& event);
// Told to a user whose account was removed, whatever rooms they are in; "" where the event is nothing of the kind.
[[nodiscard]] std::string farewell_json(const mutation::Actor& actor,
                                        const authority::LogEntry& entry, const Event& event);

}  // namespace syncline::server::api
