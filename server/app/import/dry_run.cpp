#include "server/app/import/dry_run.hpp"

#include <algorithm>
#include <utility>

#include "syncline/mutation/transaction.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::server::app::import {
namespace {

bool is_indexed(const model::FieldSpec& field) {
  return field.unique && field.type == model::FieldType::text;
}

}  // namespace

base::Result<std::vector<WriteOutcome>> DryRun::write(
    std::vector<authority::Submission> submissions) {
  std::vector<WriteOutcome> outcomes;
  for (authority::Submission& submission : submissions) {
    SYNC_CHECK(submission.mutations.size() == 1, "an import writes one record at a time");
    model::Mutation& mutation = submission.mutations.front();
    mutation::Context context;
    context.actor = submission.actor;
    context.id = {base::Id{}, ++sequence_};
    context.created_at = now_;
    context.now = now_;
    context.authoritative = true;
    mutation.id = context.id;
    mutation.created_at = now_;
    const mutation::RunOutcome run = mutation::run(domain_, *this, mutation, context);
    WriteOutcome outcome;
    if (run.status.ok()) {
      for (const model::Change& change : run.changes.changes) put(change);
    } else {
      outcome.verdict.outcome = model::Outcome::rejected;
      outcome.verdict.error = run.status.error();
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

base::Status DryRun::put_password_hash(const base::Id&, const std::string&) {
  return base::Error{base::Code::unavailable, "A dry run sets no passwords."};
}

void DryRun::put(const model::Change& change) {
  const model::Collection& collection = change.collection();
  for (const model::Field& field : collection.fields()) {
    if (!is_indexed(field.spec)) continue;
    const auto key = [&](const model::Record& row) {
      return ValueKey{collection.id(), field.spec.id, row.text(field.spec.id)};
    };
    if (change.before) by_text_[key(change.before)].erase(change.id());
    if (change.after) by_text_[key(change.after)].insert(change.id());
  }
  rows_[collection.id()][change.id()] = change.after;
}

base::Result<mutation::Lookup> DryRun::get(model::CollectionId collection, const base::Id& id) {
  const auto rows = rows_.find(collection);
  if (rows != rows_.end()) {
    const auto row = rows->second.find(id);
    if (row != rows->second.end()) {
      using State = mutation::Lookup::State;
      return mutation::Lookup{row->second ? State::present : State::absent, row->second};
    }
  }
  return below_.get(collection, id);
}

std::vector<model::Record> DryRun::own_rows(const query::Query& query) const {
  std::vector<model::Record> found;
  const auto rows = rows_.find(query.collection);
  if (rows == rows_.end()) return found;
  const query::Predicate& where = query.where;
  const model::Collection& collection = domain_.schema.collection(query.collection);
  const bool by_unique_text = where.kind == query::Predicate::Kind::compare &&
                              where.op == query::Op::eq &&
                              is_indexed(collection.field(where.field).spec);
  if (by_unique_text) {
    const auto ids = by_text_.find({query.collection, where.field, where.values.front().text()});
    if (ids == by_text_.end()) return found;
    for (const base::Id& id : ids->second) found.push_back(rows->second.at(id));
    return found;
  }
  for (const auto& entry : rows->second) {
    if (entry.second && query::matches(where, entry.second)) found.push_back(entry.second);
  }
  return found;
}

base::Result<mutation::FindResult> DryRun::find(const query::Query& query) {
  SYNC_CHECK(!query.after, "neither rules nor the planner read page by page");
  const auto own = rows_.find(query.collection);
  if (own == rows_.end()) return below_.find(query);
  // Each own row can take one row out of a limited result, so the limit comes last.
  query::Query unlimited = query;
  unlimited.limit = 0;
  SYNC_ASSIGN(mutation::FindResult result, below_.find(unlimited));
  std::erase_if(result.rows, [&](const model::Record& row) {
    return own->second.find(row.id()) != own->second.end();
  });
  for (model::Record& row : own_rows(query)) result.rows.push_back(std::move(row));
  const model::Collection& collection = domain_.schema.collection(query.collection);
  std::sort(result.rows.begin(), result.rows.end(), [&](const auto& a, const auto& b) {
    return model::compare_records(collection, query.order, a, b) < 0;
  });
  if (query.limit != 0 && result.rows.size() > query.limit) result.rows.resize(query.limit);
  return result;
}

}  // namespace syncline::server::app::import
