// The C ABI from the other side: bytes in, bytes out, as a browser's host sees it.
#include "wasm/instance.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "syncline/protocol/codec.hpp"
#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {
namespace {

using protocol::SpanReader;
using protocol::SpanWriter;
using wasm::Command;
using wasm::Instance;
using wasm::Message;

class Abi : public testing::Test {
 protected:
  Abi() : domain_(make_shop()), instance_(*domain_) {}

  template <class... T>
  std::int32_t call(Command command, const T&... arguments) {
    SpanWriter in;
    in(static_cast<std::uint8_t>(command), arguments...);
    return call_bytes(in.take());
  }
  std::int32_t call_bytes(const base::Bytes& bytes) {
    std::copy(bytes.begin(), bytes.end(), instance_.input(bytes.size()));
    return instance_.call(bytes.size(), 1.795e12);
  }
  std::int32_t receive(const protocol::ServerMessage& message) {
    base::Bytes bytes = protocol::encode(message);
    bytes.insert(bytes.begin(), static_cast<std::uint8_t>(Command::received));
    return call_bytes(bytes);
  }
  std::int32_t create() {
    return call(Command::create, numbered_id(50), std::uint64_t{7}, numbered_id(1),
                std::uint8_t{0});
  }
  void connect() {
    ASSERT_EQ(create(), 0);
    ASSERT_EQ(call(Command::set_token, std::string("token")), 0);
    ASSERT_EQ(call(Command::opened), 0);
    protocol::Welcome welcome;
    welcome.cursor = {numbered_id(99), 10};
    welcome.user = numbered_id(1);
    ASSERT_EQ(receive(welcome), 0);
  }
  template <class T>
  T output() {
    SpanReader out(instance_.output());
    T value{};
    out(value);
    return value;
  }
  // All waiting messages, by kind; their bytes behind the kind.
  std::vector<std::pair<Message, base::Bytes>> poll_all() {
    std::vector<std::pair<Message, base::Bytes>> messages;
    while (instance_.poll() > 0) {
      const base::ByteView bytes = instance_.output();
      messages.emplace_back(static_cast<Message>(bytes[0]),
                            base::Bytes(bytes.begin() + 1, bytes.end()));
    }
    return messages;
  }
  std::vector<Message> kinds() {
    std::vector<Message> found;
    for (const auto& [kind, bytes] : poll_all()) found.push_back(kind);
    return found;
  }
  query::Query items_with_owner() {
    query::Query query;
    query.collection = kItemsId;
    query.order = {{Item::name, false}};
    query.includes = {{Item::owner_id}};
    return query;
  }
  // Two items of one owner under query 1.
  void fill() {
    const auto& schema = domain_->schema;
    protocol::SegmentBody body;
    for (std::uint8_t i = 1; i <= 2; ++i) {
      model::RecordBuilder item(schema.collection(kItemsId), numbered_id(i));
      item.set(Item::name, "item " + std::to_string(i))
          .set(Item::owner_id, numbered_id(7))
          .set(Item::state, 0);
      item.set(Item::count, 0).set_version(5);
      const model::Record row = item.build();
      body.puts.emplace_back(row.bytes().begin(), row.bytes().end());
    }
    model::RecordBuilder person(schema.collection(kPeopleId), numbered_id(7));
    const model::Record row = person.set(Person::name, "Ann").set_version(4).build();
    body.puts.emplace_back(row.bytes().begin(), row.bytes().end());
    protocol::Segment segment;
    segment.query_id = 1;
    segment.kind = protocol::Segment::Kind::snapshot;
    segment.body = protocol::encode_segment_body(body);
    ASSERT_EQ(receive(protocol::Poke{10, {}, {segment}}), 0);
  }

  std::unique_ptr<mutation::Domain> domain_;
  Instance instance_;
};

TEST_F(Abi, NothingWorksBeforeCreateAndCreateWorksOnce) {
  EXPECT_EQ(call(Command::retry_now), wasm::kRefused);
  EXPECT_EQ(output<base::Error>().code, Code::malformed);
  EXPECT_EQ(instance_.poll(), 0);
  EXPECT_EQ(create(), 0);
  EXPECT_EQ(create(), wasm::kRefused);
  EXPECT_TRUE(std::isinf(instance_.next_timeout()));
  EXPECT_EQ(instance_.schema_hash(), static_cast<std::int64_t>(domain_->schema.hash()));
}

TEST_F(Abi, ConnectsAndSaysWhatToDo) {
  connect();
  using enum Message;
  EXPECT_EQ(kinds(),
            (std::vector<Message>{connection_changed, Message::connect, send, connection_changed}));
  EXPECT_FALSE(std::isinf(instance_.next_timeout()));
}

TEST_F(Abi, AWindowHoldsPackedRowsAndTheirRelatedRecordsOnce) {
  connect();
  ASSERT_EQ(call(Command::subscribe, items_with_owner(), std::uint32_t{0}, client::kAllRows), 4);
  EXPECT_EQ(output<client::QueryId>(), 1u);
  fill();
  EXPECT_EQ(instance_.status(1), 2);
  const std::int32_t size = instance_.window(1, 0, 50);
  ASSERT_GT(size, 16);
  const base::ByteView window = instance_.output();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(window.data()) % 8, 0u);
  const auto number = [&](std::size_t at) {
    return base::load_le<std::uint32_t>(window.data() + at);
  };
  EXPECT_EQ(number(0), 2u);
  EXPECT_EQ(number(4), 0u);
  EXPECT_EQ(number(8), 2u);
  EXPECT_EQ(number(12), 1u);
  std::vector<std::string> names;
  std::size_t at = 16;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(number(at), 0u) << "nothing is pending";
    const auto row =
        model::Record::from_bytes(domain_->schema, window.subspan(at + 8, number(at + 8)));
    ASSERT_TRUE(row.ok());
    names.emplace_back(row->text(8));
    at += 8 + number(at + 8);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"item 1", "item 2", "Ann"}));
  // Both name the first related record.
  std::vector<std::uint32_t> links;
  for (; at + 4 <= window.size(); at += 4) links.push_back(number(at));
  EXPECT_EQ(links, (std::vector<std::uint32_t>{1, 0, 1, 0}));
  EXPECT_EQ(at, window.size());
  instance_.window(1, 1, 50);
  EXPECT_EQ(base::load_le<std::uint32_t>(instance_.output().data() + 8), 1u);
  EXPECT_EQ(instance_.window(7, 0, 1), wasm::kRefused);
}

TEST_F(Abi, TellsWhatAQueryIsAndHasCost) {
  connect();
  ASSERT_EQ(call(Command::subscribe, items_with_owner(), std::uint32_t{0}, client::kAllRows), 4);
  fill();
  ASSERT_EQ(instance_.explain(1), 44);
  const auto number = [&](std::size_t i) {
    return base::load_le<std::uint32_t>(instance_.output().data() + i * 4);
  };
  EXPECT_EQ(number(0), 2u) << "complete";
  EXPECT_EQ(number(1), 2u) << "on the residual list";
  EXPECT_EQ(number(4), 2u) << "rows";
  EXPECT_EQ(number(5), 3u) << "held, the related one too";
  EXPECT_EQ(number(7), 1u) << "hydrated once";
  ASSERT_EQ(instance_.explain(7), 44);
  EXPECT_EQ(number(0), 3u) << "there is no such query";
}

TEST_F(Abi, AWindowSaysWhichRowBringsWhichRecordsAlong) {
  connect();
  query::Include items;
  items.via = Item::owner_id;
  items.from = kItemsId;
  items.order = {{Item::name, true}};
  items.includes = {{Item::owner_id}};
  query::Query people;
  people.collection = kPeopleId;
  people.includes = {{Person::boss_id}, items};
  (void)call(Command::subscribe, people, std::uint32_t{0}, client::kAllRows);
  fill();
  ASSERT_GT(instance_.window(1, 0, 50), 16);
  const base::ByteView window = instance_.output();
  const auto number = [&](std::size_t at) {
    return base::load_le<std::uint32_t>(window.data() + at);
  };
  EXPECT_EQ(number(8), 1u);
  EXPECT_EQ(number(12), 3u) << "two items, and their owner as a related record";
  std::size_t at = 16;
  std::vector<std::string> names;
  for (int i = 0; i < 4; ++i) {
    const auto row =
        model::Record::from_bytes(domain_->schema, window.subspan(at + 8, number(at + 8)));
    ASSERT_TRUE(row.ok());
    names.emplace_back(row->text(8));
    at += 8 + number(at + 8);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Ann", "item 2", "Ann", "item 1"}));
  std::vector<std::uint32_t> links;
  for (; at < window.size(); at += 4) links.push_back(number(at));
  // No boss; two items, each with its owner.
  EXPECT_EQ(links, (std::vector<std::uint32_t>{0, 2, 0, 1, 1, 2, 1, 1}));
}

TEST_F(Abi, MutatesStoresAndFlagsWhatIsPending) {
  connect();
  (void)call(Command::subscribe, items_with_owner(), std::uint32_t{0}, client::kAllRows);
  fill();
  (void)poll_all();
  model::Arguments arguments(patch({{model::kIdField, numbered_id(1)}, {Item::name, "renamed"}}));
  ASSERT_GT(call(Command::mutate, std::string("shop.items.update"), arguments,
                 std::vector<model::BaseVersion>()),
            0);
  {
    SpanReader out(instance_.output());
    model::MutationId id;
    base::Error error;
    bool certain = false;
    out(id, error, certain);
    EXPECT_EQ(id, (model::MutationId{numbered_id(50), 1}));
    EXPECT_EQ(error.code, Code::ok);
    EXPECT_TRUE(certain);
  }
  using enum Message;
  EXPECT_EQ(kinds(),
            (std::vector<Message>{store_mutation, pending_changed, history_changed, view_update}));
  ASSERT_EQ(call(Command::stored, model::MutationId{numbered_id(50), 1}), 0);
  EXPECT_EQ(kinds(), std::vector<Message>{send});
  const Id id = numbered_id(1);
  std::copy(id.bytes.begin(), id.bytes.end(), instance_.input(16));
  ASSERT_GT(instance_.record(kItemsId, false), 8);
  EXPECT_EQ(base::load_le<std::uint32_t>(instance_.output().data()), 1u);
  const auto seen = model::Record::from_bytes(domain_->schema, instance_.output().subspan(8));
  EXPECT_EQ(seen->text(Item::name), "renamed");
  std::copy(id.bytes.begin(), id.bytes.end(), instance_.input(16));
  ASSERT_GT(instance_.record(kItemsId, true), 8);
  EXPECT_EQ(
      model::Record::from_bytes(domain_->schema, instance_.output().subspan(8))->text(Item::name),
      "item 1");
  EXPECT_EQ(instance_.record(60'000, false), 0);

  ASSERT_GT(call(Command::undo, false), 0);
  {
    SpanReader out(instance_.output());
    model::MutationId made;
    base::Error error;
    bool certain = false;
    mutation::MutatorResult result;
    std::string name;
    model::Arguments writes;
    std::vector<model::BaseVersion> bases;
    out(made, error, certain, result, name, writes, bases);
    out.finish();
    EXPECT_EQ(made, (model::MutationId{numbered_id(50), 2}));
    EXPECT_EQ(name, "shop.items.update");
    EXPECT_EQ(writes.get(Item::name), model::Value("item 1"));
  }
  for (const auto& [kind, bytes] : poll_all()) {
    if (kind != history_changed) continue;
    SpanReader counts(bytes);
    std::uint32_t undoable = 9;
    std::uint32_t redoable = 9;
    counts(undoable, redoable);
    EXPECT_EQ(undoable, 0u);
    EXPECT_EQ(redoable, 1u);
  }
  std::copy(id.bytes.begin(), id.bytes.end(), instance_.input(16));
  ASSERT_GT(instance_.record(kItemsId, false), 8);
  EXPECT_EQ(
      model::Record::from_bytes(domain_->schema, instance_.output().subspan(8))->text(Item::name),
      "item 1");
}

TEST_F(Abi, RefusesWhatItCannotReadAndGoesOn) {
  ASSERT_EQ(create(), 0);
  EXPECT_EQ(call_bytes({200}), wasm::kRefused);
  EXPECT_EQ(call_bytes({}), wasm::kRefused);
  EXPECT_EQ(call_bytes({static_cast<std::uint8_t>(Command::subscribe), 1, 0}), wasm::kRefused);
  EXPECT_EQ(call(Command::retry_now, std::uint8_t{1}), wasm::kRefused) << "bytes after the end";
  query::Query unknown;
  unknown.collection = 777;
  EXPECT_EQ(call(Command::subscribe, unknown, std::uint32_t{0}, client::kAllRows), wasm::kRefused);
  EXPECT_EQ(output<base::Error>().code, Code::unknown_collection);
  EXPECT_EQ(call(Command::restore_rows), wasm::kRefused);
  EXPECT_EQ(call(Command::retry_now), 0);
}

TEST_F(Abi, RowsGoFromOneInstanceToTheNext) {
  connect();
  (void)call(Command::subscribe, items_with_owner(), std::uint32_t{0}, client::kAllRows);
  fill();
  ASSERT_GT(instance_.persist(), 0);
  base::Bytes blob(instance_.output().begin(), instance_.output().end());
  blob.insert(blob.begin(), static_cast<std::uint8_t>(Command::restore_rows));
  Instance next(*domain_);
  SpanWriter in;
  in(static_cast<std::uint8_t>(Command::create), numbered_id(51), std::uint64_t{7}, numbered_id(1),
     std::uint8_t{0});
  const base::Bytes create = in.take();
  std::copy(create.begin(), create.end(), next.input(create.size()));
  ASSERT_EQ(next.call(create.size(), 1.795e12), 0);
  std::copy(blob.begin(), blob.end(), next.input(blob.size()));
  ASSERT_EQ(next.call(blob.size(), 1.795e12), 0);
  const Id id = numbered_id(2);
  std::copy(id.bytes.begin(), id.bytes.end(), next.input(16));
  EXPECT_GT(next.record(kItemsId, false), 0);
}

// A mutator with a bug: the check ends the instance, and every later call says so.
TEST_F(Abi, AFailedCheckIsATypedErrorAndTheEnd) {
  mutation::MutatorSpec broken;
  broken.name = "shop.item.broken";
  broken.collection = kItemsId;
  broken.on_record = false;
  broken.run = [](Transaction&, const model::Arguments&) -> base::Result<mutation::MutatorResult> {
    SYNC_CHECK(false, "a bug in the domain");
    return mutation::MutatorResult();
  };
  domain_->registry.add(broken);
  ASSERT_EQ(create(), 0);
  const std::int32_t size = call(Command::mutate, std::string("shop.item.broken"),
                                 model::Arguments(), std::vector<model::BaseVersion>());
  EXPECT_EQ(size, wasm::kDead);
  const auto error = output<base::Error>();
  EXPECT_EQ(error.code, Code::internal);
  EXPECT_NE(error.message.find("a bug in the domain"), std::string::npos);
  EXPECT_EQ(call(Command::retry_now), wasm::kDead);
  EXPECT_EQ(instance_.poll(), wasm::kDead);
  EXPECT_EQ(instance_.window(1, 0, 1), wasm::kDead);
  EXPECT_EQ(output<base::Error>(), error) << "the reason stays";
}

}  // namespace
}  // namespace syncline::tests
