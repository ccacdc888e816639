#include "domain/crm/deals.hpp"

#include <algorithm>

#include "domain/crm/deal_stages.hpp"
#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

// The first open column of the board.
Result<Id> default_stage(Transaction& tx) {
  query::Query open;
  open.collection = kDealStagesId;
  open.where = query::compare(DealStage::kind, query::Op::eq, DealStage::kOpen);
  open.order.push_back({DealStage::position, false});
  open.limit = 1;
  // The stages at hand are nearly always all stages: guess, and the server decides.
  SYNC_ASSIGN(std::vector<Record> stages, tx.find(open, true));
  if (stages.empty()) {
    SYNC_ASSIGN(stages, tx.find(open));
  }
  if (stages.empty()) {
    return base::Error{base::Code::rule_violation, "There is no open deal stage.", "stageId"};
  }
  return stages.front().id();
}

Result<Record> stage_of(Transaction& tx, const Value& stage_id) {
  Result<Record> stage = tx.get(kDealStagesId, stage_id.id());
  if (stage.ok() || stage.error().code != base::Code::not_found) return stage;
  return base::Error{base::Code::bad_reference, "The record it refers to does not exist.",
                     "stageId"};
}

bool is_open(const Record& stage) { return stage.integer(DealStage::kind) == DealStage::kOpen; }

Status fill_stage(Transaction& tx, const Record& before, RecordBuilder& after) {
  if (!after.get(Deal::stage_id).is_null()) return {};
  if (before) return base::Error{base::Code::required, "A deal is always in a stage.", "stageId"};
  SYNC_ASSIGN(const Id stage, default_stage(tx));
  after.set(Deal::stage_id, stage);
  return {};
}

// The probability follows the stage as long as nobody has set another one; won and lost are certain.
void follow_stage(const Record& before, const Record& old_stage, const Record& stage,
                  RecordBuilder& after) {
  if (is_changed(before, after, Deal::probability)) return;
  const Value given = before.get(Deal::probability);
  const bool by_stage = given.is_null() || given == old_stage.get(DealStage::probability);
  if (by_stage || !is_open(stage)) after.set(Deal::probability, stage.get(DealStage::probability));
}

Status change_stage(Transaction& tx, const Record& before, const Record& stage,
                    RecordBuilder& after) {
  SYNC_ASSIGN(const Record old_stage, stage_of(tx, before.get(Deal::stage_id)));
  if (!is_open(old_stage) && !is_open(stage)) {
    return base::Error{base::Code::illegal_transition,
                       "Reopen the deal first: move it to an open stage.", "stageId"};
  }
  follow_stage(before, old_stage, stage, after);
  tx.emit(kDealsId, before.id(), "deal_stage_changed", "stage_changed");
  return {};
}

// What people do, they do today. What the system writes happened elsewhere: a day it does not know stays unknown.
void date_deal(Transaction& tx, const Record& before, const Record& stage, RecordBuilder& after) {
  const bool is_today = tx.actor().role != mutation::Role::system;
  const base::Date today = base::date_of(tx.now());
  if (!before && is_today && after.get(Deal::opened_on).is_null()) {
    after.set(Deal::opened_on, today);
  }
  if (is_open(stage)) {
    after.set(Deal::closed_on, {});
  } else if (is_today && after.get(Deal::closed_on).is_null()) {
    after.set(Deal::closed_on, today);
  }
}

Status before_deal(Transaction& tx, const Record& before, RecordBuilder& after) {
  SYNC_TRY(fill_stage(tx, before, after));
  SYNC_TRY(append_at_end<Deal::position>(tx, before, after));
  const bool moved = is_changed(before, after, Deal::stage_id);
  const bool stage_matters = !before || moved || is_changed(before, after, Deal::closed_on);
  if (!stage_matters) return {};
  SYNC_ASSIGN(const Record stage, stage_of(tx, after.get(Deal::stage_id)));
  if (moved) SYNC_TRY(change_stage(tx, before, stage, after));
  if (!before && after.get(Deal::probability).is_null()) {
    after.set(Deal::probability, stage.get(DealStage::probability));
  }
  date_deal(tx, before, stage, after);
  return {};
}

// Least distance of two neighbours after room was made between them.
constexpr std::int64_t kPositionGap = 1'000;

// The deals of a stage from a position on, without the one that moves.
Result<std::vector<Record>> deals_from(Transaction& tx, const Id& stage, std::int64_t position,
                                       const Id& moving, std::uint32_t limit) {
  query::Query query;
  query.collection = kDealsId;
  query.where =
      query::all_of({query::compare(Deal::stage_id, query::Op::eq, stage),
                     query::compare(Deal::position, query::Op::gte, position),
                     query::negate(query::compare(model::kIdField, query::Op::eq, moving))});
  query.order.push_back({Deal::position, false});
  query.limit = limit;
  return tx.find(query, true);
}

// Where two neighbours have no number between them left, the later ones move up until all are apart again.
Status make_room(Transaction& tx, const Id& stage, std::int64_t position, const Id& moving) {
  std::vector<std::pair<Id, std::int64_t>> moves;
  for (std::uint32_t limit = 64;; limit *= 2) {
    SYNC_ASSIGN(const std::vector<Record> rows, deals_from(tx, stage, position, moving, limit));
    moves.clear();
    std::int64_t taken = position;
    const auto clear = std::find_if(rows.begin(), rows.end(), [&](const Record& row) {
      if (row.integer(Deal::position) > taken) return true;
      taken += kPositionGap;
      moves.emplace_back(row.id(), taken);
      return false;
    });
    if (clear != rows.end() || rows.size() < limit) break;
  }
  for (const auto& move : moves) {
    SYNC_TRY(tx.update(kDealsId, move.first, {assign(Deal::position, move.second)}));
  }
  return {};
}

// Privileged: making room may move deals that the author does not see.
Result<mutation::MutatorResult> move_deal(Transaction& tx, const model::Arguments& arguments) {
  const Id id = arguments.get(model::kIdField).id();
  const Value& stage = arguments.get(MoveDeal::stage_id);
  Value position = arguments.get(MoveDeal::position);
  const Transaction::Privileged moving(tx);
  if (position.is_null()) position = position_at_end(tx.now());
  SYNC_TRY(
      tx.update(kDealsId, id, {assign(Deal::stage_id, stage), assign(Deal::position, position)}));
  SYNC_TRY(make_room(tx, stage.id(), position.integer(), id));
  return mutation::MutatorResult{};
}

}  // namespace

mutation::CollectionRules deal_rules() { return make_rules(kDealsId, before_deal); }

mutation::MutatorSpec move_deal_mutator() {
  mutation::MutatorSpec spec = make_action("crm.deal.move", kDealsId, "move", move_deal);
  spec.arguments.assign(std::begin(MoveDeal::kArguments), std::end(MoveDeal::kArguments));
  return spec;
}

}  // namespace syncline::domain::crm
