// What the user does: mutations, made at once and sent when they are stored, and their taking back.
#include <algorithm>
#include <utility>

#include "syncline/client/impl.hpp"
#include "syncline/protocol/codec.hpp"

namespace syncline::client {

namespace {

// Of another build's schema, which a browser may have run a moment ago, neither storage nor the wire has names here.
bool is_of_this_schema(const mutation::Domain& domain, const model::Mutation& mutation) {
  const mutation::MutatorSpec* spec = domain.registry.find(mutation.name);
  if (spec == nullptr) return false;
  const model::Collection* collection = domain.schema.find(spec->collection);
  const auto is_argument = [&](model::FieldId field) {
    if (field == model::kIdField) return true;
    if (spec->generic != mutation::MutatorSpec::Generic::none)
      return collection != nullptr && collection->find(field) != nullptr;
    return std::any_of(spec->arguments.begin(), spec->arguments.end(),
                       [field](const model::FieldSpec& each) { return each.id == field; });
  };
  const auto& writes = mutation.arguments.writes();
  const auto& bases = mutation.bases;
  return std::all_of(writes.begin(), writes.end(),
                     [&](const model::FieldWrite& write) { return is_argument(write.field); }) &&
         std::all_of(bases.begin(), bases.end(), [&](const model::BaseVersion& base) {
           const model::Collection* of = domain.schema.find(base.collection);
           if (base.collection == model::kNoCollection) return true;
           return of != nullptr &&
                  (base.field == model::kNoField || of->find(base.field) != nullptr);
         });
}

}  // namespace

// `taken`: the step that it reverses; without one it is a new step, and may fold into the one before.
// `accepted`: by an earlier core.
MutateAnswer ClientCore::Impl::make(model::Mutation mutation, Timestamp now, bool accepted,
                                    History::Step* taken, bool redo, bool is_step) {
  MutateAnswer answer;
  const mutation::MutatorSpec* spec = domain.registry.find(mutation.name);
  if (spec != nullptr && spec->online_only && !accepted && !connection.is_live()) {
    answer.status =
        base::Error(base::Code::unavailable, "This can be done only while the server answers.");
    return answer;
  }
  auto& entries = log.entries();
  mutation.id = {options.client, last_sequence + 1};
  mutation.created_at = now + clock_ahead_ms;
  const auto target = taken == nullptr && !accepted ? rapid.target(mutation, now) : std::nullopt;
  const bool folds = target && !entries.empty() && entries.back().mutation.id == *target &&
                     !entries.back().gone_out;
  if (folds) mutation.id = *target;
  mutation::RunOutcome outcome = folds ? log.fold(mutation) : log.try_run(mutation);
  answer.certain = outcome.status.ok();
  const bool may_refuse = !accepted || !is_of_this_schema(domain, mutation);
  if (may_refuse && PendingLog::is_refused(outcome.status)) {
    answer.status = outcome.status;
    return answer;
  }
  answer.id = mutation.id;
  answer.result = outcome.result;
  effects.push_back(StoreMutation{mutation.id, protocol::encode_mutation(mutation)});
  if (!folds) {
    ++last_sequence;
    rapid.made(mutation, now);
    if (taken != nullptr || !is_step) rapid.forget();
    log.add(std::move(mutation), std::move(outcome), false);
  }
  if (taken == nullptr && is_step) {
    history.made(entries.back(), replica);
  } else if (taken != nullptr) {
    taken->id = answer.id;
    history.put_back(std::move(*taken), redo);
  }
  finish_step();
  return answer;
}

MutateAnswer ClientCore::mutate(std::string name, model::Arguments arguments,
                                std::vector<model::BaseVersion> bases, Timestamp now, bool accepted,
                                bool is_undo) {
  model::Mutation mutation;
  mutation.name = std::move(name);
  mutation.arguments = std::move(arguments);
  mutation.bases = std::move(bases);
  impl_->log.claim_no_more_than_seen(mutation);
  return impl_->make(std::move(mutation), now, accepted, nullptr, false, !is_undo);
}

base::Result<DraftId> ClientCore::edit(model::CollectionId collection, const base::Id& record) {
  base::Result<DraftId> draft = impl_->drafts.open({collection, record});
  impl_->report_changes();
  return draft;
}

base::Status ClientCore::change_draft(DraftAction action, DraftId draft, model::FieldId field,
                                      const model::Value& value, model::Version version) {
  Drafts& drafts = impl_->drafts;
  base::Status status;
  switch (action) {
    case DraftAction::set: status = drafts.set(draft, field, value); break;
    case DraftAction::keep_mine: status = drafts.keep_mine(draft, field, value, version); break;
    case DraftAction::take_theirs: status = drafts.take_theirs(draft, field); break;
    case DraftAction::close: drafts.close(draft); break;
    case DraftAction::begin: status = drafts.begin(draft, field, value, version); break;
  }
  impl_->report_changes();
  return status;
}

MutateAnswer ClientCore::commit(DraftId draft, Timestamp now, bool accepted) {
  MutateAnswer answer;
  base::Result<model::Mutation> update = impl_->drafts.update(draft, accepted);
  if (!update.ok()) {
    answer.status = update.error();
    return answer;
  }
  std::vector<Word> words = impl_->drafts.known_words(draft);
  answer = impl_->make(std::move(*update), now, accepted);
  if (answer.status.ok()) {
    impl_->log.note_known(std::move(words));
    impl_->drafts.committed(draft);
  }
  impl_->report_changes();
  return answer;
}

// The application's name of it may be another than the server's.
model::BaseVersion ClientCore::Impl::as_done(const MutationId& known) const {
  MutationId id = known;
  for (const auto& [now, before] : known_as) {
    if (before == known) id = now;
  }
  return {model::kNoCollection, id.client, model::kNoField, id.sequence};
}

MutateAnswer ClientCore::undo(bool redo, Timestamp now) {
  MutateAnswer answer;
  base::Result<History::Step> step = impl_->history.take(redo);
  if (step.ok()) {
    base::Result<model::Mutation> reverse =
        impl_->history.reverse(*step, redo, impl_->replica, impl_->log);
    if (reverse.ok()) {
      if (step->version == 0) reverse->bases.push_back(impl_->as_done(step->id));
      answer = impl_->make(std::move(*reverse), now, false, &*step, redo);
      if (answer.status.ok()) answer.made = impl_->log.entries().back().mutation;
      if (!answer.status.ok() && answer.status.error().code == base::Code::unavailable)
        impl_->history.keep(std::move(*step), redo);
    } else {
      answer.status = reverse.error();
      if (reverse.error().code == base::Code::rule_violation)
        impl_->history.keep(std::move(*step), redo);
    }
  } else {
    answer.status = step.error();
  }
  impl_->report_changes();
  return answer;
}

}  // namespace syncline::client
