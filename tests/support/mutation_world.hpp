// MutationWorld: a domain, rows in memory and a clock; runs mutations like a server would, and keeps what they did.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "syncline/mutation/transaction.hpp"
#include "tests/support/memory_reader.hpp"

namespace syncline::tests {

[[nodiscard]] inline base::Id numbered_id(std::uint8_t number) {
  base::Id id;
  id.bytes[15] = number;
  id.bytes[6] = 0x70;
  id.bytes[8] = 0x80;
  return id;
}

[[nodiscard]] inline model::FieldWrite assignment(model::FieldId field, model::Value value) {
  model::FieldWrite write;
  write.field = field;
  write.value = std::move(value);
  return write;
}

[[nodiscard]] inline model::Patch patch(
    std::initializer_list<std::pair<model::FieldId, model::Value>> fields) {
  model::Patch writes;
  for (const auto& field : fields) writes.push_back(assignment(field.first, field.second));
  return writes;
}

[[nodiscard]] inline base::Code code_of(const base::Status& status) {
  return status.ok() ? base::Code::ok : status.error().code;
}
[[nodiscard]] inline base::Code code_of(const mutation::RunOutcome& outcome) {
  return code_of(outcome.status);
}
// The first field an error complains about; empty when there is none.
[[nodiscard]] inline std::string field_of(const base::Status& status) {
  return status.ok() || status.error().fields.empty() ? "" : status.error().fields.front().field;
}

// The types of a change set's domain events, in order, with commas.
[[nodiscard]] inline std::string events_of(const mutation::RunOutcome& outcome) {
  std::string types;
  for (const model::DomainEvent& event : outcome.changes.events) {
    types += (types.empty() ? "" : ",") + event.type + ":" + event.action;
  }
  return types;
}

class MutationWorld {
 public:
  using Fields = std::initializer_list<std::pair<model::FieldId, model::Value>>;

  // `domain` outlives this.
  explicit MutationWorld(const mutation::Domain& domain) : domain_(domain), reader_(domain.schema) {
    actor_.role = mutation::Role::system;
  }

  MutationWorld& as(mutation::Role role, const base::Id& user = {}) {
    actor_.role = role;
    actor_.user = user;
    return *this;
  }
  // Runs without applying.
  [[nodiscard]] mutation::RunOutcome try_run(model::Mutation mutation) {
    mutation.id.client = numbered_id(200);
    mutation.id.sequence = ++sequence_;
    mutation.created_at = now_;
    mutation::Context context;
    context.actor = actor_;
    context.id = mutation.id;
    context.created_at = mutation.created_at;
    context.now = now_;
    context.authoritative = authoritative_;
    return mutation::run(domain_, reader_, mutation, context);
  }
  // Runs, and applies what succeeded as the next commit.
  mutation::RunOutcome run(model::Mutation mutation) {
    mutation::RunOutcome outcome = try_run(std::move(mutation));
    if (outcome.status.ok()) reader_.apply(outcome.changes, ++version_);
    return outcome;
  }
  mutation::RunOutcome run(std::string_view name, Fields arguments) {
    model::Mutation mutation;
    mutation.name = std::string(name);
    mutation.arguments = model::Arguments(patch(arguments));
    return run(std::move(mutation));
  }
  // REQUIRES: succeeds (checked). The new record's id.
  base::Id insert(std::string_view collection, Fields fields) {
    const mutation::RunOutcome outcome = run(std::string(collection) + ".insert", fields);
    SYNC_CHECK(outcome.status.ok(),
               outcome.status.ok() ? "" : outcome.status.error().message.c_str());
    return outcome.result.front().second.id();
  }

  [[nodiscard]] model::Record row(model::CollectionId collection, const base::Id& id) const {
    return reader_.row(collection, id);
  }
  [[nodiscard]] MemoryReader& reader() { return reader_; }
  [[nodiscard]] const mutation::Domain& domain() const { return domain_; }
  [[nodiscard]] base::Timestamp now() const { return now_; }
  [[nodiscard]] model::Version version() const { return version_; }
  void advance(std::int64_t ms) { now_ = now_ + ms; }
  // Like a browser: rights and uniqueness as far as they are known.
  void be_optimistic() { authoritative_ = false; }

 private:
  const mutation::Domain& domain_;
  MemoryReader reader_;
  mutation::Actor actor_;
  base::Timestamp now_{1'795'248'000'000};  // 2026-11-21T08:00:00Z
  std::uint64_t sequence_ = 0;
  model::Version version_ = 0;
  bool authoritative_ = true;
};

}  // namespace syncline::tests
