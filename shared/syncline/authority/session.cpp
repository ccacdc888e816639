// Sessions: the life of one connection, and what each of its frames does.
//
//   open ── Hello ok ──▶ welcomed ── close, Failure ──▶ gone (until its waiting mutations are judged) ──▶ removed
//     └──── no Hello in time, refused ──▶ Failure
#include <algorithm>
#include <utility>

#include "syncline/authority/impl.hpp"
#include "syncline/protocol/limits.hpp"
#include "syncline/protocol/version.hpp"
#include "syncline/query/canonical.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::authority {

namespace {

// Of all that one session may hold of its queries in memory: a value of a list takes thirty times its bytes here, what a browser says
// it holds is kept as it came. A browser that holds more is sent it once more.
constexpr std::size_t kQueryBytesMax = 1u << 20;
constexpr std::size_t kHeldRowsMax = 200'000;
// Mutations of one session that are not judged yet, or whose verdicts it has not been sent.
constexpr std::size_t kUnreadVerdictsMax = 20'000;

}  // namespace

Session* Core::find(SessionId session) {
  const auto found = sessions.find(session);
  return found == sessions.end() || found->second->gone ? nullptr : found->second.get();
}

void Core::open(SessionId id, base::Timestamp at) {
  now = at;
  auto session = std::make_unique<Session>();
  session->id = id;
  set_deadline(*session, at + protocol::kAuthenticateWithinMs);
  const bool is_new = sessions.emplace(id, std::move(session)).second;
  SYNC_CHECK(is_new, "a session's id was used twice");
  ++statistics.sessions;
}

void Core::set_deadline(Session& session, base::Timestamp at) {
  deadlines.erase({session.deadline.ms, session.id});
  session.deadline = at;
  deadlines.emplace(at.ms, session.id);
}

void Core::expire(base::Timestamp at) {
  while (!deadlines.empty() && deadlines.begin()->first <= at.ms) {
    const SessionId id = deadlines.begin()->second;
    deadlines.erase(deadlines.begin());
    Session* session = find(id);
    if (session == nullptr) continue;
    fail(*session,
         session->welcomed ? base::Error(base::Code::token_expired, "The access token has expired.")
                           : base::Error(base::Code::unauthenticated, "No hello arrived in time."),
         false);
  }
}

void Core::send(SessionId session, const protocol::ServerMessage& message) {
  auto frame = std::make_shared<const base::Bytes>(protocol::encode(message));
  if (Session* to = find(session)) count_unsent(*to, frame->size());
  outputs.emplace_back(SendFrame{{session}, {std::move(frame)}});
}

void Core::fail(Session& session, base::Error error, bool revoke) {
  send(session.id, protocol::Failure{error});
  outputs.emplace_back(CloseSession{session.id, std::move(error)});
  session.revoked = session.revoked || revoke;
  remove(session);
}

void Core::close(SessionId id) {
  if (Session* session = find(id)) remove(*session);
}

void Core::remove(Session& session) {
  for (auto& [query_id, subscription] : session.subscriptions)
    leave(session, query_id, subscription);
  session.subscriptions.clear();
  deadlines.erase({session.deadline.ms, session.id});
  if (session.touched) std::erase(touched, &session);
  session.gone = true;
  --statistics.sessions;
  statistics.unread_bytes -= session.unsent_bytes;
  if (session.behind) --statistics.sessions_behind;
  if (session.waiting_mutations == 0) sessions.erase(session.id);
}

void Core::sent(SessionId id, std::size_t bytes) {
  Session* session = find(id);
  if (session == nullptr) return;
  const std::size_t read = std::min(bytes, session->unsent_bytes);
  session->unsent_bytes -= read;
  statistics.unread_bytes -= read;
  if (!session->behind || session->unsent_bytes > options.session_backlog_bytes_max / 2) return;
  session->behind = false;
  --statistics.sessions_behind;
  touch(*session);
}

void Core::set_actor(const base::Id& user, const base::Id& login,
                     const std::optional<mutation::Actor>& actor) {
  std::vector<Session*> concerned;
  for (const auto& [id, session] : sessions) {
    const bool matches = session->welcomed && session->identity.actor.user == user &&
                         (login.is_nil() || session->identity.session == login);
    if (matches) concerned.push_back(session.get());
  }
  for (Session* session : concerned) {
    if (!actor) session->revoked = true;
    // What it pushed and nobody has judged yet is judged by the rights of then.
    if (session->gone && actor) session->identity.actor = *actor;
    if (session->gone) continue;
    if (actor) {
      change_actor(*session, *actor);
    } else {
      fail(*session, {base::Code::unauthenticated, "The session has ended. Sign in again."}, true);
    }
  }
}

void Core::change_actor(Session& session, const mutation::Actor& actor) {
  if (session.identity.actor == actor) return;
  session.identity.actor = actor;
  for (auto entry = session.subscriptions.begin(); entry != session.subscriptions.end();) {
    auto& [query_id, subscription] = *entry;
    leave(session, query_id, subscription);
    const base::Status joined = join(session, query_id, subscription);
    if (joined.ok()) {
      ++entry;
      continue;
    }
    send(session.id, protocol::QueryFailed{query_id, joined.error()});
    session.query_bytes -= subscription.query_bytes;
    entry = session.subscriptions.erase(entry);
  }
}

// ---- frames

void Core::receive(SessionId id, base::ByteView frame, base::Timestamp at) {
  now = at;
  Session* session = find(id);
  if (session == nullptr) return;
  base::Result<protocol::ClientMessage> message = protocol::decode_client_message(frame);
  if (!message.ok()) return fail(*session, message.error(), false);
  const bool is_hello = std::holds_alternative<protocol::Hello>(*message);
  if (is_hello == session->welcomed) {
    return fail(*session,
                is_hello
                    ? base::Error(base::Code::malformed, "Hello may be said once.")
                    : base::Error(base::Code::unauthenticated, "The first message must be hello."),
                false);
  }
  std::visit([&](auto& content) { handle(*session, content); }, *message);
}

void Core::handle(Session& session, protocol::Hello& hello) {
  if (hello.protocol < protocol::kProtocolVersionMin ||
      hello.protocol > protocol::kProtocolVersion || hello.schema_hash != domain.schema.hash()) {
    return fail(session,
                {base::Code::upgrade_required, "A newer version is available. Reload the page."},
                false);
  }
  base::Result<Identity> identity = authenticate(hello.access_token, now);
  if (!identity.ok()) return fail(session, identity.error(), false);
  if (identity->expires_at <= now) {
    return fail(session, {base::Code::token_expired, "The access token has expired."}, false);
  }
  if (hello.client.is_nil())
    return fail(session, {base::Code::malformed, "The client id is missing."}, false);
  session.identity = *identity;
  session.protocol = hello.protocol;
  session.client = hello.client;
  session.earlier_clients = std::move(hello.earlier_clients);
  session.cursor = hello.cursor;
  session.welcomed = true;
  set_deadline(session, session.identity.expires_at);
  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.cursor = {storage.epoch(), storage.version()};
  welcome.session = session.identity.session;
  welcome.user = session.identity.actor.user;
  welcome.role = static_cast<std::uint8_t>(session.identity.actor.role);
  welcome.now = now;
  send(session.id, welcome);
}

void Core::handle(Session& session, protocol::Reauthenticate& message) {
  base::Result<Identity> identity = authenticate(message.access_token, now);
  if (!identity.ok()) return fail(session, identity.error(), false);
  if (identity->expires_at <= now) {
    return fail(session, {base::Code::token_expired, "The access token has expired."}, false);
  }
  if (!(identity->actor.user == session.identity.actor.user)) {
    return fail(session, {base::Code::forbidden, "A connection belongs to one user."}, false);
  }
  const mutation::Actor actor = identity->actor;
  identity->actor = session.identity.actor;
  session.identity = *identity;
  set_deadline(session, session.identity.expires_at);
  change_actor(session, actor);
}

void Core::handle(Session& session, protocol::Subscribe& message) {
  // Its rows are not what ours are, by their signature.
  if (session.subscriptions.contains(message.query_id)) ++statistics.mismatches;
  protocol::Unsubscribe earlier{message.query_id};
  handle(session, earlier);
  const auto refuse = [&](base::Error error) {
    send(session.id, protocol::QueryFailed{message.query_id, std::move(error)});
  };
  if (session.subscriptions.size() >= protocol::kSubscriptionsPerSessionMax) {
    return refuse({base::Code::query_too_costly, "Too many live queries on one connection."});
  }
  base::Result<query::Query> checked = query::check(domain.schema, std::move(message.query));
  if (!checked.ok()) return refuse(checked.error());
  Subscription subscription;
  subscription.query = query::bind(std::move(*checked), session.identity.actor.user);
  subscription.query_bytes = query::key_bytes(subscription.query).size();
  if (session.query_bytes + subscription.query_bytes > kQueryBytesMax)
    return refuse({base::Code::query_too_costly,
                   "The live queries on one connection name more values than is allowed."});
  // What it holds counts only if it is a past of this very database.
  const bool known =
      session.cursor.epoch == storage.epoch() && session.cursor.version <= storage.version();
  if (known && session.held_rows + message.held.size() <= kHeldRowsMax)
    subscription.held = std::move(message.held);
  if (base::Status joined = join(session, message.query_id, subscription); !joined.ok())
    return refuse(joined.error());
  session.query_bytes += subscription.query_bytes;
  session.held_rows += subscription.held.size();
  session.subscriptions.emplace(message.query_id, std::move(subscription));
}

void Core::handle(Session& session, protocol::Unsubscribe& message) {
  const auto found = session.subscriptions.find(message.query_id);
  if (found == session.subscriptions.end()) return;
  leave(session, message.query_id, found->second);
  session.query_bytes -= found->second.query_bytes;
  session.subscriptions.erase(found);
}

void Core::handle(Session& session, protocol::Push& message) {
  if (message.mutations.size() > protocol::kMutationsPerFrameMax) {
    return fail(session, {base::Code::too_large, "Too many mutations in one frame."}, false);
  }
  const auto& earlier = session.earlier_clients;
  for (model::Mutation& mutation : message.mutations) {
    const base::Id& client = mutation.id.client;
    if (!(client == session.client) &&
        std::find(earlier.begin(), earlier.end(), client) == earlier.end()) {
      return fail(session,
                  {base::Code::forbidden, "A mutation of a client that hello did not name."},
                  false);
    }
    // Its verdicts wait until it reads; without an end, so would they.
    if (session.verdicts.size() + session.waiting_mutations >= kUnreadVerdictsMax) {
      return fail(session, {base::Code::unavailable, "It does not read what it is told."}, true);
    }
    works.emplace_back(PushWork{session.id, std::move(mutation)});
    ++session.waiting_mutations;
  }
}

void Core::handle(Session& session, protocol::Ping& message) {
  // Whoever does not read cannot wait for this. (It would be one more of what is not read.)
  if (session.behind) return;
  send(session.id, protocol::Pong{message.nonce, now});
  send_signatures(session);
}

// Frames keep their order: when this one arrives, the browser has applied all that was sent before, and nothing more.
void Core::send_signatures(Session& session) {
  if (session.protocol < protocol::kSignaturesSince || !session.segments.empty()) return;
  protocol::Signatures signatures;
  signatures.version = session.told;
  for (const auto& [query_id, subscription] : session.subscriptions) {
    const Group& group = *subscription.group;
    const bool is_told = subscription.shown && !session.wants_snapshot.contains(query_id) &&
                         group.hydrated && group.net.empty();
    if (is_told && !group.pipeline.query().aggregate)
      signatures.results.push_back({query_id, group.net.signature()});
  }
  if (!signatures.results.empty()) send(session.id, signatures);
}

}  // namespace syncline::authority
