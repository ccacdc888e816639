// Transactions: waiting mutations, judged and applied one after the other, made durable together (ARCHITECTURE rule 11).
#include <algorithm>
#include <utility>

#include "syncline/authority/impl.hpp"
#include "syncline/authority/other_writes.hpp"

namespace syncline::authority {

model::Verdict rejection(std::uint64_t sequence, model::Version version, base::Error error) {
  model::Verdict verdict;
  verdict.sequence = sequence;
  verdict.outcome = model::Outcome::rejected;
  verdict.version = version;
  verdict.error = std::move(error);
  return verdict;
}

void stamp(model::ChangeSet& changes, model::Version version) {
  for (model::Change& change : changes.changes) {
    if (change.after) change.after = model::with_version(change.after, version);
  }
}

namespace {

// Of what one poke may have to carry: a conflict tells whole texts.
constexpr std::size_t kVerdictBytesPerCommit = 4u << 20;

bool is_success(const model::Verdict& verdict) {
  return verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
}

model::Verdict conflict(std::uint64_t sequence, model::Version version,
                        std::vector<model::Conflict> conflicts) {
  model::Verdict verdict;
  verdict.sequence = sequence;
  verdict.outcome = model::Outcome::conflict;
  verdict.version = version;
  verdict.error = {base::Code::conflict, "Somebody else changed this in the meantime."};
  verdict.conflicts = std::move(conflicts);
  return verdict;
}

// A base that no commit here has reached was read from another history, such as before a backup came back: what its author
// saw is unknown, so everything that others ever wrote counts as unseen. Nothing: there is no such base.
std::optional<model::Mutation> with_known_bases(const model::Mutation& mutation,
                                                model::Version newest) {
  const auto is_unknown = [newest](const auto& base) {
    return base.collection != model::kNoCollection && base.version > newest;
  };
  if (std::none_of(mutation.bases.begin(), mutation.bases.end(), is_unknown)) return std::nullopt;
  model::Mutation known = mutation;
  for (model::BaseVersion& base : known.bases) {
    if (is_unknown(base)) base.version = 0;
  }
  return known;
}

base::Id record_of(const model::Mutation& mutation, const mutation::MutatorResult& result) {
  const model::Value& given = mutation.arguments.get(model::kIdField);
  if (given.kind() == model::Value::Kind::id && !given.id().is_nil()) return given.id();
  for (const auto& [name, value] : result) {
    if (name == "id" && value.kind() == model::Value::Kind::id) return value.id();
  }
  return {};
}

}  // namespace

void Core::run_batch() {
  Batch batch;
  base::Status status = storage.begin();
  if (!status.ok()) {
    // Nothing was taken from the queue yet: the first in it hears of it, so that somebody does.
    batch.done.push_back(std::move(works.front()));
    works.pop_front();
    return abandon(batch, status.error());
  }
  status = run_works(batch);
  const bool all_ran = status.ok();
  if (all_ran) status = storage.commit();
  if (status.ok()) return release(batch);
  storage.rollback();
  // What was judged before is judged again.
  for (const SessionId id : batch.refused) {
    Session* const session = find(id);
    if (session == nullptr) continue;
    session->revoked = false;
    session->ends_with.reset();
  }
  if (undone) {
    for (auto last = batch.committed.rbegin(); last != batch.committed.rend(); ++last)
      undone(*last->entry);
  }
  reset_groups();
  if (!all_ran) keep_innocent(batch);
  abandon(batch, status.error());
}

// The last one failed: those before it get another turn, so that one bad write is nobody else's failure.
void Core::keep_innocent(Batch& batch) {
  while (batch.done.size() > 1) {
    works.push_front(std::move(batch.done[batch.done.size() - 2]));
    batch.done.erase(batch.done.end() - 2);
  }
}

base::Status Core::run_works(Batch& batch) {
  while (!works.empty() && batch.done.size() < options.mutations_per_commit_max &&
         batch.verdict_bytes < kVerdictBytesPerCommit) {
    batch.done.push_back(std::move(works.front()));
    works.pop_front();
    Work& work = batch.done.back();
    if (const auto* pushed = std::get_if<PushWork>(&work)) {
      SYNC_TRY(run_push(*pushed, batch));
    } else {
      SYNC_TRY(run_submission(std::get<SubmitWork>(work), batch));
    }
  }
  for (const auto& [client, state] : batch.clients) SYNC_TRY(storage.put_client(client, state));
  return {};
}

base::Result<std::optional<ClientState>> Core::known_client(const base::Id& client,
                                                            const Batch& batch) {
  const auto found = batch.clients.find(client);
  if (found != batch.clients.end()) return std::optional(found->second);
  return storage.client(client);
}

base::Status Core::run_push(const PushWork& work, Batch& batch) {
  Session& session = *sessions.at(work.session);
  if (session.revoked) return {};
  const model::MutationId& id = work.mutation.id;
  SYNC_ASSIGN(const auto known, known_client(id.client, batch));
  if (known && !(known->user == session.identity.actor.user)) {
    refuse_rest(session, {base::Code::forbidden, "This client id belongs to another user."}, batch);
    return {};
  }
  const std::uint64_t last = known ? known->last_sequence : 0;
  if (id.sequence > 0 && id.sequence <= last) return replay(session, id, batch);
  // A client of an earlier start that the ledger has forgotten must not be judged anew or renumbered silently (SEMANTICS 8). One
  // that is too young to have been forgotten is none of this history: a backup came back, and what it did since is not there.
  const bool forgotten = !known && !(id.client == session.client) &&
                         base::time_of(id.client).ms < now.ms - kClientsKeptMs;
  if (forgotten || id.sequence != last + 1) {
    refuse_rest(
        session,
        forgotten ? base::Error(base::Code::client_expired,
                                "This waited for so long that nobody knows any more whether it "
                                "was done: look before you try again.")
                  : base::Error(base::Code::out_of_order, "A mutation is missing before this one."),
        batch);
    return {};
  }

  std::vector<base::Id> own = session.earlier_clients;
  own.push_back(session.client);
  const mutation::Actor actor = session.identity.actor;
  const auto corrected = with_known_bases(work.mutation, storage.version());
  SYNC_ASSIGN(const bool is_moot, rests_on_refused(work.mutation, own, actor.user, batch));
  Judged judged;
  if (is_moot) {
    ++statistics.mutations;
    judged.verdict =
        rejection(id.sequence, storage.version(),
                  {base::Code::rule_violation, "What this would take back was not accepted."});
  } else {
    SYNC_ASSIGN(judged, judge(corrected ? *corrected : work.mutation, actor, std::move(own)));
  }
  if (is_success(judged.verdict)) {
    SYNC_TRY(apply(actor, id, work.mutation.name, judged.changes, batch));
    judged.verdict.version = storage.version();
  } else {
    ++statistics.rejected;
  }
  batch.clients[id.client] = {id.sequence, actor.user, now};
  const base::Bytes encoded = protocol::encode_verdict(judged.verdict);
  SYNC_TRY(storage.put_verdict(id, encoded));
  batch.add({work.session, id.client, std::move(judged.verdict), encoded.size()});
  return {};
}

// Its author took another of his own for done, and has not heard yet that it was not. What is forgotten he has heard of.
base::Result<bool> Core::rests_on_refused(const model::Mutation& mutation,
                                          const std::vector<base::Id>& own, const base::Id& user,
                                          const Batch& batch) {
  const auto base = std::find_if(
      mutation.bases.begin(), mutation.bases.end(),
      [](const model::BaseVersion& each) { return each.collection == model::kNoCollection; });
  const bool is_own = base != mutation.bases.end() &&
                      (base->record == mutation.id.client ||
                       std::find(own.begin(), own.end(), base->record) != own.end());
  if (!is_own) return false;
  SYNC_ASSIGN(const auto client, known_client(base->record, batch));
  if (!client || !(client->user == user)) return false;  // he says that it was his
  SYNC_ASSIGN(const auto kept, storage.verdict({base->record, base->version}));
  if (!kept) return false;
  const auto verdict = protocol::decode_verdict(*kept);
  return verdict.ok() && !is_success(*verdict);
}

void Core::refuse_rest(Session& session, base::Error error, Batch& batch) {
  session.revoked = true;
  if (session.gone) return;
  batch.refused.push_back(session.id);
  session.ends_with = std::move(error);
  touch(session);
}

base::Status Core::replay(Session& session, const model::MutationId& id, Batch& batch) {
  SYNC_ASSIGN(const auto kept, storage.verdict(id));
  model::Verdict verdict;
  verdict.sequence = id.sequence;
  verdict.version = storage.version();
  if (kept) {
    // What cannot be decoded any more was written by another build: the effects are in the rows anyway.
    if (auto decoded = protocol::decode_verdict(*kept); decoded.ok())
      verdict = std::move(decoded).value();
  }
  batch.add({session.id, id.client, std::move(verdict), kept ? kept->size() : 0});
  return {};
}

base::Result<Core::Judged> Core::judge(const model::Mutation& mutation,
                                       const mutation::Actor& actor,
                                       std::vector<base::Id> own_clients) {
  ++statistics.mutations;
  RememberingReader reader(storage);
  own_clients.push_back(mutation.id.client);
  const mutation::OtherWrites others =
      other_writes(storage, std::move(own_clients), [&](const model::Record& image) {
        return domain.access.may(actor, image, mutation::Right::read);
      });
  SYNC_ASSIGN(const auto changed, mutation::merge_writes(domain, mutation, reader, others));
  const model::Mutation& merged = changed ? *changed : mutation;

  mutation::Context context;
  context.actor = actor;
  context.id = mutation.id;
  context.created_at = mutation.created_at;
  context.now = now;
  context.authoritative = true;
  mutation::RunOutcome outcome = mutation::run(domain, reader, merged, context);

  Judged judged;
  const std::uint64_t sequence = mutation.id.sequence;
  if (!outcome.status.ok()) {
    const base::Error& error = outcome.status.error();
    if (error.code == base::Code::storage_failed) return error;
    if (error.code == base::Code::not_found) {
      SYNC_ASSIGN(auto deletions, mutation::detect_deletions(domain, merged, others));
      if (!deletions.empty()) {
        ++statistics.conflicts;
        judged.verdict = conflict(sequence, storage.version(), std::move(deletions));
        return judged;
      }
    }
    judged.verdict = rejection(sequence, storage.version(), error);
    return judged;
  }
  SYNC_ASSIGN(auto report, mutation::detect_conflicts(domain, merged, outcome, others));
  if (!report.conflicts.empty()) {
    ++statistics.conflicts;
    judged.verdict = conflict(sequence, storage.version(), std::move(report.conflicts));
    return judged;
  }
  judged.verdict.sequence = sequence;
  judged.verdict.outcome = report.merged ? model::Outcome::merged : model::Outcome::applied;
  judged.record = record_of(mutation, outcome.result);
  judged.verdict.result = std::move(outcome.result);
  judged.changes = std::move(outcome.changes);
  return judged;
}

base::Status Core::apply(const mutation::Actor& actor, const model::MutationId& id,
                         const std::string& mutator, model::ChangeSet& changes, Batch& batch) {
  if (changes.changes.empty() && changes.events.empty()) return {};
  auto entry = std::make_shared<LogEntry>();
  entry->version = storage.version() + 1;
  stamp(changes, entry->version);
  for (const model::Change& change : changes.changes) {
    SYNC_TRY(storage.apply(change));
    SYNC_TRY(push(change));
  }
  entry->at = now;
  entry->user = actor.user;
  entry->mutation = id;
  entry->mutator = mutator;
  entry->changes = changes;
  SYNC_TRY(storage.append(*entry));
  batch.committed.push_back({entry});
  if (observer) observer(*entry);
  return {};
}

// ---- after the transaction

void Core::release(Batch& batch) {
  ++statistics.commits;
  for (Committed& committed : batch.committed) outputs.emplace_back(std::move(committed));
  for (Batch::SessionVerdict& verdict : batch.verdicts) {
    Session* session = find(verdict.session);
    if (session == nullptr) continue;
    session->verdicts.emplace_back(verdict.client, std::move(verdict.verdict));
    session->verdict_bytes += verdict.bytes;
    touch(*session);
    // The ledger says them again to whoever comes back to hear them.
    if (session->behind && session->verdict_bytes > options.session_verdict_bytes_max)
      fail(*session, {base::Code::unavailable, "It does not read what it is told."}, true);
  }
  for (Answer& answer : batch.answers) outputs.emplace_back(std::move(answer));
  for (const Work& work : batch.done) forget(work);
}

void Core::abandon(Batch& batch, const base::Error& error) {
  for (const Work& work : batch.done) {
    if (const auto* submitted = std::get_if<SubmitWork>(&work)) {
      Answer answer;
      answer.ticket = submitted->ticket;
      answer.outcome.verdict = rejection(1, storage.version(), error);
      outputs.emplace_back(std::move(answer));
    } else if (Session* session = find(std::get<PushWork>(work).session)) {
      // No verdict: nothing was decided. The browser connects again and sends everything that has none.
      fail(*session, error, true);
    }
  }
  for (const Work& work : batch.done) forget(work);
}

void Core::forget(const Work& work) {
  const auto* pushed = std::get_if<PushWork>(&work);
  if (pushed == nullptr) return;
  Session& session = *sessions.at(pushed->session);
  if (--session.waiting_mutations == 0 && session.gone) sessions.erase(session.id);
}

}  // namespace syncline::authority
