// PendingLog: the mutations of this browser that the server has not judged yet, in the order in which they were made, each
// with its effects on the rows as they are now (C5). After the confirmed rows moved, rebase() runs those again whose rows
// or reads were concerned, and only those; the others' effects still hold. Which they are, plan_rebase() says, a pure function
// of the log and of what moved; a run that writes other rows than before leads to a longer plan. Invariant: after rebase() or
// add(), the replica's overlay is the sum of all effects. Thread rule: one thread.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "syncline/client/replica.hpp"
#include "syncline/mutation/transaction.hpp"

namespace syncline::client {

// What the server says of a field, or is told of it.
struct Word {
  RowKey row;
  model::FieldId field = model::kNoField;
  model::Value value;
};

struct Pending {
  model::Mutation mutation;
  std::vector<model::Change> changes;
  mutation::ReadSet reads;
  // The rows that it wrote when it was made, as its author knew them; whatever comes under it since he has not seen. Its bases
  // may say less.
  struct Seen {
    RowKey row;
    model::Version version = 0;
    model::Record server;  // none: it was not held
  };
  std::vector<Seen> seen;
  // The server's word as of its bases, where its author still knew it: the row is held as a later version.
  std::vector<Word> known;
  bool certain = true;
  std::uint32_t unstored = 0;  // writes to the durable outbox on their way
  bool sent = false;           // over the present connection
  bool gone_out = false;       // over any: the server may know it
  // Applied by the server, but rows it changed have not come yet because their query has not been answered: the effects stay
  // on the screen until then.
  bool settled = false;
};

// Rows, and what pending mutations have to do with them.
struct Concern {
  const Replica* server = nullptr;  // its is_changed() rows are among them, once it is set
  RowSet rows;
  std::uint64_t collections = 0;  // Replica::collection_bit() of all of them

  void add(const RowKey& key);
  void add(const std::vector<model::Change>& changes);
  [[nodiscard]] bool has(const RowKey& key) const {
    return (collections & Replica::collection_bit(key.collection)) != 0 &&
           (rows.contains(key) || server->is_changed(key));
  }
  [[nodiscard]] bool has_all(const std::vector<model::Change>& changes) const;
  [[nodiscard]] bool meets_writes(const Pending& pending) const;
  // REQUIRES: none that it writes is met.
  [[nodiscard]] bool meets_reads(const Pending& pending) const;
};

// What happens to each pending mutation, in their order.
enum class Fate : std::uint8_t { stays, runs_again, leaves };
struct RebasePlan {
  std::size_t first = 0;  // that does not stay
  std::vector<Fate> fates;
  std::uint64_t standing =
      0;  // Replica::collection_bit() of rows written by those behind it that stay
};
// A pure function of the log and of rows that are no longer as it left them. `moved` grows by the rows of those that do not
// stay, as it concerns who comes after them.
[[nodiscard]] RebasePlan plan_rebase(const std::deque<Pending>& entries, std::size_t from,
                                     Concern& moved, bool keep_settled);

class PendingLog {
 public:
  PendingLog(const mutation::Domain& domain, Replica& replica)
      : domain_(domain), replica_(replica) {}

  void set_actor(const mutation::Actor& actor) { actor_ = actor; }
  [[nodiscard]] const mutation::Actor& actor() const { return actor_; }

  // Runs the mutation on top of the others. Nothing is kept yet.
  [[nodiscard]] mutation::RunOutcome try_run(const model::Mutation& mutation);
  // Appends it with its effects. REQUIRES: `outcome` is of try_run(), and nothing happened since.
  void add(model::Mutation mutation, mutation::RunOutcome outcome, bool stored);
  // What its author knew of the one that was made last.
  void note_known(std::vector<Word> words);
  // Puts another one with its id in the place of the last one, unless it is refused. REQUIRES: that one has not gone out.
  [[nodiscard]] mutation::RunOutcome fold(const model::Mutation& mutation);
  // Not to be queued at all.
  [[nodiscard]] static bool is_refused(const base::Status& status) {
    return !status.ok() && status.error().code != base::Code::needs_server;
  }
  // What its author learns by the verdict: a conflict tells what stands there; what was applied is his own word to all that
  // he made later.
  void note_verdict(const model::MutationId& id, const model::Verdict& verdict);
  // Takes a judged mutation out, or with `keep_effects` only marks it. Its rows are concerned by the next rebase().
  // nullopt when it is not pending.
  std::optional<model::Mutation> settle(const model::MutationId& id, bool keep_effects);
  // Brings the overlay up to date after the replica's confirmed rows changed. Effects of settled mutations go once their
  // rows came, or all of them without `keep_settled`.
  void rebase(bool keep_settled);

  // Rows that pending mutations wrote or read; those of settled ones only with `keep_settled`, as in rebase().
  [[nodiscard]] RowSet needed(bool keep_settled) const;
  // Rows that unjudged mutations wrote.
  [[nodiscard]] RowSet written() const;
  // What the author of all that waits has seen of a row, which is known as version `now` apart from that.
  [[nodiscard]] std::optional<model::Version> seen(const RowKey& key,
                                                   std::optional<model::Version> now) const;
  // The same of one field: what came under a waiting value of it, after this version, is not on the screen. None where nothing
  // waits that wrote it, or whoever wrote it knew the record as version `now`.
  struct Hidden {
    model::Version since = 0;
    // As it was known then, or as the author's own word has made it since; none: neither is known.
    std::optional<model::Value> word;
  };
  [[nodiscard]] std::optional<Hidden> hidden(const RowKey& key, model::FieldId field,
                                             model::Version now) const;
  // Whoever makes a mutation names versions of rows as they are held; under waiting values of his own he has not seen them.
  void claim_no_more_than_seen(model::Mutation& mutation) const;
  // Has one that the server may know assigned this?
  [[nodiscard]] bool may_have_written(const RowKey& key, model::FieldId field,
                                      const model::Value& value) const;
  // As which version the author himself said what the server's row says there; 0: he did not.
  [[nodiscard]] model::Version own_word(const model::Record& server, model::FieldId field) const;
  // Is a waiting value of this field on the screen?
  [[nodiscard]] bool has_written(const RowKey& key, model::FieldId field) const;
  // Is the outcome of a mutation around this collection the server's to say?
  [[nodiscard]] bool is_uncertain(model::CollectionId collection) const;
  [[nodiscard]] std::deque<Pending>& entries() { return entries_; }
  [[nodiscard]] std::uint32_t size() const;

 private:
  // Those from there on that stay, or those that do not.
  void take_back(const RebasePlan& plan, std::size_t from, bool that_stay, const Concern& below);
  void run_again(Pending& pending);
  void show(const Pending& pending);
  [[nodiscard]] bool saw_overlay(const RebasePlan& plan, const Pending& pending) const;

  const mutation::Domain& domain_;
  Replica& replica_;
  mutation::Actor actor_;
  std::deque<Pending> entries_;
  struct Said {
    Word word;  // of a deleted record: without a field
    model::Version version = 0;
  };
  std::vector<Said> own_words_;  // that the server took last
  std::vector<Said> told_;       // what stood there, by the latest conflicts
  static void remember(std::vector<Said>& all, Said latest, std::size_t at_most);
  // The server took this as `version`.
  void note_own(const Pending& pending, model::Version version);
  // Has a later one of those that wait written the field of this one's record, too?
  [[nodiscard]] bool is_written_anew(const Pending& pending, const RowKey& key,
                                     model::FieldId field) const;
  Concern left_;  // rows of mutations that were taken out since the last rebase
};

}  // namespace syncline::client
