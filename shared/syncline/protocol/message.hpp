// The messages of /sync. One struct each, one serialize each; the prose of the exchange is in PROTOCOL.md, versions in
// version.hpp. A frame is a kind byte and the message's bytes (codec.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/base/error.hpp"
#include "syncline/base/fields.hpp"
#include "syncline/base/id.hpp"
#include "syncline/model/change.hpp"
#include "syncline/model/mutation.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::protocol {

using model::Version;

// A state of the database file (SEMANTICS 17). Another epoch means full resync.
struct Cursor {
  base::Id epoch;
  Version version = 0;
  bool operator==(const Cursor&) const = default;
  SYNCLINE_FIELDS(epoch, version)
};

// ---- browser → server

// First message, within kAuthenticateWithinMs. Answer: Welcome or Failure.
struct Hello {
  std::uint32_t protocol = 0;
  std::uint64_t schema_hash = 0;
  base::Id client;  // a new one at every start of a core (SEMANTICS 8)
  std::vector<base::Id>
      earlier_clients;  // ids of the same outbox that are drained under their own names
  std::string access_token;
  Cursor cursor;  // nil epoch: nothing held
  bool operator==(const Hello&) const = default;
  SYNCLINE_FIELDS(protocol, schema_hash, client, earlier_clients, access_token, cursor)
};
// A newer token for the same user before the old one runs out, or another tab's session (ENG-9).
struct Reauthenticate {
  std::string access_token;
  bool operator==(const Reauthenticate&) const = default;
  SYNCLINE_FIELDS(access_token)
};
// A record the browser still holds of a query's last result (SEMANTICS 17, catch-up).
struct Held {
  model::CollectionId collection = model::kNoCollection;
  base::Id id;
  Version version = 0;
  bool operator==(const Held&) const = default;
  SYNCLINE_FIELDS(collection, id, version)
};
// `query_id` is the browser's number for it, unique within the connection. `held`: what it still has from `cursor`'s time;
// the server sends what differs.
struct Subscribe {
  std::uint32_t query_id = 0;
  query::Query query;
  std::vector<Held> held;
  bool operator==(const Subscribe&) const = default;
  SYNCLINE_FIELDS(query_id, query, held)
};
struct Unsubscribe {
  std::uint32_t query_id = 0;
  bool operator==(const Unsubscribe&) const = default;
  SYNCLINE_FIELDS(query_id)
};
// Mutations of one client id, in sequence order. The server skips those it has applied.
struct Push {
  std::vector<model::Mutation> mutations;
  bool operator==(const Push&) const = default;
  SYNCLINE_FIELDS(mutations)
};
struct Ping {
  std::uint64_t nonce = 0;
  bool operator==(const Ping&) const = default;
  SYNCLINE_FIELDS(nonce)
};

// ---- server → browser

struct Welcome {
  std::uint32_t protocol = 0;
  Cursor cursor;  // the server's state now
  base::Id session;
  base::Id user;
  std::uint8_t role = 0;  // mutation::Role as a number
  base::Timestamp now;    // the server's clock
  bool operator==(const Welcome&) const = default;
  SYNCLINE_FIELDS(protocol, cursor, session, user, role, now)
};

// Rows of one query group that changed; the same bytes for every session of the group (ARCHITECTURE 9), so it names no
// session's query id: Poke does, beside it.
struct SegmentBody {
  std::vector<base::Bytes> puts;  // packed records (model/record.hpp), primary and related
  struct Removal {                // the row left this query's result (it may live on in another)
    model::CollectionId collection = model::kNoCollection;
    base::Id id;
    bool operator==(const Removal&) const = default;
    SYNCLINE_FIELDS(collection, id)
  };
  std::vector<Removal> removals;
  struct Group {  // a row of an aggregate
    bool removed = false;
    query::AggregateRow row;
    bool operator==(const Group&) const = default;
    SYNCLINE_FIELDS(removed, row)
  };
  std::vector<Group> groups;
  bool operator==(const SegmentBody&) const = default;
  SYNCLINE_FIELDS(puts, removals, groups)
};
struct Segment {
  std::uint32_t query_id = 0;
  enum class Kind : std::uint8_t {
    delta,     // to be applied to what the browser has
    snapshot,  // replaces all it has of this query, except `kept`
  };
  Kind kind = Kind::delta;
  std::vector<Held> kept;  // snapshot: rows of `held` that are still in the result and unchanged
  base::Bytes body;        // encoded SegmentBody, shared by the group
  bool operator==(const Segment&) const = default;
  SYNCLINE_FIELDS(query_id, kind, kept, body)
};
// One atomic step of the browser from its version to `version`: apply all segments, drop the pending mutations named by the
// verdicts, rebase the rest. Versions never go backwards.
struct Poke {
  Version version = 0;
  std::vector<std::pair<base::Id, model::Verdict>> verdicts;  // by client id
  std::vector<Segment> segments;
  bool operator==(const Poke&) const = default;
  SYNCLINE_FIELDS(version, verdicts, segments)
};
// The query cannot be served; the subscription does not exist.
struct QueryFailed {
  std::uint32_t query_id = 0;
  base::Error error;
  bool operator==(const QueryFailed&) const = default;
  SYNCLINE_FIELDS(query_id, error)
};
struct Pong {
  std::uint64_t nonce = 0;
  base::Timestamp now;
  bool operator==(const Pong&) const = default;
  SYNCLINE_FIELDS(nonce, now)
};
// Follows a Pong: the result of each query that the browser has been shown, as it stood at the poke of `version`
// (signature.hpp). Who holds something else subscribes anew.
struct Signatures {
  Version version = 0;
  struct Result {
    std::uint32_t query_id = 0;
    std::uint64_t rows = 0;
    bool operator==(const Result&) const = default;
    SYNCLINE_FIELDS(query_id, rows)
  };
  std::vector<Result> results;
  bool operator==(const Signatures&) const = default;
  SYNCLINE_FIELDS(version, results)
};
// The connection ends. `error.code` tells what to do: token_expired, unauthenticated → authenticate anew; upgrade_required →
// offer a reload; else reconnect with backoff.
struct Failure {
  base::Error error;
  bool operator==(const Failure&) const = default;
  SYNCLINE_FIELDS(error)
};

using ClientMessage = std::variant<Hello, Reauthenticate, Subscribe, Unsubscribe, Push, Ping>;
using ServerMessage = std::variant<Welcome, Poke, QueryFailed, Pong, Failure, Signatures>;

}  // namespace syncline::protocol
