// Checker: follows a run from outside and knows when a promise is broken. It shares no code with the engine beyond records,
// queries as data and the codec of frames: rows are those of the durable log in a NaiveEvaluator, rights are rights.hpp.
//
// Promises: what was acknowledged is in the log, once, under its own number, in order; everybody gets rows as they are at
// the version named, and nothing of a row that they may not read at that version; nobody's queue grows without bound.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "syncline/authority/storage.hpp"
#include "syncline/client/client_core.hpp"
#include "syncline/protocol/message.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/support/naive_evaluator.hpp"

namespace syncline::simulation {

class Checker {
 public:
  Checker(const model::Schema& schema, const Agenda& agenda)
      : schema_(schema), agenda_(agenda), rows_(schema) {}

  // ---- the server
  // A transaction is on the disk; its entries in order.
  void durable(const std::vector<authority::LogEntry>& entries);
  // The server starts with this disk.
  void started(authority::Storage& disk);
  void told_of_commit(const authority::LogEntry& entry);
  void opened(std::uint64_t connection, std::size_t backlog_bytes_max);
  void knows(std::uint64_t connection, const base::Id& user);
  void leaves_server(std::uint64_t connection, base::ByteView frame);
  void handed_over(std::uint64_t connection, std::size_t bytes);
  // Somebody who is no browser was told that his write is done.
  void answered(const model::Verdict& verdict);

  // ---- a browser; `profile` numbers its disk
  // With the number of an earlier one it takes its place.
  void made(std::size_t profile, const model::Mutation& mutation);
  // Its core is gone, with what the disk had not written.
  void lost_unstored(std::size_t profile);
  // A mutation that takes back, or does again, what one from `from` to `to` did.
  struct TakenBack {
    model::MutationId id;
    model::CollectionId collection = model::kNoCollection;
    base::Id record;
    std::vector<model::FieldId> fields;
    model::Record from, to;
  };
  void takes_back(TakenBack undo);
  void stored(const model::MutationId& id);
  void leaves_browser(base::ByteView frame);
  void settled(const model::MutationId& id, const model::Verdict& verdict);
  void disconnected(const std::string& reason);

  // ---- at the end, when all is quiet
  void check_disk(authority::Storage& disk);
  void check_mutations();
  // The rows of a live query, as this user may see them.
  void check_view(const client::ClientCore& core, client::QueryId id, const query::Query& query,
                  const base::Id& user);
  void check_core(const client::ClientCore& core, const base::Id& user);

  // Of whom the violations speak from now on.
  void speak_of(std::string subject) { subject_ = std::move(subject); }
  void violated(const std::string& promise);
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] const tests::NaiveEvaluator& rows() const { return rows_; }
  // Of items that were ever there, in the order in which they came.
  [[nodiscard]] const std::vector<base::Id>& items() const { return items_; }
  [[nodiscard]] std::size_t mutation_count() const { return mutations_.size(); }
  struct Write {  // of one field
    model::Version version = 0;
    std::size_t profile = 0;
    base::Id client;
    model::Value before, after;
  };
  // To a field of an item or a shelf that was there, in order.
  [[nodiscard]] const std::vector<Write>& writes(const base::Id& item, model::FieldId field) const;
  // Was it removed and made again after that version?
  [[nodiscard]] bool was_restored(const base::Id& item, model::Version after) const;
  // The last one with this number; none: nobody made it.
  [[nodiscard]] const model::Mutation* mutation(const model::MutationId& id) const;

 private:
  struct Known {
    std::size_t profile = 0;
    model::Mutation mutation;              // as it was made last
    std::deque<model::Mutation> unstored;  // on their way to the disk
    std::optional<model::Mutation> stored;
    std::optional<TakenBack> undo;
    bool settled = false;
    bool judged = false;
    model::Outcome outcome = model::Outcome::applied;
    model::Version logged = 0;  // the commit that it became
  };
  struct Link {
    base::Id user;
    model::Version version = 0;
    std::size_t unsent = 0;
    std::size_t unsent_max = 0;
  };
  using Key = std::pair<base::Id, std::uint64_t>;

  void check_conflicts(const Known& known, const model::Change& change);
  void note_writes(std::size_t profile, const base::Id& client, const model::Change& change);
  // Are these values there at that version anyway?
  [[nodiscard]] bool changes_nothing(const model::Mutation& mutation, model::Version at) const;
  [[nodiscard]] model::Value value_at(const model::Record& item, model::FieldId field,
                                      model::Version version) const;
  void check_undo(std::size_t profile, const TakenBack& undo, const model::Change& change);
  void check_told_conflicts(const Known& known, const model::Verdict& verdict);
  void judged(const model::MutationId& id, const model::Verdict& verdict);
  void check_frame(Link& link, base::ByteView frame);
  void check_poke(Link& link, const protocol::Poke& poke);
  void check_put(const Link& link, const model::Record& row);
  void check_bytes(const Link& link, base::ByteView frame);
  void check_ledgers(const model::Record& item, std::int64_t updates, std::int64_t checks);
  void compare_rows(const client::ClientCore& core, client::QueryId id, const query::Query& query,
                    const base::Id& user);

  const model::Schema& schema_;
  const Agenda& agenda_;
  tests::NaiveEvaluator rows_;
  model::Version version_ = 0;  // of rows_
  model::Version told_ = 0;  // the last commit that the server spoke of, or found when it started
  std::vector<base::Id> items_;
  std::map<std::string, base::Id, std::less<>> items_by_code_;
  std::map<Key, Known> mutations_;
  std::map<std::pair<base::Id, model::FieldId>, std::vector<Write>> writes_;
  std::map<base::Id, model::Version> restored_;  // items that came back, and when last
  std::map<std::uint64_t, Link> links_;
  std::string subject_;  // of what is being checked
  std::vector<std::string> violations_;
};

}  // namespace syncline::simulation
