#include "syncline/client/client_core.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "syncline/base/random.hpp"
#include "syncline/client/connection.hpp"
#include "syncline/client/live_queries.hpp"
#include "syncline/client/pending_log.hpp"
#include "syncline/client/persisted.hpp"
#include "syncline/client/replica.hpp"
#include "syncline/ivm/relations.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/poke_reader.hpp"
#include "syncline/protocol/version.hpp"

namespace syncline::client {

using base::Timestamp;
using model::MutationId;

namespace {

// An application that starts again asks for its queries soon, or not at all.
constexpr std::int64_t kUnreadForMs = 10'000;

}  // namespace

struct ClientCore::Impl {
  Impl(const mutation::Domain& of, CoreOptions with)
      : domain(of),
        options(std::move(with)),
        replica(of.schema),
        log(of, replica),
        queries(of.schema, replica, log),
        connection(options.seed, effects),
        random(base::mix64(options.seed)) {
    log.set_actor({options.user, options.role});
    replica.set_coverage([this](const query::Query& query) { return queries.covers(query); });
  }

  void send(const protocol::ClientMessage& message) {
    effects.push_back(SendFrame{protocol::encode(message)});
  }
  void send_hello();
  void send_mutations();

  void on_part(base::ByteView part);
  void on_frame(base::ByteView frame, Timestamp now);
  void on_other_frame(base::ByteView frame, Timestamp now);
  void broken_frame(const char* what, Timestamp now);
  void on_message(const protocol::Welcome& welcome, Timestamp now);
  void on_message(const protocol::Poke&, Timestamp) {}  // on_poke()
  void on_poke(base::Result<protocol::ReadPoke> read, Timestamp now);
  void on_message(const protocol::QueryFailed& failed, Timestamp now);
  void on_message(const protocol::Pong& pong, Timestamp now);
  void on_message(const protocol::Failure& failure, Timestamp now);
  void judge(const base::Id& client, const model::Verdict& verdict);
  void finish_step();
  void submit_anew(Timestamp now);
  void drop_unread(Timestamp now);
  void lost_connection();
  void report_pending();

  const mutation::Domain& domain;
  CoreOptions options;
  std::deque<Effect> effects;
  Replica replica;
  PendingLog log;
  LiveQueries queries;
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
  std::uint32_t pending_told = 0;
  std::uint64_t pings = 0;
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

void ClientCore::Impl::send_hello() {
  protocol::Hello hello;
  hello.protocol = protocol::kProtocolVersion;
  hello.schema_hash = domain.schema.hash();
  hello.client = options.client;
  hello.earlier_clients = earlier_clients;
  hello.access_token = token;
  hello.cursor = cursor;
  send(hello);
}

// Every stored mutation that this connection has not carried yet, in order. One frame holds mutations of one client.
void ClientCore::Impl::send_mutations() {
  if (!connection.is_live()) return;
  protocol::Push push;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (!push.mutations.empty()) send(push);
    push.mutations.clear();
    bytes = 0;
  };
  for (Pending& pending : log.entries()) {
    if (pending.sent || pending.settled) continue;
    if (!pending.stored) break;
    const std::size_t size = protocol::encode_mutation(pending.mutation).size();
    const bool other_client =
        !push.mutations.empty() && !(push.mutations.back().id.client == pending.mutation.id.client);
    const bool full = push.mutations.size() == protocol::kMutationsPerFrameMax ||
                      bytes + size > protocol::kClientFrameBytesMax / 2;
    if (other_client || full) flush();
    push.mutations.push_back(pending.mutation);
    bytes += size;
    pending.sent = true;
  }
  flush();
}

void ClientCore::Impl::on_part(base::ByteView part) {
  if (!connection.is_greeting() && !connection.is_live()) return;  // of a socket that was given up
  if (!incoming) {
    incoming.emplace(domain.schema);
    incoming->is_poke = protocol::is_poke(part);
  }
  if (!incoming->status.ok()) return;
  if (incoming->is_poke) {
    incoming->status = incoming->reader.read(part);
  } else if (incoming->other.size() <= protocol::kServerFrameBytesMax) {
    incoming->other.insert(incoming->other.end(), part.begin(), part.end());
  }
}

void ClientCore::Impl::on_frame(base::ByteView frame, Timestamp now) {
  std::optional<Incoming> parts = std::exchange(incoming, std::nullopt);
  if (!parts) {
    if (!protocol::is_poke(frame)) return on_other_frame(frame, now);
    protocol::PokeReader reader(domain.schema);
    return on_poke(reader.finish(frame), now);
  }
  if (!parts->is_poke) {
    // Too large: the decoder says so.
    parts->other.insert(parts->other.end(), frame.begin(), frame.end());
    return on_other_frame(parts->other, now);
  }
  if (!parts->status.ok()) return on_poke(parts->status.error(), now);
  on_poke(parts->reader.finish(frame), now);
}

void ClientCore::Impl::broken_frame(const char* what, Timestamp now) {
  connection.give_up(what, now);
  lost_connection();
}

void ClientCore::Impl::on_other_frame(base::ByteView frame, Timestamp now) {
  if (!connection.is_greeting() && !connection.is_live()) return;  // of a socket that was given up
  base::Result<protocol::ServerMessage> message = protocol::decode_server_message(frame);
  if (!message.ok()) return broken_frame("a broken frame", now);
  connection.heard(now);
  std::visit([&](const auto& alternative) { on_message(alternative, now); }, *message);
}

void ClientCore::Impl::on_message(const protocol::Welcome& welcome, Timestamp now) {
  if (!connection.is_greeting()) return;
  connection.welcomed(now);
  clock_ahead_ms = welcome.now - now;
  if (welcome.role < mutation::kRoleCount) {
    log.set_actor({welcome.user, static_cast<mutation::Role>(welcome.role)});
  }
  if (queries.has_unread() && !unread_until) unread_until = now + kUnreadForMs;
  const bool other_history = !cursor.epoch.is_nil() && (!(cursor.epoch == welcome.cursor.epoch) ||
                                                        welcome.cursor.version < cursor.version);
  if (other_history) queries.drop_rows();
  if (other_history || cursor.epoch.is_nil()) cursor = {welcome.cursor.epoch, 0};
  connection_version = 0;
  finish_step();
  for (const WireId entry : queries.entries()) send(queries.subscription(entry));
  send_mutations();
}

// Everything has been read before anything is applied: a broken poke leaves no trace.
void ClientCore::Impl::on_poke(base::Result<protocol::ReadPoke> read, Timestamp now) {
  if (!connection.is_greeting() && !connection.is_live()) return;  // of a socket that was given up
  if (!read.ok()) return broken_frame("a broken frame", now);
  connection.heard(now);
  if (!connection.is_live()) return;
  protocol::ReadPoke& poke = *read;
  const bool understood =
      std::all_of(poke.segments.begin(), poke.segments.end(),
                  [this](const auto& segment) { return queries.understands(segment); });
  if (!understood || poke.version < connection_version)
    return broken_frame("a poke that cannot be applied", now);
  queries.expect(poke.segments);
  for (protocol::ReadSegment& segment : poke.segments) queries.apply(segment);
  for (const auto& [client, verdict] : poke.verdicts) judge(client, verdict);
  connection_version = poke.version;
  // While a query's rows are older, so is the state that we can name.
  if (!queries.awaits_catch_up()) cursor.version = std::max(cursor.version, poke.version);
  finish_step();
}

void ClientCore::Impl::judge(const base::Id& client, const model::Verdict& verdict) {
  const bool applied =
      verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
  const MutationId id{client, verdict.sequence};
  const std::optional<model::Mutation> mutation =
      log.settle(id, applied && queries.awaits_answers());
  if (!mutation) return;
  effects.push_back(ForgetMutation{id});
  const auto known = known_as.find(id);
  effects.push_back(Settled{known == known_as.end() ? id : known->second, mutation->name, verdict});
  if (known != known_as.end()) known_as.erase(known);
}

void ClientCore::Impl::on_message(const protocol::QueryFailed& failed, Timestamp) {
  queries.fail(failed.query_id, failed.error);
  finish_step();
}

void ClientCore::Impl::on_message(const protocol::Pong& pong, Timestamp now) {
  clock_ahead_ms = pong.now - now;
}

void ClientCore::Impl::on_message(const protocol::Failure& failure, Timestamp now) {
  const base::Code code = failure.error.code;
  if (code == base::Code::client_expired || code == base::Code::out_of_order) submit_anew(now);
  connection.refused(failure.error, now);
  lost_connection();
}

// The server cannot place our numbers: its ledger forgot the client, or its database is another one. What is pending goes on
// under a new client id; nothing of it is lost. The application keeps the names it knows.
void ClientCore::Impl::submit_anew(Timestamp now) {
  options.client = base::make_id_v7(now + clock_ahead_ms, random.next(), random.next());
  earlier_clients.clear();
  last_sequence = 0;
  for (Pending& pending : log.entries()) {
    if (pending.settled) continue;
    const MutationId old = pending.mutation.id;
    const MutationId known = known_as.contains(old) ? known_as[old] : old;
    known_as.erase(old);
    pending.mutation.id = {options.client, ++last_sequence};
    pending.stored = false;
    known_as[pending.mutation.id] = known;
    effects.push_back(
        StoreMutation{pending.mutation.id, protocol::encode_mutation(pending.mutation)});
    effects.push_back(ForgetMutation{old});
  }
}

// Ends every step: rows nobody needs go, pending mutations run again on what moved, live queries get the net difference.
void ClientCore::Impl::finish_step() {
  if (replica.has_unreferenced()) replica.collect(log.needed(queries.awaits_answers()));
  log.rebase(queries.awaits_answers());
  if (replica.is_flood()) {
    replica.advance_untold();
    queries.look_again();
  } else {
    replica.advance([this](const model::Change& change) { queries.move(change); });
  }
  queries.finish();
  report_pending();
}

void ClientCore::Impl::drop_unread(Timestamp now) {
  if (!unread_until || now < *unread_until) return;
  unread_until.reset();
  for (const WireId entry : queries.drop_unread()) {
    if (connection.is_live()) send(protocol::Unsubscribe{entry});
  }
  finish_step();
}

void ClientCore::Impl::lost_connection() {
  incoming.reset();
  queries.connection_lost();
  for (Pending& pending : log.entries()) pending.sent = false;
}

void ClientCore::Impl::report_pending() {
  if (log.size() == pending_told) return;
  pending_told = log.size();
  effects.push_back(PendingChanged{pending_told});
}

ClientCore::ClientCore(const mutation::Domain& domain, CoreOptions options)
    : impl_(std::make_unique<Impl>(domain, std::move(options))) {}
ClientCore::~ClientCore() = default;

void ClientCore::set_token(std::string access_token, Timestamp now) {
  impl_->token = std::move(access_token);
  if (impl_->connection.is_live()) {
    impl_->send(protocol::Reauthenticate{impl_->token});
  } else {
    impl_->connection.start(now);
  }
}

void ClientCore::set_online(bool online, Timestamp now) {
  if (online) retry_now(now);
}

void ClientCore::retry_now(Timestamp now) { impl_->connection.retry_now(now); }

void ClientCore::stop(Timestamp) {
  impl_->connection.stop();
  impl_->lost_connection();
}

void ClientCore::restore(const std::vector<model::Mutation>& outbox, Timestamp) {
  for (const model::Mutation& mutation : outbox) {
    auto& earlier = impl_->earlier_clients;
    const base::Id& client = mutation.id.client;
    if (std::find(earlier.begin(), earlier.end(), client) == earlier.end())
      earlier.push_back(client);
    impl_->log.add(mutation, impl_->log.try_run(mutation), true);
  }
  impl_->finish_step();
}

base::Result<QueryId> ClientCore::subscribe(const query::Query& query, Timestamp, Window window) {
  SYNC_ASSIGN(const LiveQueries::Added added,
              impl_->queries.subscribe(query, impl_->log.actor().user, window));
  if (added.fresh && impl_->connection.is_live())
    impl_->send(impl_->queries.subscription(added.entry));
  return added.reader;
}

void ClientCore::set_window(QueryId query, Window window) {
  impl_->queries.set_window(query, window);
}

void ClientCore::unsubscribe(QueryId query, Timestamp) {
  const std::optional<WireId> left = impl_->queries.unsubscribe(query);
  if (!left) return;
  if (impl_->connection.is_live()) impl_->send(protocol::Unsubscribe{*left});
  impl_->finish_step();
}

MutateAnswer ClientCore::mutate(std::string name, model::Arguments arguments,
                                std::vector<model::BaseVersion> bases, Timestamp now) {
  MutateAnswer answer;
  model::Mutation mutation;
  mutation.id = {impl_->options.client, impl_->last_sequence + 1};
  mutation.name = std::move(name);
  mutation.arguments = std::move(arguments);
  mutation.bases = std::move(bases);
  mutation.created_at = now + impl_->clock_ahead_ms;
  mutation::RunOutcome outcome = impl_->log.try_run(mutation);
  answer.certain = outcome.status.ok();
  if (!outcome.status.ok() && outcome.status.error().code != base::Code::needs_server) {
    answer.status = outcome.status;
    return answer;
  }
  ++impl_->last_sequence;
  answer.id = mutation.id;
  answer.result = outcome.result;
  impl_->effects.push_back(StoreMutation{mutation.id, protocol::encode_mutation(mutation)});
  impl_->log.add(std::move(mutation), std::move(outcome), false);
  impl_->finish_step();
  return answer;
}

void ClientCore::opened(Timestamp now) {
  impl_->incoming.reset();
  impl_->connection.opened(now);
  if (impl_->connection.is_greeting()) impl_->send_hello();
}

void ClientCore::received_part(base::ByteView part) { impl_->on_part(part); }
void ClientCore::received(base::ByteView frame, Timestamp now) { impl_->on_frame(frame, now); }

void ClientCore::closed(Timestamp now) {
  if (impl_->connection.state() == ConnectionState::disconnected)
    return;  // of a socket that was given up
  impl_->connection.closed(now);
  impl_->lost_connection();
}

void ClientCore::stored(const MutationId& id, Timestamp) {
  for (Pending& pending : impl_->log.entries()) {
    if (pending.mutation.id == id) pending.stored = true;
  }
  impl_->send_mutations();
}

void ClientCore::timeout(Timestamp now) {
  const bool was_live = impl_->connection.is_live();
  if (impl_->connection.timeout(now)) impl_->send(protocol::Ping{++impl_->pings});
  if (was_live && !impl_->connection.is_live()) impl_->lost_connection();
  impl_->drop_unread(now);
}

std::optional<Effect> ClientCore::poll_effect() {
  if (impl_->effects.empty()) return std::nullopt;
  Effect effect = std::move(impl_->effects.front());
  impl_->effects.pop_front();
  return effect;
}
std::optional<ViewUpdate> ClientCore::poll_view() { return impl_->queries.poll(); }
std::optional<Timestamp> ClientCore::next_timeout() const {
  const std::optional<Timestamp> due = impl_->connection.next_timeout();
  if (!due || (impl_->unread_until && *impl_->unread_until < *due)) {
    return impl_->unread_until ? impl_->unread_until : due;
  }
  return due;
}

const ivm::OrderedView* ClientCore::view(QueryId query) const { return impl_->queries.view(query); }
QueryStatus ClientCore::status(QueryId query) const { return impl_->queries.status(query); }
QueryFacts ClientCore::facts(QueryId query) const { return impl_->queries.facts(query); }

std::vector<model::Record> ClientCore::included(const query::Include& include,
                                                const model::Record& row) const {
  return ivm::SourceRelations(impl_->replica.visible_sources()).included(include, row);
}

model::Record ClientCore::get(model::CollectionId collection, const base::Id& id) const {
  if (impl_->domain.schema.find(collection) == nullptr) return {};
  return impl_->replica.visible({collection, id});
}
model::Record ClientCore::confirmed(model::CollectionId collection, const base::Id& id) const {
  if (impl_->domain.schema.find(collection) == nullptr) return {};
  return impl_->replica.confirmed({collection, id});
}
bool ClientCore::is_pending(model::CollectionId collection, const base::Id& id) const {
  return impl_->replica.is_overlaid({collection, id});
}
ConnectionState ClientCore::connection() const { return impl_->connection.state(); }
std::uint32_t ClientCore::pending_count() const { return impl_->log.size(); }
const protocol::Cursor& ClientCore::cursor() const { return impl_->cursor; }

base::Bytes ClientCore::persist() const {
  return write_persisted(impl_->domain.schema, impl_->log.actor().user, impl_->cursor,
                         impl_->replica, impl_->queries);
}

base::Status ClientCore::restore_rows(base::ByteView blob, Timestamp) {
  SYNC_ASSIGN(Persisted persisted,
              read_persisted(blob, impl_->domain.schema, impl_->log.actor().user));
  SYNC_CHECK(impl_->cursor.epoch.is_nil(), "rows are restored right after the core was made");
  impl_->cursor = persisted.cursor;
  impl_->replica.begin_flood(persisted.rows.size());
  for (const model::Record& row : persisted.rows) impl_->replica.put(row);
  for (const LiveQueries::Kept& kept : persisted.queries) {
    // A query that this build no longer takes only loses its rows.
    if (!impl_->queries.restore(kept, impl_->log.actor().user).ok()) continue;
  }
  impl_->finish_step();
  return {};
}

}  // namespace syncline::client
