// Bugs on the wire: frames that are changed, kept back, or for somebody else.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/poke_reader.hpp"
#include "tests/simulation/canary_lists.hpp"

namespace syncline::simulation {

namespace {

using Chance = std::shared_ptr<base::Random>;
using PokeChange = std::function<void(protocol::Poke&, std::uint64_t connection, base::Random&)>;

// Changes some pokes on their way.
Hooks changing_pokes(std::uint64_t seed, const PokeChange& change) {
  Hooks hooks;
  hooks.towards_browser = [chance = std::make_shared<base::Random>(seed), change](
                              base::Bytes& frame, std::uint64_t connection) {
    auto message = protocol::decode_server_message(frame);
    if (!message.ok() || !std::holds_alternative<protocol::Poke>(*message)) return true;
    change(std::get<protocol::Poke>(*message), connection, *chance);
    frame = protocol::encode(*message);
    return true;
  };
  return hooks;
}

bool is_delta(const protocol::Segment& segment) {
  return segment.kind == protocol::Segment::Kind::delta;
}

Hooks drop_delta(std::uint64_t seed) {
  return changing_pokes(seed, [](protocol::Poke& poke, std::uint64_t, base::Random& random) {
    if (random.below(20) != 0) return;
    const auto first = std::find_if(poke.segments.begin(), poke.segments.end(), is_delta);
    if (first != poke.segments.end()) poke.segments.erase(first);
  });
}

// A delta comes after the one that followed it.
Hooks swap_deltas(std::uint64_t seed) {
  const auto late = std::make_shared<std::map<std::uint64_t, protocol::Segment>>();
  return changing_pokes(
      seed, [late](protocol::Poke& poke, std::uint64_t connection, base::Random& random) {
        const auto kept = late->find(connection);
        if (kept != late->end()) {
          const std::uint32_t query = kept->second.query_id;
          const auto next = std::find_if(
              poke.segments.begin(), poke.segments.end(),
              [&](const protocol::Segment& s) { return is_delta(s) && s.query_id == query; });
          if (next == poke.segments.end()) return;
          poke.segments.insert(std::next(next), std::move(kept->second));
          late->erase(kept);
        } else if (random.below(10) == 0) {
          const auto first = std::find_if(poke.segments.begin(), poke.segments.end(), is_delta);
          if (first == poke.segments.end()) return;
          late->emplace(connection, *first);
          poke.segments.erase(first);
        }
      });
}

using BodyChange = std::function<bool(protocol::SegmentBody&)>;

// Changes the first segment of some pokes that it fits.
Hooks changing_bodies(std::uint64_t seed, const BodyChange& change) {
  return changing_pokes(seed, [change](protocol::Poke& poke, std::uint64_t, base::Random& random) {
    if (random.below(10) != 0) return;
    for (protocol::Segment& segment : poke.segments) {
      auto body = protocol::decode_segment_body(segment.body);
      if (!is_delta(segment) || !body.ok() || !change(*body)) continue;
      segment.body = protocol::encode_segment_body(*body);
      return;
    }
  });
}

Hooks drop_removal(std::uint64_t seed) {
  return changing_bodies(seed, [](protocol::SegmentBody& body) {
    if (body.removals.empty()) return false;
    body.removals.pop_back();
    return true;
  });
}

Hooks miscount(std::uint64_t seed) {
  return changing_bodies(seed, [](protocol::SegmentBody& body) {
    if (body.groups.empty() || body.groups.front().removed) return false;
    ++body.groups.front().row.rows;
    return true;
  });
}

Hooks lose_verdicts(std::uint64_t seed) {
  return changing_pokes(seed, [](protocol::Poke& poke, std::uint64_t, base::Random& random) {
    if (random.below(20) == 0) poke.verdicts.clear();
  });
}

Hooks lie_about_verdicts(std::uint64_t seed) {
  return changing_pokes(seed, [](protocol::Poke& poke, std::uint64_t, base::Random&) {
    for (auto& [client, verdict] : poke.verdicts) verdict.outcome = model::Outcome::applied;
  });
}

// Somebody gets what was meant for another.
Hooks misroute(std::uint64_t seed) {
  Hooks hooks;
  hooks.towards_browser = [chance = std::make_shared<base::Random>(seed),
                           last = std::make_shared<std::map<std::uint64_t, base::Bytes>>()](
                              base::Bytes& frame, std::uint64_t connection) {
    if (!protocol::is_poke(frame)) return true;
    (*last)[connection] = frame;
    if (chance->below(30) != 0) return true;
    frame =
        std::next(last->begin(), static_cast<std::ptrdiff_t>(chance->index(last->size())))->second;
    return true;
  };
  return hooks;
}

// ---- towards the server

// The browser says it has the next version of what it holds.
Hooks off_by_one(std::uint64_t) {
  Hooks hooks;
  hooks.towards_server = [](base::Bytes& frame, std::uint64_t) {
    auto message = protocol::decode_client_message(frame);
    if (!message.ok() || !std::holds_alternative<protocol::Subscribe>(*message)) return true;
    for (protocol::Held& held : std::get<protocol::Subscribe>(*message).held) ++held.version;
    frame = protocol::encode(*message);
    return true;
  };
  return hooks;
}

using PushChange = std::function<bool(protocol::Push&)>;

Hooks changing_pushes(const PushChange& change) {
  Hooks hooks;
  hooks.towards_server = [change](base::Bytes& frame, std::uint64_t) {
    auto message = protocol::decode_client_message(frame);
    if (!message.ok() || !std::holds_alternative<protocol::Push>(*message)) return true;
    const bool goes = change(std::get<protocol::Push>(*message));
    frame = protocol::encode(*message);
    return goes;
  };
  return hooks;
}

// What was sent once is taken for done.
Hooks never_resend(std::uint64_t) {
  const auto sent = std::make_shared<std::set<std::pair<base::Id, std::uint64_t>>>();
  return changing_pushes([sent](protocol::Push& push) {
    std::erase_if(push.mutations, [&](const model::Mutation& mutation) {
      return !sent->insert({mutation.id.client, mutation.id.sequence}).second;
    });
    return !push.mutations.empty();
  });
}

Hooks reverse_pushes(std::uint64_t) {
  return changing_pushes([](protocol::Push& push) {
    std::reverse(push.mutations.begin(), push.mutations.end());
    return true;
  });
}

}  // namespace

std::vector<Canary> wire_canaries() {
  return {
      {"dropped-delta", "a query misses a change", drop_delta},
      {"swapped-deltas", "two changes of a query arrive in the wrong order", swap_deltas},
      {"dropped-removal", "a row that left a result is not named", drop_removal},
      {"miscounted-group", "an aggregate counts one too many", miscount},
      {"lost-verdicts", "a poke comes without its verdicts", lose_verdicts},
      {"false-verdicts", "what was refused is said to be applied", lie_about_verdicts},
      {"misrouted-poke", "somebody gets rows that were meant for another", misroute},
      {"catch-up-off-by-one", "a browser claims the version after the one it holds", off_by_one},
      {"never-resent", "what a broken connection carried is not sent again", never_resend},
      {"reversed-pushes", "mutations are sent in the wrong order", reverse_pushes},
  };
}

}  // namespace syncline::simulation
