// Bench: a ClientCore on the shop's domain, driven by hand: the test plays server, network, disk and clock with real protocol
// messages. After every call it reads all outputs, and checks that the edits of each live query lead from the list as it was
// to the list as it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "syncline/client/client_core.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/version.hpp"
#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {

using client::ClientCore;
using client::ConnectionState;
using client::QueryId;
using client::QueryStatus;

class Bench : public testing::Test {
 protected:
  Bench() : domain_(make_shop()) { start(); }

  void start(std::uint8_t client = 50) {
    client::CoreOptions options;
    options.client = numbered_id(client);
    options.seed = 7;
    options.user = numbered_id(1);
    options.role = Role::admin;
    core_ = std::make_unique<ClientCore>(*domain_, options);
    lists_.clear();
  }
  // Online, welcomed at `version`.
  void connect(model::Version version = 10) {
    core_->set_token("token", now_);
    core_->opened(now_);
    welcome(version);
  }
  void welcome(model::Version version, std::uint8_t epoch = 99) {
    protocol::Welcome message;
    message.protocol = protocol::kProtocolVersion;
    message.cursor = {numbered_id(epoch), version};
    message.user = numbered_id(1);
    message.role = static_cast<std::uint8_t>(Role::admin);
    message.now = now_ + clock_ahead_ms_;
    receive(message);
  }
  void receive(const protocol::ServerMessage& message) {
    core_->received(protocol::encode(message), now_);
    drain();
  }

  // ---- what the server says
  using Rows = std::vector<model::Record>;
  static protocol::Segment snapshot(std::uint32_t wire, const Rows& puts,
                                    std::vector<protocol::Held> kept = {}) {
    protocol::Segment segment = delta(wire, puts, {});
    segment.kind = protocol::Segment::Kind::snapshot;
    segment.kept = std::move(kept);
    return segment;
  }
  static protocol::Segment delta(std::uint32_t wire, const Rows& puts,
                                 const std::vector<Id>& removed = {}) {
    protocol::SegmentBody body;
    for (const model::Record& row : puts)
      body.puts.emplace_back(row.bytes().begin(), row.bytes().end());
    for (const Id& id : removed) body.removals.push_back({kItemsId, id});
    protocol::Segment segment;
    segment.query_id = wire;
    segment.body = protocol::encode_segment_body(body);
    return segment;
  }
  static protocol::Segment groups(std::uint32_t wire, protocol::Segment::Kind kind,
                                  std::vector<protocol::SegmentBody::Group> rows) {
    protocol::SegmentBody body;
    body.groups = std::move(rows);
    protocol::Segment segment;
    segment.query_id = wire;
    segment.kind = kind;
    segment.body = protocol::encode_segment_body(body);
    return segment;
  }
  using Verdicts = std::vector<std::pair<Id, model::Verdict>>;
  void poke(model::Version version, std::vector<protocol::Segment> segments,
            Verdicts verdicts = {}) {
    receive(protocol::Poke{version, std::move(verdicts), std::move(segments)});
  }
  static std::pair<Id, model::Verdict> verdict(std::uint64_t sequence, model::Version version,
                                               model::Outcome outcome = model::Outcome::applied,
                                               Code code = Code::ok, std::uint8_t client = 50) {
    model::Verdict made;
    made.sequence = sequence;
    made.version = version;
    made.outcome = outcome;
    if (code != Code::ok) made.error = {code, "The server's reason."};
    return {numbered_id(client), made};
  }

  // ---- rows and queries
  model::Record item(std::uint8_t id, const std::string& name, std::int64_t count,
                     model::Version version, const MutationWorld::Fields& more = {}) const {
    model::RecordBuilder builder(domain_->schema.collection(kItemsId), numbered_id(id));
    builder.set(Item::name, name).set(Item::count, count).set(Item::state, 0).set_version(version);
    for (const auto& [field, value] : more) builder.set(field, value);
    return builder.build();
  }
  model::Record person(std::uint8_t id, const std::string& name, model::Version version) const {
    model::RecordBuilder builder(domain_->schema.collection(kPeopleId), numbered_id(id));
    return builder.set(Person::name, name).set_version(version).build();
  }
  static query::Query items_by_count(std::uint32_t limit = 0) {
    query::Query query;
    query.collection = kItemsId;
    query.order = {{Item::count, false}};
    query.limit = limit;
    return query;
  }
  QueryId subscribe(const query::Query& query) {
    const auto id = core_->subscribe(query, now_);
    SYNC_CHECK(id.ok(), "the query is valid");
    drain();
    return *id;
  }
  // The number under which the last subscription went out.
  std::uint32_t wire() const {
    for (auto at = sent_.rbegin(); at != sent_.rend(); ++at) {
      if (const auto* subscribe = std::get_if<protocol::Subscribe>(&*at))
        return subscribe->query_id;
    }
    SYNC_CHECK(false, "nothing was subscribed");
    return 0;
  }
  // "name:count" of every row, with commas; a star marks what is pending.
  std::string list(QueryId query) const {
    std::string text;
    for (const model::Record& row : core_->view(query)->rows()) {
      if (!text.empty()) text += ",";
      text += std::string(row.text(Item::name)) + ":" + std::to_string(row.integer(Item::count));
      if (core_->is_pending(kItemsId, row.id())) text += "*";
    }
    return text;
  }

  // ---- mutations
  client::MutateAnswer update(std::uint8_t id, const model::Patch& writes) {
    model::Arguments arguments(writes);
    arguments.set(model::kIdField, numbered_id(id));
    return mutate("shop.items.update", std::move(arguments));
  }
  client::MutateAnswer insert(const model::Patch& writes) {
    return mutate("shop.items.insert", model::Arguments(writes));
  }
  client::MutateAnswer remove(std::uint8_t id) {
    model::Arguments arguments;
    arguments.set(model::kIdField, numbered_id(id));
    return mutate("shop.items.remove", std::move(arguments));
  }
  // Made and stored.
  client::MutateAnswer mutate(const std::string& name, model::Arguments arguments) {
    auto answer = core_->mutate(name, std::move(arguments), {}, now_);
    drain();
    if (answer.status.ok() && store_at_once_) {
      core_->stored(answer.id, now_);
      drain();
    }
    return answer;
  }

  // Reads all outputs.
  void drain() {
    while (const auto effect = core_->poll_effect()) {
      if (const auto* frame = std::get_if<client::SendFrame>(&*effect)) {
        const auto message = protocol::decode_client_message(frame->frame);
        ASSERT_TRUE(message.ok()) << message.error().message;
        sent_.push_back(*message);
      }
      effects_.push_back(*effect);
    }
    while (const auto update = core_->poll_view()) {
      updates_.push_back(*update);
      follow(*update);
    }
  }
  // Applies the edits to the list as it was, and compares.
  void follow(const client::ViewUpdate& update) {
    auto& list = lists_[update.query];
    for (const ivm::ViewEdit& edit : update.edits) {
      const auto at = list.begin() + static_cast<std::ptrdiff_t>(edit.position);
      switch (edit.kind) {
        case ivm::ViewEdit::Kind::insert: list.insert(at, std::nullopt); break;
        case ivm::ViewEdit::Kind::remove: list.erase(at); break;
        case ivm::ViewEdit::Kind::replace: break;
      }
    }
    const auto& rows = core_->view(update.query)->rows();
    ASSERT_EQ(list.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (list[i]) {
        EXPECT_EQ(*list[i], rows[i].id()) << "a row is somewhere else than its edits said";
      }
      list[i] = rows[i].id();
    }
  }
  template <class Wanted>
  std::vector<Wanted> effects() const {
    std::vector<Wanted> found;
    for (const client::Effect& effect : effects_) {
      if (const auto* wanted = std::get_if<Wanted>(&effect)) found.push_back(*wanted);
    }
    return found;
  }
  template <class Wanted>
  std::vector<Wanted> sent() const {
    std::vector<Wanted> found;
    for (const protocol::ClientMessage& message : sent_) {
      if (const auto* wanted = std::get_if<Wanted>(&message)) found.push_back(*wanted);
    }
    return found;
  }
  void forget_outputs() {
    sent_.clear();
    effects_.clear();
    updates_.clear();
  }

  std::unique_ptr<mutation::Domain> domain_;
  std::unique_ptr<ClientCore> core_;
  base::Timestamp now_{1'795'248'000'000};
  std::int64_t clock_ahead_ms_ = 0;
  bool store_at_once_ = true;
  std::vector<protocol::ClientMessage> sent_;
  std::vector<client::Effect> effects_;
  std::vector<client::ViewUpdate> updates_;
  std::map<QueryId, std::vector<std::optional<Id>>> lists_;
};

}  // namespace syncline::tests
