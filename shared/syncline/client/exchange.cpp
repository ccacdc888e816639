// What the core and the server say to each other, frame by frame, and what a step of it does to rows and queries.
#include <algorithm>
#include <utility>

#include "syncline/client/impl.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/version.hpp"

namespace syncline::client {

namespace {

// An application that starts again asks for its queries soon, or not at all.
constexpr std::int64_t kUnreadForMs = 10'000;

}  // namespace

void ClientCore::Impl::send(const protocol::ClientMessage& message) {
  effects.push_back(SendFrame{protocol::encode(message)});
}

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

// Every stored mutation that this connection has not carried yet, in order, as far as the server may be left behind with its
// verdicts. One frame holds mutations of one client.
void ClientCore::Impl::send_mutations(Timestamp now) {
  send_again_at.reset();
  if (!connection.is_live()) return;
  protocol::Push push;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (!push.mutations.empty()) send(push);
    push.mutations.clear();
    bytes = 0;
  };
  std::size_t unjudged = 0;
  for (Pending& pending : log.entries()) {
    if (pending.settled) continue;
    if (++unjudged > protocol::kMutationsUnjudgedMax) break;
    if (pending.sent) continue;
    if (pending.unstored > 0) break;
    const auto held_until = rapid.held_until(pending.mutation.id);
    if (held_until && now < *held_until) {
      send_again_at = held_until;
      break;
    }
    const std::size_t size = protocol::encode_mutation(pending.mutation).size();
    const bool other_client =
        !push.mutations.empty() && !(push.mutations.back().id.client == pending.mutation.id.client);
    const bool full = push.mutations.size() == protocol::kMutationsPerFrameMax ||
                      bytes + size > protocol::kClientFrameBytesMax / 2;
    if (other_client || full) flush();
    push.mutations.push_back(pending.mutation);
    bytes += size;
    pending.sent = pending.gone_out = true;
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
  if (other_history) {
    queries.drop_rows();
    // Nor may what waits hold any: newer ones by their number, they would keep out what is there now.
    replica.collect({});
  }
  if (other_history || cursor.epoch.is_nil()) cursor = {welcome.cursor.epoch, 0};
  connection_version = 0;
  finish_step();
  for (const WireId entry : queries.entries()) send(queries.subscription(entry));
  send_mutations(now);
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
  if (!poke.verdicts.empty()) send_mutations(now);
}

void ClientCore::Impl::judge(const base::Id& client, const model::Verdict& verdict) {
  const bool applied =
      verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
  const MutationId id{client, verdict.sequence};
  log.note_verdict(id, verdict);
  const std::optional<model::Mutation> mutation =
      log.settle(id, applied && queries.awaits_answers());
  if (!mutation) return;
  const auto known = known_as.find(id);
  const MutationId known_id = known == known_as.end() ? id : known->second;
  history.settled(known_id, verdict);
  const mutation::MutatorSpec* spec = domain.registry.find(mutation->name);
  if (applied && spec != nullptr && spec->generic != mutation::MutatorSpec::Generic::none)
    drafts.applied(mutation->arguments, verdict.version);
  effects.push_back(ForgetMutation{id});
  effects.push_back(Settled{known_id, mutation->name, verdict});
  if (known != known_as.end()) known_as.erase(known);
}

void ClientCore::Impl::on_message(const protocol::QueryFailed& failed, Timestamp) {
  queries.fail(failed.query_id, failed.error);
  finish_step();
}

void ClientCore::Impl::on_message(const protocol::Pong& pong, Timestamp now) {
  clock_ahead_ms = pong.now - now;
}

void ClientCore::Impl::on_message(const protocol::Signatures& signatures, Timestamp) {
  // A later version than ours: the poke itself was lost.
  if (!connection.is_live() || signatures.version < connection_version) return;
  for (const protocol::Signatures::Result& result : signatures.results) {
    if (!queries.is_amiss(result.query_id, result.rows)) continue;
    ++mismatches;
    send(queries.subscription(result.query_id));
  }
}

void ClientCore::Impl::on_message(const protocol::Failure& failure, Timestamp now) {
  const base::Code code = failure.error.code;
  const bool expired = code == base::Code::client_expired;
  if (!(expired && refuse_expired(failure.error)) && (expired || code == base::Code::out_of_order))
    submit_anew(now);
  connection.refused(failure.error, now);
  lost_connection();
}

// What an earlier start left may have been applied or not: the ledger does not know any more, so its author is to say whether it
// is done anew (SEMANTICS 8). The server means the first that it has not judged; what others left it may well know. False: there
// is none of it.
bool ClientCore::Impl::refuse_expired(const base::Error& error) {
  std::vector<MutationId> expired;
  for (const Pending& pending : log.entries()) {
    const MutationId& id = pending.mutation.id;
    if (pending.settled || id.client == options.client) continue;
    if (expired.empty() || expired.front().client == id.client) expired.push_back(id);
  }
  for (const MutationId& id : expired) {
    model::Verdict verdict;
    verdict.sequence = id.sequence;
    verdict.outcome = model::Outcome::rejected;
    verdict.version = cursor.version;
    verdict.error = error;
    judge(id.client, verdict);
  }
  if (!expired.empty()) finish_step();
  return !expired.empty();
}

// The server cannot place our numbers: its ledger forgot the client, or its database is another one. What is pending goes on
// under a new client id; nothing of it is lost. The application keeps the names it knows.
void ClientCore::Impl::submit_anew(Timestamp now) {
  earlier_clients.push_back(options.client);
  options.client = base::make_id_v7(now + clock_ahead_ms, random.next(), random.next());
  last_sequence = 0;
  rapid.forget();
  decltype(known_as) renamed;
  for (Pending& pending : log.entries()) {
    if (pending.settled) continue;
    const MutationId old = pending.mutation.id;
    for (model::BaseVersion& base : pending.mutation.bases) {
      if (base.collection != model::kNoCollection) continue;
      const auto found = renamed.find({base.record, base.version});
      if (found == renamed.end()) continue;
      base.record = found->second.client;
      base.version = found->second.sequence;
    }
    const MutationId known = known_as.contains(old) ? known_as[old] : old;
    known_as.erase(old);
    pending.mutation.id = {options.client, ++last_sequence};
    renamed[old] = pending.mutation.id;
    pending.unstored = 1;
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
  drafts.look();
  report_changes();
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

void ClientCore::Impl::report_changes() {
  while (auto news = drafts.poll())
    effects.push_back(DraftChanged{news->first, std::move(news->second)});
  if (log.size() != pending_told.count) {
    pending_told.count = log.size();
    effects.push_back(pending_told);
  }
  if (history.undoable() == history_told.undoable && history.redoable() == history_told.redoable)
    return;
  history_told = {history.undoable(), history.redoable()};
  effects.push_back(history_told);
}

}  // namespace syncline::client
