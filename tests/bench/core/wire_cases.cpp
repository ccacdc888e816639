// Rows and frames: packing, reading, loading, beside memcpy and the standard library's map.
#include <cstring>
#include <unordered_map>

#include "domain/collections.hpp"
#include "domain/crm/leads.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/poke_reader.hpp"
#include "tests/bench/core/world.hpp"
#include "tests/bench/support/leads.hpp"

namespace syncline::bench {
namespace {

using domain::crm::Lead;

constexpr std::size_t kBatch = 50;

// Leads and their packed bytes, without any table.
struct Rows {
  explicit Rows(std::size_t count) {
    base::Random random(1);
    for (std::size_t i = 0; i < count; ++i) {
      inserts.push_back(insert_lead(random_id(random), random_id(random), i, random));
      records.push_back(record_of(inserts.back()));
    }
  }
  std::vector<model::Mutation> inserts;
  std::vector<model::Record> records;
};

model::Record checked(base::ByteView bytes) {
  auto record = model::Record::from_bytes(domain().schema, bytes);
  if (!record.ok()) give_up("a record cannot be read");
  return std::move(record).value();
}

// All rows from their bytes into a table, with the ids to find them by.
void run_load(benchmark::State& state, const Size& size) {
  static const Rows rows(size.rows);
  std::unique_ptr<ivm::MemorySources> sources;
  time(
      state, [&] { sources = std::make_unique<ivm::MemorySources>(domain().schema); },
      [&] {
        for (const model::Record& record : rows.records)
          sources->apply({model::ChangeKind::insert, {}, checked(record.bytes())});
      },
      rows.records.size());
}
void run_load_std(benchmark::State& state, const Size& size) {
  static const Rows rows(size.rows);
  std::unordered_map<base::Id, base::Bytes, base::IdHash> map;
  time(
      state, [&] { map.clear(); },
      [&] {
        for (const model::Record& record : rows.records)
          map[record.id()].assign(record.bytes().begin(), record.bytes().end());
      },
      rows.records.size());
}

void run_record_build(benchmark::State& state) {
  const Rows rows(kBatch);
  time(
      state, [] {},
      [&] {
        for (const model::Mutation& insert : rows.inserts)
          benchmark::DoNotOptimize(record_of(insert));
      },
      kBatch);
}
void run_record_read(benchmark::State& state) {
  const Rows rows(kBatch);
  time(
      state, [] {},
      [&] {
        for (const model::Record& record : rows.records) {
          const model::Record read = checked(record.bytes());
          benchmark::DoNotOptimize(read.text(Lead::email).size() +
                                   read.reference(Lead::owner_id).bytes[0]);
        }
      },
      kBatch);
}
// The least that anybody must do with these bytes.
void run_record_copy(benchmark::State& state) {
  const Rows rows(kBatch);
  base::Bytes room(model::kRecordSizeMax);
  time(
      state, [] {},
      [&] {
        for (const model::Record& record : rows.records) {
          std::memcpy(room.data(), record.bytes().data(), record.bytes().size());
          benchmark::ClobberMemory();
        }
      },
      kBatch);
}

protocol::SegmentBody body_of(const Rows& rows) {
  protocol::SegmentBody body;
  for (const model::Record& record : rows.records)
    body.puts.emplace_back(record.bytes().begin(), record.bytes().end());
  return body;
}
protocol::SharedSegment segment_of(const protocol::SegmentBody& body) {
  protocol::SharedSegment segment;
  segment.query_id = 1;
  segment.body = std::make_shared<const base::Bytes>(protocol::encode_segment_body(body));
  return segment;
}

void run_poke_encode(benchmark::State& state) {
  const protocol::SegmentBody body = body_of(Rows(kBatch));
  time(
      state, [] {},
      [&] { benchmark::DoNotOptimize(protocol::encode_poke(7, {}, {segment_of(body)})); });
}
void run_poke_read(benchmark::State& state) {
  const auto pieces = protocol::encode_poke(7, {}, {segment_of(body_of(Rows(kBatch)))});
  base::Bytes frame;
  for (const auto& piece : pieces) frame.insert(frame.end(), piece->begin(), piece->end());
  time(
      state, [] {},
      [&] {
        protocol::PokeReader reader(domain().schema);
        const auto poke = reader.finish(frame);
        if (!poke.ok() || poke->segments.front().rows.size() != kBatch)
          give_up("a poke cannot be read");
      });
}

}  // namespace

void add_wire_cases(const Size& size) {
  using State = benchmark::State;
  add_case("load", "syncline", [=](State& s) { run_load(s, size); });
  add_case("load", "std", [=](State& s) { run_load_std(s, size); });
  add_case("record-build", "syncline", run_record_build);
  add_case("record-read", "syncline", run_record_read);
  add_case("record-read", "memcpy", run_record_copy);
  add_case("poke-encode-50", "syncline", run_poke_encode);
  add_case("poke-read-50", "syncline", run_poke_read);
}

}  // namespace syncline::bench
