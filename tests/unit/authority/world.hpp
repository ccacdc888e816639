// World: a small domain, an authority over a storage in memory, and browsers that speak /sync without a core: they keep what
// segments tell them, row by row, so that a test can compare it with the storage.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "syncline/authority/authority.hpp"
#include "syncline/authority/memory_storage.hpp"
#include "syncline/mutation/transaction.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/version.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {

inline constexpr model::CollectionId kPeople = 1;
inline constexpr model::CollectionId kCards = 2;

inline constexpr std::string_view kCardStatuses[] = {"open", "done"};
inline constexpr model::FieldSpec kPersonFields[] = {
    model::text(8, "name").require(),
    model::text(9, "salary"),
};
inline constexpr model::FieldId kName = 8;
inline constexpr model::FieldId kSalary = 9;
inline constexpr model::FieldSpec kCardFields[] = {
    model::text(8, "label").require(),
    model::integer(9, "points"),
    model::enumeration(10, "status", kCardStatuses),
    model::reference(11, "ownerId", kPeople),
    model::reference(12, "parentId", kCards),
    model::text_set(13, "tags"),
    model::long_text(14, "body"),
};
inline constexpr model::FieldId kLabel = 8;
inline constexpr model::FieldId kPoints = 9;
inline constexpr model::FieldId kCardStatus = 10;
inline constexpr model::FieldId kOwner = 11;
inline constexpr model::FieldId kParent = 12;
inline constexpr model::FieldId kTags = 13;
inline constexpr model::FieldId kBody = 14;

// admin: all. agent: cards that they or nobody own, all people. viewer: cards; people without their salary, and only those
// not called "hidden".
[[nodiscard]] const mutation::Domain& card_domain();

inline constexpr std::int64_t kStart = 1'795'248'000'000;
inline constexpr std::int64_t kTokenMs = 900'000;

// The token of a test user: "<role number>:<id number>".
[[nodiscard]] std::string token_of(mutation::Role role, std::uint32_t user);
[[nodiscard]] base::Result<authority::Identity> read_token(const std::string& token,
                                                           base::Timestamp now);

[[nodiscard]] model::Mutation mutation_of(std::string name,
                                          const std::vector<FieldValue>& arguments);
[[nodiscard]] model::Mutation insert_card(std::uint32_t id, const std::vector<FieldValue>& fields);
[[nodiscard]] model::Mutation update_card(std::uint32_t id, const std::vector<FieldValue>& fields);
[[nodiscard]] model::Mutation remove_card(std::uint32_t id);
[[nodiscard]] query::Query cards(query::Predicate where = query::always());

class Browser;

class World {
 public:
  explicit World(authority::Options options = {}, const mutation::Domain& domain = card_domain());
  // With another storage than the one in memory; it outlives the world.
  World(authority::Storage& storage, authority::Options options);

  [[nodiscard]] const mutation::Domain& domain() const { return domain_; }
  [[nodiscard]] authority::Storage& storage() { return *storage_; }
  [[nodiscard]] authority::Authority& authority() { return authority_; }
  [[nodiscard]] base::Timestamp now() const { return now_; }
  void advance(std::int64_t ms) { now_ = now_ + ms; }
  // Turns until nothing is left and hands everything out.
  void run();
  [[nodiscard]] authority::SessionId connect(Browser& browser);
  void disconnect(authority::SessionId session);

  // As the system. REQUIRES: succeeds (checked).
  authority::Answer write(std::vector<model::Mutation> mutations);
  authority::Answer write(model::Mutation mutation) {
    return write(std::vector{std::move(mutation)});
  }
  authority::Answer submit(authority::Submission submission);

  std::vector<std::shared_ptr<const authority::LogEntry>> committed;
  std::size_t frames = 0;  // made; one may go to many
  bool drain = true;       // they are handed to the network at once

 private:
  const mutation::Domain& domain_;
  std::unique_ptr<authority::MemoryStorage> own_storage_;
  authority::Storage* storage_;
  authority::Authority authority_;
  base::Timestamp now_{kStart};
  authority::SessionId next_session_ = 1;
  authority::Ticket next_ticket_ = 1;
  std::map<authority::SessionId, Browser*> browsers_;
  std::map<authority::Ticket, authority::Answer> answers_;
};

class Browser {
 public:
  Browser(World& world, mutation::Role role, std::uint32_t user, std::uint32_t client);

  // Opens a connection and says hello.
  void connect();
  void disconnect();
  void hello(const protocol::Hello& hello);
  void send(const protocol::ClientMessage& message);
  void send_bytes(const base::Bytes& frame);
  void subscribe(std::uint32_t query_id, query::Query query, std::vector<protocol::Held> held = {});
  // Numbers the mutation as this client's next and sends it. Returns its sequence.
  std::uint64_t push(model::Mutation mutation);
  void resend(std::vector<model::Mutation> mutations);

  void receive(const base::Bytes& frame);
  void closed(const base::Error& error) {
    closed_with = error;
    session = 0;
  }

  [[nodiscard]] const model::Verdict* verdict(std::uint64_t sequence) const;
  // Ids of a query's rows, related ones included.
  [[nodiscard]] std::set<base::Id> ids(std::uint32_t query_id) const;
  [[nodiscard]] model::Record row(std::uint32_t query_id, model::CollectionId collection,
                                  std::uint32_t id) const;

  struct State {
    std::map<std::pair<model::CollectionId, base::Id>, model::Record> rows;
    std::vector<protocol::SegmentBody::Group> groups;
    std::size_t snapshots = 0, deltas = 0, puts = 0, kept = 0;
  };
  World& world;
  const mutation::Role role;
  const std::uint32_t user;
  base::Id client;
  std::vector<base::Id> earlier;
  protocol::Cursor cursor;
  authority::SessionId session = 0;
  std::optional<protocol::Welcome> welcome;
  std::optional<base::Error> closed_with;
  std::map<std::uint32_t, State> queries;
  std::map<std::uint32_t, base::Error> failed;
  std::vector<std::pair<base::Id, model::Verdict>> verdicts;
  std::size_t bytes = 0;  // received
  std::vector<std::uint64_t> pongs;
  std::size_t signatures = 0;  // compared
  std::size_t pokes = 0;
  std::uint64_t next_sequence = 1;
  std::vector<model::Mutation> sent;

 private:
  void apply(const protocol::Poke& poke);
  void check(const protocol::Signatures& told);
};

// A request of an administrator.
[[nodiscard]] authority::Submission submission(std::vector<model::Mutation> mutations);
// As it is stored; none where there is none.
[[nodiscard]] model::Record card(World& world, std::uint32_t id);
// Its author has seen this version of the card.
[[nodiscard]] model::Mutation with_base(model::Mutation mutation, std::uint32_t card_id,
                                        model::Version version);

}  // namespace syncline::tests
