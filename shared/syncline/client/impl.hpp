// The inside of ClientCore, spread over exchange.cpp (what is said between it and the server), edits.cpp (what the user does)
// and client_core.cpp (commands, events, getters). Private to this folder.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "syncline/base/random.hpp"
#include "syncline/client/client_core.hpp"
#include "syncline/client/connection.hpp"
#include "syncline/client/history.hpp"
#include "syncline/client/live_queries.hpp"
#include "syncline/client/pending_log.hpp"
#include "syncline/client/rapid_edits.hpp"
#include "syncline/client/replica.hpp"
#include "syncline/protocol/poke_reader.hpp"

namespace syncline::client {

using base::Timestamp;
using model::MutationId;

struct ClientCore::Impl {
  Impl(const mutation::Domain& of, CoreOptions with)
      : domain(of),
        options(std::move(with)),
        replica(of.schema),
        log(of, replica),
        queries(of.schema, replica, log),
        rapid(of.registry),
        history(of),
        drafts(of, replica, log),
        connection(options.seed, effects),
        random(base::mix64(options.seed)) {
    log.set_actor({options.user, options.role});
    replica.set_coverage([this](const query::Query& query) { return queries.covers(query); });
  }

  void send(const protocol::ClientMessage& message);
  void send_hello();
  void send_mutations(Timestamp now);
  [[nodiscard]] bool refuse_expired(const base::Error& error);
  MutateAnswer make(model::Mutation mutation, Timestamp now, bool accepted,
                    History::Step* taken = nullptr, bool redo = false, bool is_step = true);

  void on_part(base::ByteView part);
  void on_frame(base::ByteView frame, Timestamp now);
  void on_other_frame(base::ByteView frame, Timestamp now);
  void broken_frame(const char* what, Timestamp now);
  void on_message(const protocol::Welcome& welcome, Timestamp now);
  void on_message(const protocol::Poke&, Timestamp) {}  // on_poke()
  void on_poke(base::Result<protocol::ReadPoke> read, Timestamp now);
  void on_message(const protocol::QueryFailed& failed, Timestamp now);
  void on_message(const protocol::Pong& pong, Timestamp now);
  void on_message(const protocol::Signatures& signatures, Timestamp now);
  void on_message(const protocol::Failure& failure, Timestamp now);
  void judge(const base::Id& client, const model::Verdict& verdict);
  void finish_step();
  void submit_anew(Timestamp now);
  [[nodiscard]] model::BaseVersion as_done(const MutationId& known) const;
  void drop_unread(Timestamp now);
  void lost_connection();
  void report_changes();  // of what is pending, can be undone, is being edited

  const mutation::Domain& domain;
  CoreOptions options;
  std::deque<Effect> effects;
  Replica replica;
  PendingLog log;
  LiveQueries queries;
  RapidEdits rapid;
  // When the mutation that waits for others to fold into it may go; as send_mutations() found it last.
  std::optional<base::Timestamp> send_again_at;
  History history;
  Drafts drafts;
  Connection connection;

  // A frame of which only a part has come.
  struct Incoming {
    explicit Incoming(const model::Schema& schema) : reader(schema) {}
    bool is_poke = false;
    protocol::PokeReader reader;
    base::Status status;
    base::Bytes other;
  };
  std::optional<Incoming> incoming;

  std::string token;
  std::vector<base::Id> earlier_clients;
  std::uint64_t last_sequence = 0;
  PendingChanged pending_told;
  HistoryChanged history_told;
  std::uint64_t pings = 0;
  std::uint32_t mismatches = 0;
  std::optional<Timestamp> unread_until;  // restored queries are kept live so long without a reader
  base::Random random;
  // Mutations that were submitted anew: the name under which the application knows them.
  struct IdLess {
    bool operator()(const MutationId& a, const MutationId& b) const {
      const int order = base::Id::compare(a.client, b.client);
      return order != 0 ? order < 0 : a.sequence < b.sequence;
    }
  };
  std::map<MutationId, MutationId, IdLess> known_as;
  std::int64_t clock_ahead_ms = 0;        // the server's clock minus ours
  protocol::Cursor cursor;                // what every answered query has at least
  model::Version connection_version = 0;  // of this connection's last poke
};

}  // namespace syncline::client
