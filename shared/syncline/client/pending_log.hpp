// PendingLog: the mutations of this browser that the server has not judged yet, in the order in which they were made, each
// with its effects on the rows as they are now (C5). After the confirmed rows moved, rebase() runs those again whose rows
// or reads were concerned, and only those; the others' effects still hold. Invariant: after rebase() or add(), the
// replica's overlay is the sum of all effects. Thread rule: one thread.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "syncline/client/replica.hpp"
#include "syncline/mutation/transaction.hpp"

namespace syncline::client {

struct Pending {
  model::Mutation mutation;
  std::vector<model::Change> changes;
  mutation::ReadSet reads;
  bool certain = true;
  bool stored = false;  // in the durable outbox
  bool sent = false;    // over the present connection
  // Applied by the server, but rows it changed have not come yet because their query has not been answered: the effects stay
  // on the screen until then.
  bool settled = false;
};

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
  // Is the outcome of a mutation around this collection the server's to say?
  [[nodiscard]] bool is_uncertain(model::CollectionId collection) const;
  [[nodiscard]] std::deque<Pending>& entries() { return entries_; }
  [[nodiscard]] std::uint32_t size() const;

 private:
  struct Concern {
    RowSet rows;
    std::vector<model::CollectionId> collections;
    void add(const RowKey& key);
    void add(const std::vector<model::Change>& changes);
    [[nodiscard]] bool meets_writes(const Pending& pending) const;
    [[nodiscard]] bool meets_reads(const Pending& pending) const;
  };

  void take_back_from(std::deque<Pending>::const_iterator first, const Concern& concern);
  void run_again(Pending& pending);

  const mutation::Domain& domain_;
  Replica& replica_;
  mutation::Actor actor_;
  std::deque<Pending> entries_;
  Concern concern_;  // gathered since the last rebase
};

}  // namespace syncline::client
