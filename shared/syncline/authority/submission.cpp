// Submissions: writes from REST, CLI and import. Several mutations of one submission succeed or fail together, as one version
// and one log entry (SEMANTICS 13).
#include <algorithm>
#include <string>
#include <utility>

#include "syncline/authority/impl.hpp"

namespace syncline::authority {

namespace {

constexpr std::int64_t kAnswersKeptMs =
    std::int64_t{24} * 3'600 * 1'000;  // API.md: idempotency keys live 24 h

bool is_success(const model::Verdict& verdict) {
  return verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
}

// Adds what a later mutation did, so that every row appears once, from its first state to its last.
void merge_into(model::ChangeSet& all, model::ChangeSet more) {
  for (model::Change& change : more.changes) {
    const auto same = std::find_if(all.changes.begin(), all.changes.end(),
                                   [&change](const model::Change& earlier) {
                                     return earlier.collection().id() == change.collection().id() &&
                                            earlier.id() == change.id();
                                   });
    if (same == all.changes.end()) {
      all.changes.push_back(std::move(change));
      continue;
    }
    same->after = std::move(change.after);
    if (!same->before && !same->after) {
      all.changes.erase(same);  // came and went
      continue;
    }
    same->kind = !same->before  ? model::ChangeKind::insert
                 : !same->after ? model::ChangeKind::remove
                                : model::ChangeKind::update;
  }
  all.events.insert(all.events.end(), std::make_move_iterator(more.events.begin()),
                    std::make_move_iterator(more.events.end()));
}

// A base that no commit has reached was not read here: checking against it would find nothing and overwrite.
base::Status check_bases(const model::Mutation& mutation, model::Version newest) {
  for (const model::BaseVersion& base : mutation.bases) {
    if (base.version <= newest) continue;
    return base::Error{
        base::Code::malformed,
        "There is no version " + std::to_string(base.version) + " yet. Read the record again.",
        "version"};
  }
  return {};
}

}  // namespace

base::Result<std::optional<Answer>> Core::kept_answer(const SubmitWork& work) {
  const Submission& submission = work.submission;
  if (submission.idempotency_key.empty()) return std::optional<Answer>();
  SYNC_ASSIGN(auto kept, storage.kept_answer(submission.actor.user, submission.idempotency_key));
  if (!kept || kept->at + kAnswersKeptMs < now) return std::optional<Answer>();
  Answer answer;
  answer.ticket = work.ticket;
  answer.outcome.actor = submission.actor;
  if (kept->body_hash != submission.body_hash) {
    answer.outcome.verdict = rejection(
        1, storage.version(),
        {base::Code::idempotency_mismatch, "This idempotency key was used with another body."});
    return std::optional(std::move(answer));
  }
  answer.outcome.verdict.sequence = 1;
  answer.outcome.verdict.version = storage.version();
  answer.rendered = std::move(kept->answer);
  answer.replayed = true;
  return std::optional(std::move(answer));
}

base::Status Core::run_submission(SubmitWork& work, Batch& batch) {
  Submission& submission = work.submission;
  if (submission.identify) {
    auto actor = submission.identify();
    if (!actor.ok()) {
      Answer answer;
      answer.ticket = work.ticket;
      answer.outcome.verdict = rejection(1, storage.version(), actor.error());
      batch.answers.push_back(std::move(answer));
      ++statistics.rejected;
      return {};
    }
    submission.actor = *actor;
  }
  SYNC_ASSIGN(auto kept, kept_answer(work));
  if (kept) {
    batch.answers.push_back(std::move(*kept));
    return {};
  }
  Answer answer;
  answer.ticket = work.ticket;
  SubmissionOutcome& outcome = answer.outcome;
  outcome.actor = submission.actor;
  const std::uint64_t entropy = random.next();
  const base::Id client =
      base::make_id_v7(now, entropy, random.next());  // every request is a client of its own
  SYNC_TRY(run_all(submission, client, outcome));
  if (is_success(outcome.verdict)) {
    const bool one = submission.mutations.size() == 1;
    SYNC_TRY(apply(submission.actor, {client, 1}, one ? submission.mutations.front().name : "batch",
                   outcome.changes, batch));
    outcome.verdict.version = storage.version();
  } else {
    ++statistics.rejected;
  }
  if (submission.render) answer.rendered = submission.render(outcome);
  if (is_success(outcome.verdict) && !submission.idempotency_key.empty()) {
    SYNC_TRY(storage.keep_answer(submission.actor.user, submission.idempotency_key,
                                 {submission.body_hash, answer.rendered, now}));
  }
  batch.answers.push_back(std::move(answer));
  return {};
}

// Leaves the storage as it was: rows are written for the next mutation to see, and taken back. Only then is it known that
// all succeed, and live queries may be told.
base::Status Core::run_all(const Submission& submission, const base::Id& client,
                           SubmissionOutcome& outcome) {
  outcome.verdict =
      rejection(1, storage.version(), {base::Code::malformed, "There is nothing to do."});
  const bool several = submission.mutations.size() > 1;
  const model::Version version = storage.version() + 1;
  bool merged = false;
  if (several) SYNC_TRY(storage.savepoint());
  for (std::size_t i = 0; i < submission.mutations.size(); ++i) {
    model::Mutation mutation = submission.mutations[i];
    if (const auto known = check_bases(mutation, version - 1); !known.ok()) {
      outcome = {};
      outcome.actor = submission.actor;
      outcome.verdict = rejection(1, version - 1, known.error());
      break;
    }
    mutation.id = {client, i + 1};
    mutation.created_at = now;
    SYNC_ASSIGN(Judged judged, judge(mutation, submission.actor, {}));
    outcome.verdict = std::move(judged.verdict);
    if (!is_success(outcome.verdict)) {
      outcome.changes = {};
      outcome.results.clear();
      outcome.records.clear();
      break;
    }
    merged = merged || outcome.verdict.outcome == model::Outcome::merged;
    outcome.results.push_back(outcome.verdict.result);
    outcome.records.push_back(judged.record);
    if (several) {
      stamp(judged.changes, version);
      for (const model::Change& change : judged.changes.changes) SYNC_TRY(storage.apply(change));
    }
    merge_into(outcome.changes, std::move(judged.changes));
  }
  if (is_success(outcome.verdict) && merged) outcome.verdict.outcome = model::Outcome::merged;
  if (several) storage.rollback_to_savepoint();
  return {};
}

}  // namespace syncline::authority
