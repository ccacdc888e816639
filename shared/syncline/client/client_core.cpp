#include "syncline/client/client_core.hpp"

#include <algorithm>
#include <utility>

#include "syncline/client/impl.hpp"
#include "syncline/client/persisted.hpp"
#include "syncline/ivm/relations.hpp"

namespace syncline::client {

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

void ClientCore::restore(const std::vector<model::Mutation>& outbox, std::vector<base::Id> earlier,
                         Timestamp) {
  for (const model::Mutation& mutation : outbox) {
    const base::Id& client = mutation.id.client;
    if (std::find(earlier.begin(), earlier.end(), client) == earlier.end())
      earlier.push_back(client);
    impl_->log.add(mutation, impl_->log.try_run(mutation), true);
  }
  impl_->earlier_clients = std::move(earlier);
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

void ClientCore::opened(Timestamp now) {
  if (!impl_->connection.opened(now)) return;
  impl_->incoming.reset();
  impl_->send_hello();
}

void ClientCore::received_part(base::ByteView part) { impl_->on_part(part); }
void ClientCore::received(base::ByteView frame, Timestamp now) { impl_->on_frame(frame, now); }

void ClientCore::closed(Timestamp now) {
  if (impl_->connection.state() == ConnectionState::disconnected)
    return;  // of a socket that was given up
  impl_->connection.closed(now);
  impl_->lost_connection();
}

void ClientCore::stored(const MutationId& id, Timestamp now) {
  for (Pending& pending : impl_->log.entries()) {
    if (pending.mutation.id == id && pending.unstored > 0) --pending.unstored;
  }
  impl_->send_mutations(now);
}

void ClientCore::timeout(Timestamp now) {
  const bool was_live = impl_->connection.is_live();
  if (impl_->connection.timeout(now)) impl_->send(protocol::Ping{++impl_->pings});
  if (was_live && !impl_->connection.is_live()) impl_->lost_connection();
  impl_->send_mutations(now);
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
  std::optional<Timestamp> next = impl_->connection.next_timeout();
  const auto consider = [&next](const std::optional<Timestamp>& due) {
    if (due && (!next || *due < *next)) next = due;
  };
  consider(impl_->unread_until);
  if (impl_->connection.is_live()) consider(impl_->send_again_at);
  return next;
}

const ivm::OrderedView* ClientCore::view(QueryId query) const { return impl_->queries.view(query); }
QueryStatus ClientCore::status(QueryId query) const { return impl_->queries.status(query); }
QueryFacts ClientCore::facts(QueryId query) const { return impl_->queries.facts(query); }
std::uint32_t ClientCore::mismatches() const { return impl_->mismatches; }

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
