// What must hold once nothing is on its way any more.
#include <algorithm>

#include "syncline/query/predicate.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/rights.hpp"
#include "tests/support/describe.hpp"

namespace syncline::simulation {

using tests::describe;
using tests::Item;
using tests::kItemsId;

namespace {

// How often it adds one to the price, or takes one away.
std::int64_t price_steps(const model::Arguments& arguments,
                         const std::optional<Checker::TakenBack>& undo) {
  if (!arguments.has(Item::price)) return 0;
  if (!undo) return 1;
  return (undo->to.integer(Item::price) - undo->from.integer(Item::price)) / 100;
}

}  // namespace

void Checker::check_disk(authority::Storage& disk) {
  for (const model::CollectionId collection : {tests::kPeopleId, tests::kShelvesId, kItemsId}) {
    std::size_t count = 0;
    const base::Status read =
        disk.sources().source(collection).fetch({}, [&](const model::Record& row) {
          ++count;
          const auto logged = rows_.get(collection, row.id());
          if (!logged || !(*logged == row))
            violated("a row of the table is not as the log tells: " + describe(row));
          return true;
        });
    if (!read.ok()) violated("a table cannot be read");
    if (count != rows_.fetch(collection, {}).size())
      violated("the table and the log differ in their rows");
  }
}

void Checker::check_mutations() {
  std::map<base::Id, std::pair<std::int64_t, std::int64_t>> expected;  // updates, checks
  for (const auto& [key, known] : mutations_) {
    const std::string name =
        known.mutation.name + " " + base::to_string(key.first) + ":" + std::to_string(key.second);
    if (known.stored.has_value() && !known.settled) violated("stored, and never settled: " + name);
    if (!known.judged && known.logged != 0) violated("applied, and nobody was told: " + name);
    const bool done = known.judged && (known.outcome == model::Outcome::applied ||
                                       known.outcome == model::Outcome::merged);
    const model::Value& about = known.mutation.arguments.get(model::kIdField);
    if (!done || about.kind() != model::Value::Kind::id) continue;
    if (known.mutation.name == "shop.items.update")
      expected[about.id()].first += price_steps(known.mutation.arguments, known.undo);
    if (known.mutation.name == "shop.item.check")
      expected[about.id()].second += known.mutation.arguments.get(8).integer();
  }
  for (const model::Record& item : rows_.fetch(kItemsId, {})) {
    const auto& [updates, checks] = expected[item.id()];
    check_ledgers(item, updates, checks);
  }
}

// Every update adds one to the price, every check its times to the checks: lost or twice would be seen here.
void Checker::check_ledgers(const model::Record& item, std::int64_t updates, std::int64_t checks) {
  // What came back is as somebody saw it once.
  if (was_restored(item.id(), 0)) return;
  if (item.integer(Item::price) != updates * 100)
    violated(std::to_string(updates) + " acknowledged updates made " + describe(item));
  if (item.integer(Item::checks) != checks)
    violated(std::to_string(checks) + " acknowledged checks made " + describe(item));
}

void Checker::check_view(const client::ClientCore& core, client::QueryId id,
                         const query::Query& query, const base::Id& user) {
  const auto allowed = as_allowed(rows_, user, query);
  const client::QueryStatus status = core.status(id);
  if (!allowed) {
    if (status != client::QueryStatus::failed) violated("a forbidden query is answered");
    // What it shows are rows that others of its queries hold.
    for (std::size_t i = 0; core.view(id) != nullptr && i < core.view(id)->rows().size(); ++i) {
      if (!as_seen(rows_, user, core.view(id)->rows()[i]))
        violated("a forbidden query still shows a hidden row");
    }
    return;
  }
  if (status != client::QueryStatus::complete)
    return violated("a query is not complete: " + describe(schema_, query));
  compare_rows(core, id, *allowed, user);
}

void Checker::compare_rows(const client::ClientCore& core, client::QueryId id,
                           const query::Query& query, const base::Id& user) {
  const tests::NaiveResult expected = rows_.evaluate(query);
  const ivm::OrderedView& view = *core.view(id);
  const std::string which = describe(schema_, query);
  if (view.rows().size() != expected.rows.size())
    return violated("a query shows " + std::to_string(view.rows().size()) + " rows, not " +
                    std::to_string(expected.rows.size()) + ": " + which);
  for (std::size_t i = 0; i < expected.rows.size(); ++i) {
    if (!(view.rows()[i] == as_seen(rows_, user, expected.rows[i])))
      violated("row " + std::to_string(i) + " is " + describe(view.rows()[i]) + ", not " +
               describe(expected.rows[i]) + ": " + which);
  }
  for (const model::Record& related : expected.related) {
    const model::Record shown = view.related(related.collection().id(), related.id());
    if (!shown || !(shown == as_seen(rows_, user, related)))
      violated("an included row is missing or old: " + describe(related) + ": " + which);
  }
  if (view.groups().size() != expected.groups.size())
    return violated("a query shows other groups: " + which);
  for (std::size_t i = 0; i < expected.groups.size(); ++i) {
    if (!(view.groups()[i] == expected.groups[i]))
      violated("a group is " + describe(view.groups()[i]) + ", not " +
               describe(expected.groups[i]) + ": " + which);
  }
}

void Checker::check_core(const client::ClientCore& core, const base::Id& user) {
  for (const base::Id& id : items_) {
    const model::Record held = core.confirmed(kItemsId, id);
    if (!held) continue;
    const auto row = rows_.get(kItemsId, id);
    const model::Record seen = row ? as_seen(rows_, user, *row) : model::Record();
    if (!seen) {
      violated("a browser still holds " + describe(held));
    } else if (!(seen == held)) {
      violated("a browser holds " + describe(held) + " instead of " + describe(seen));
    }
    if (!(core.get(kItemsId, id) == held)) violated("a browser shows what is not pending any more");
  }
}

}  // namespace syncline::simulation
