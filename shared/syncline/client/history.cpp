#include "syncline/client/history.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "syncline/model/decimal.hpp"

namespace syncline::client {

using Generic = mutation::MutatorSpec::Generic;

namespace {

constexpr std::size_t kStepsMax = 100;

// Where all may add, a step is its own share only, whatever others have added since.
std::optional<model::FieldWrite> added(const model::Field& field, const model::Value& from,
                                       const model::Value& to) {
  if (field.spec.policy != model::Policy::add || from.kind() != to.kind()) return std::nullopt;
  model::FieldWrite write{field.spec.id, model::WriteKind::increment, {}};
  if (from.kind() == model::Value::Kind::integer) {
    write.value = to.integer() - from.integer();
  } else if (from.kind() == model::Value::Kind::decimal) {
    auto share = model::subtract(to.decimal(), from.decimal());
    if (!share.ok()) return std::nullopt;
    write.value = *share;
  } else {
    return std::nullopt;
  }
  return write;
}

// More of the same edit: false where that makes it another step. Nothing may come of it and yet be more, where somebody else has
// written the same.
bool go_on(History::Step& step, const Pending& pending, Replica& replica) {
  if (!step.is_known() || (pending.changes.empty() && !pending.certain)) return false;
  const auto now = replica.get(step.before.collection().id(), step.before.id());
  if (!now.ok() || !now->record) return false;
  step.after = now->record;
  return true;
}

}  // namespace

bool History::Step::is_nothing() const {
  return before && after && std::all_of(fields.begin(), fields.end(), [this](model::FieldId field) {
           return before.get(field) == after.get(field);
         });
}

void History::made(const Pending& pending, Replica& replica) {
  const std::vector<model::Change>& changes = pending.changes;
  const bool folded = !done_.empty() && done_.back().id == pending.mutation.id;
  if (folded && go_on(done_.back(), pending, replica)) return;
  // What was not known when the edit began may be now: then the step is made anew.
  if (folded || ends_in_nothing()) done_.pop_back();
  undone_.clear();
  if (changes.empty() && pending.certain) return;
  Step step;
  step.id = pending.mutation.id;
  const mutation::MutatorSpec* spec = domain_.registry.find(pending.mutation.name);
  if (spec->generic != Generic::none && pending.certain && changes.size() == 1) {
    step.before = changes.front().before;
    step.after = changes.front().after;
    for (const model::Field& field : changes.front().collection().fields()) {
      const model::FieldId id = field.spec.id;
      if (id < model::kFirstOwnField || field.spec.read_only) continue;
      if (spec->generic != Generic::update || pending.mutation.arguments.has(id))
        step.fields.push_back(id);
    }
  }
  if (done_.size() == kStepsMax) done_.erase(done_.begin());
  done_.push_back(std::move(step));
}

void History::settled(const model::MutationId& id, const model::Verdict& verdict) {
  const bool applied =
      verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
  for (std::vector<Step>* steps : {&done_, &undone_}) {
    for (std::size_t at = steps->size(); at-- > 0;) {
      Step& step = (*steps)[at];
      if (!(step.id == id)) continue;
      step.version = verdict.version;
      if (!applied) steps->erase(steps->begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

base::Result<History::Step> History::take(bool redo) {
  if (ends_in_nothing()) done_.pop_back();
  std::vector<Step>& steps = redo ? undone_ : done_;
  if (steps.empty()) {
    return base::Error{base::Code::not_found,
                       redo ? "There is nothing to redo." : "There is nothing to undo."};
  }
  Step step = std::move(steps.back());
  steps.pop_back();
  if (!step.is_known()) return base::Error{base::Code::rule_violation, "This cannot be undone."};
  return step;
}

base::Result<model::Mutation> History::reverse(const Step& step, bool redo, Replica& replica,
                                               const PendingLog& log) const {
  const model::Record& from = redo ? step.before : step.after;
  const model::Record& to = redo ? step.after : step.before;
  const model::Record& any = from ? from : to;
  const model::CollectionId collection = any.collection().id();
  SYNC_ASSIGN(const mutation::Lookup now, replica.get(collection, any.id()));
  // A row that is no longer held is for the server to compare.
  const bool known = now.state != mutation::Lookup::State::unknown;
  const bool there = static_cast<bool>(from);
  if (known && static_cast<bool>(now.record) != there) {
    return base::Error{base::Code::conflict, there ? "Somebody else has deleted this since."
                                                   : "Somebody else has restored this since."};
  }
  model::Mutation mutation;
  const Generic generic = !from ? Generic::insert : !to ? Generic::remove : Generic::update;
  mutation.name = domain_.registry.find_generic(collection, generic)->name;
  model::Patch writes{{model::kIdField, model::WriteKind::assign, any.id()}};
  for (const model::FieldId field : step.fields) {
    const model::Value value = to ? to.get(field) : model::Value();
    if (from) {
      const model::Value left = from.get(field);
      if (to && value == left) continue;
      if (auto share = to ? added(*any.collection().find(field), left, value) : std::nullopt) {
        writes.push_back(std::move(*share));
        continue;
      }
      if (known && !(now.record.get(field) == left)) {
        return base::Error{base::Code::conflict, "Somebody else has changed this since.",
                           std::string(any.collection().field(field).spec.name)};
      }
    }
    if (to && (from || !value.is_null()))
      writes.push_back({field, model::WriteKind::assign, value});
  }
  mutation.arguments = model::Arguments(std::move(writes));
  if (from) {
    const RowKey key{collection, any.id()};
    std::optional<model::Version> version;
    if (known) {
      version = replica.known_version(key, now.record.version());
    } else if (step.version != 0) {
      version = step.version;
    }
    // Under what waits somebody else's word may lie.
    version = log.seen(key, version);
    if (!version) {
      return base::Error{base::Code::rule_violation,
                         "The record is not here, and the server has not answered yet."};
    }
    mutation.bases.push_back({collection, any.id(), model::kNoField, *version});
  }
  return mutation;
}

void History::keep(Step step, bool redo) { (redo ? undone_ : done_).push_back(std::move(step)); }

void History::put_back(Step step, bool redo) {
  step.version = 0;
  (redo ? done_ : undone_).push_back(std::move(step));
}

}  // namespace syncline::client
