// Transaction: one mutator's run over a Reader. Writes stay in the transaction and are seen by its own reads; nothing below
// is touched. The result is a ChangeSet, applied by whoever runs it, or dropped.
//
// Deterministic: ids derive from the mutation's id, time is given. Thread rule: one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syncline/base/id.hpp"
#include "syncline/mutation/mutator.hpp"
#include "syncline/mutation/reader.hpp"

namespace syncline::mutation {

using model::Mutation;
using model::MutationId;

struct Context {
  Actor actor;
  MutationId id;
  base::Timestamp created_at;
  base::Timestamp now;         // SEMANTICS 10
  bool authoritative = false;  // the server: row rights are enforced, uniqueness is certain
};

// A field value the mutator insisted on (SEMANTICS 4).
struct Requirement {
  model::CollectionId collection = model::kNoCollection;
  base::Id record;
  model::FieldId field = model::kNoField;
};

// A row that was read: serves rebase (SEMANTICS 4). Finds are recorded as their query.
struct ReadSet {
  std::vector<std::pair<model::CollectionId, base::Id>> records;
  std::vector<query::Query> queries;
};

class Transaction {
 public:
  Transaction(const Domain& domain, Reader& below, Context context);

  // Errors: not_found; needs_server when this replica cannot know.
  [[nodiscard]] base::Result<model::Record> get(model::CollectionId collection, const base::Id& id);
  // Own writes included. Errors: needs_server when the replica holds only part and `allow_partial` is false.
  [[nodiscard]] base::Result<std::vector<model::Record>> find(const query::Query& query,
                                                              bool allow_partial = false);

  // Validates, fills defaults, createdAt, createdBy, updatedAt; runs the collection's rules; checks unique fields,
  // references and rights. id: nil = new_id(). Errors: validation codes, not_unique, bad_reference, forbidden.
  [[nodiscard]] base::Result<base::Id> insert(model::CollectionId collection,
                                              const model::Patch& fields, base::Id id = {});
  // Same checks. A patch that changes nothing is a success without a change.
  [[nodiscard]] base::Status update(model::CollectionId collection, const base::Id& id,
                                    const model::Patch& fields);
  // References to it are set null, cascaded or refused, by their fields' rules. Errors: not_found, still_referenced, forbidden.
  [[nodiscard]] base::Status remove(model::CollectionId collection, const base::Id& id);

  // Brings a deleted record back as it was, with these changes; as update() where it is there. What was deleted with it stays so;
  // its own references to what is gone are set null. Errors: as of insert(); not_found: nobody remembers it.
  [[nodiscard]] base::Status restore(model::CollectionId collection, const base::Id& id,
                                     const model::Patch& fields);

  [[nodiscard]] base::Id new_id();
  [[nodiscard]] base::Timestamp now() const { return context_.now; }
  [[nodiscard]] const Actor& actor() const { return context_.actor; }
  [[nodiscard]] const Domain& domain() const { return domain_; }
  // The running mutator's name; rules may allow a transition only to one of them.
  [[nodiscard]] std::string_view mutator() const { return mutator_; }
  void require(model::CollectionId collection, const base::Id& record, model::FieldId field);
  void emit(model::CollectionId collection, const base::Id& record, std::string type,
            std::string action);
  // While true, read-only fields may be written and update needs no row right of the collection (the action's right was
  // checked): for domain mutators.
  class Privileged;

  [[nodiscard]] const std::vector<Requirement>& requirements() const { return requirements_; }
  [[nodiscard]] const ReadSet& read_set() const { return read_set_; }
  // Patches as written, per record: what conflict detection compares (SEMANTICS 4).
  struct Written {
    model::CollectionId collection;
    base::Id record;
    model::Patch patch;
  };
  [[nodiscard]] const std::vector<Written>& written() const { return written_; }
  // Ends the transaction. Rows written and restored to what they were are left out.
  [[nodiscard]] model::ChangeSet take_changes();

 private:
  friend struct RunOutcome run(const Domain&, Reader&, const Mutation&, const Context&);
  struct Row {
    model::Record before;
    model::Record after;
  };
  // Neither rights nor read-only fields hold it back: the system, or a domain mutator in its privileged part.
  [[nodiscard]] bool trusted() const;
  [[nodiscard]] base::Result<Lookup> lookup(model::CollectionId collection, const base::Id& id);
  [[nodiscard]] base::Result<std::vector<model::Record>> find_rows(const query::Query& query,
                                                                   bool allow_partial);
  // The row, if it is there, visible, and the right to it is given.
  [[nodiscard]] base::Result<model::Record> changeable(model::CollectionId collection,
                                                       const base::Id& id, Right right);
  [[nodiscard]] base::Status apply_patch(const model::Collection& collection,
                                         const model::Patch& patch,
                                         model::RecordBuilder& draft) const;
  [[nodiscard]] base::Status run_rules(model::CollectionId collection, const model::Record& before,
                                       model::RecordBuilder& draft);
  [[nodiscard]] base::Status write(const model::Record& before, const model::Patch& patch);
  [[nodiscard]] base::Status erase(const model::Record& before);
  // Its references to what is gone are set null, as they would have been had it been there.
  [[nodiscard]] base::Status drop_lost_references(model::RecordBuilder& draft);
  void note_written(model::CollectionId collection, const base::Id& id, const model::Patch& patch);
  [[nodiscard]] base::Status check_record(const model::Record& before, const model::Record& after);
  [[nodiscard]] base::Status check_unique(const model::Record& after, const model::Field& field);
  [[nodiscard]] base::Status check_reference(const model::Record& after, const model::Field& field);
  [[nodiscard]] base::Status check_rows(const model::Record& record, Right right);
  [[nodiscard]] base::Status check_restrictions(const model::Record& target);
  [[nodiscard]] base::Status release_references(const model::Record& target);
  [[nodiscard]] base::Result<std::vector<model::Record>> referring_rows(
      const model::Referrer& referrer, const base::Id& target, std::uint32_t limit);
  void record(model::Record before, model::Record after);

  const Domain& domain_;
  Reader& below_;
  Context context_;
  std::string mutator_;
  int privileged_ = 0;
  std::uint64_t id_counter_ = 0;
  // Rows in the order of their first write.
  std::vector<std::pair<model::CollectionId, base::Id>> order_;
  std::map<std::pair<model::CollectionId, base::Id>, Row> rows_;
  std::vector<model::DomainEvent> events_;
  std::vector<Requirement> requirements_;
  std::vector<Written> written_;
  ReadSet read_set_;
};

class Transaction::Privileged {
 public:
  explicit Privileged(Transaction& tx) : tx_(tx) { ++tx_.privileged_; }
  ~Privileged() { --tx_.privileged_; }
  Privileged(const Privileged&) = delete;

 private:
  Transaction& tx_;
};

// What one run of a mutation gave.
struct RunOutcome {
  // ok; an error that rejects the mutation; or needs_server: `changes` then holds what was certain (SEMANTICS 9).
  base::Status status;
  model::ChangeSet changes;  // empty when rejected
  MutatorResult result;
  ReadSet read_set;
  std::vector<Transaction::Written> written;
  std::vector<Requirement> requirements;
};

// Looks up the mutator, validates its arguments, checks the action's right, runs it. Never throws.
// Errors: unknown_mutator, validation codes, forbidden, whatever the mutator returns.
[[nodiscard]] RunOutcome run(const Domain& domain, Reader& below, const Mutation& mutation,
                             const Context& context);

}  // namespace syncline::mutation
