#include "tests/simulation/history_model.hpp"

#include <utility>

#include "tests/support/describe.hpp"

namespace syncline::simulation {

using base::Code;
using model::Value;

namespace {

constexpr std::size_t kDeedsMax = 100;

}  // namespace

bool HistoryModel::is_nothing(const Deed& deed) {
  bool nothing = deed.kind == Deed::Kind::step && deed.before && deed.after;
  for (const model::FieldId field : deed.fields)
    nothing = nothing && deed.before.get(field) == deed.after.get(field);
  return nothing;
}

void HistoryModel::did(Deed deed) {
  if (!done_.empty() && done_.back().id == deed.id) {  // he went on typing
    done_.back().after = deed.after;
    // What was not known when he began may be known now: then it can be taken back, whatever he saw at first.
    if (done_.back().kind == Deed::Kind::no_step && deed.kind == Deed::Kind::step)
      done_.back().kind = Deed::Kind::unclear;
    if (is_nothing(done_.back())) done_.pop_back();  // and ended where he began
    return;
  }
  undone_.clear();
  // He goes on with what could not be taken back: from where, is anybody's guess.
  if (deed.id == dropped_) deed.kind = Deed::Kind::unclear;
  if (is_nothing(deed)) return;
  if (done_.size() == kDeedsMax) done_.erase(done_.begin());
  done_.push_back(std::move(deed));
}

void HistoryModel::refused(const model::MutationId& id) {
  for (std::vector<Deed>* deeds : {&done_, &undone_})
    std::erase_if(*deeds, [&id](const Deed& deed) { return deed.id == id; });
}

const HistoryModel::Deed* HistoryModel::next(bool redo) const {
  const std::vector<Deed>& deeds = redo ? undone_ : done_;
  return deeds.empty() ? nullptr : &deeds.back();
}

bool HistoryModel::adds(model::CollectionId collection, model::FieldId field) const {
  return schema_.collection(collection).field(field).spec.policy == model::Policy::add;
}

bool HistoryModel::is_as_left(const Deed& deed, const model::Record& left,
                              const model::Record& seen) const {
  if (static_cast<bool>(left) != static_cast<bool>(seen)) return false;
  const bool updates = deed.before && deed.after;
  for (const model::FieldId field : deed.fields) {
    // What others add stays added, whatever becomes of one's own share.
    if (!left || (updates && adds(deed.collection, field))) continue;
    if (updates && deed.before.get(field) == deed.after.get(field)) continue;
    if (!(left.get(field) == seen.get(field))) return false;
  }
  return true;
}

void HistoryModel::took_back(bool redo, const model::Record& seen, const model::Record& after,
                             const client::MutateAnswer& answer) {
  std::vector<Deed>& deeds = redo ? undone_ : done_;
  const std::string what = redo ? "redo" : "undo";
  if (deeds.empty()) {
    if (answer.status.ok() || answer.status.error().code != Code::not_found)
      checker_.violated(what + " of what was never done");
    return;
  }
  Deed deed = std::move(deeds.back());
  deeds.pop_back();
  if (answer.status.ok() && deed.kind == Deed::Kind::no_step)
    return checker_.violated(what + " of what is no change of one record");
  if (deed.kind != Deed::Kind::step) {
    if (!answer.status.ok()) dropped_ = deed.id;
    deed.kind = Deed::Kind::unclear;
    deed.id = answer.id;
    if (answer.status.ok()) (redo ? done_ : undone_).push_back(std::move(deed));
    return;
  }
  const model::Record& from = redo ? deed.before : deed.after;
  const model::Record& to = redo ? deed.after : deed.before;
  const bool as_left = is_as_left(deed, from, seen);
  if (!answer.status.ok()) {
    dropped_ = deed.id;
    const Code code = answer.status.error().code;
    if (code == Code::rule_violation && !seen) deeds.push_back(std::move(deed));  // later, perhaps
    // A record that is here may be none of his any more: that is another thing not to find.
    if (answer.status.error().message == "There is nothing to " + what + ".")
      checker_.violated(what + ": there is something to do");
    if (code == Code::conflict && as_left)
      checker_.violated(what + " refused, though all is as it was left: " + tests::describe(seen));
    return;
  }
  // A record that is not held any more is for the server to compare.
  if (!as_left && seen)
    checker_.violated(what + " over what somebody else wrote: " + tests::describe(seen));
  if (answer.certain && seen) check_effect(deed, from, to, after);
  deed.id = answer.id;
  checker_.takes_back({deed.id, deed.collection, deed.record, deed.fields, from, to});
  (redo ? done_ : undone_).push_back(std::move(deed));
}

void HistoryModel::check_effect(const Deed& deed, const model::Record& from,
                                const model::Record& to, const model::Record& after) {
  if (static_cast<bool>(to) != static_cast<bool>(after))
    return checker_.violated(to ? "undo did not bring a record back" : "undo left a new record");
  if (!to) return;
  for (const model::FieldId field : deed.fields) {
    if (from && (adds(deed.collection, field) || from.get(field) == to.get(field))) continue;
    if (!(after.get(field) == to.get(field)))
      checker_.violated("after undo it is " + tests::describe(after) + ", not " +
                        tests::describe(to));
  }
}

}  // namespace syncline::simulation
