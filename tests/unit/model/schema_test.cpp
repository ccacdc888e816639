#include <gtest/gtest.h>

#include "sample.hpp"

namespace syncline::model {
namespace {

using base::CheckFailure;

CollectionSpec owners() { return sample::kSpecs[0]; }
CollectionSpec things() { return sample::kSpecs[1]; }

TEST(Schema, EngineFieldsComeFirstAndHeaderFieldsHaveNoSlot) {
  const auto& fields = sample::things().fields();
  const std::string_view expected[] = {"id",      "createdAt", "updatedAt", "createdBy",
                                       "version", "name",      "notes"};
  for (std::size_t i = 0; i < std::size(expected); ++i) EXPECT_EQ(fields[i].spec.name, expected[i]);
  EXPECT_EQ(sample::things().field(kIdField).slot, kNoSlot);
  EXPECT_EQ(sample::things().field(kVersionField).slot, kNoSlot);
  EXPECT_EQ(sample::things().slot_count(), fields.size() - 2);
}

TEST(Schema, SlotsAreDenseAndLeadBack) {
  const Collection& collection = sample::things();
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    EXPECT_EQ(collection.field_at_slot(slot).slot, slot);
  }
}

TEST(Schema, FindsFieldsByIdAndName) {
  const Collection& collection = sample::things();
  for (const Field& field : collection.fields()) {
    EXPECT_EQ(collection.find(field.spec.id), &field);
    EXPECT_EQ(collection.find(field.spec.name), &field);
  }
  EXPECT_EQ(collection.find(FieldId{19}), nullptr);
  EXPECT_EQ(collection.find(FieldId{5000}), nullptr);
  EXPECT_EQ(collection.find(kNoField), nullptr);
  EXPECT_EQ(collection.find("nothing"), nullptr);
  EXPECT_THROW(static_cast<void>(collection.field(FieldId{19})), CheckFailure);
}

TEST(Schema, DefaultsAreParsed) {
  EXPECT_EQ(sample::things().find("active")->default_value, Value(true));
  EXPECT_EQ(sample::things().find("state")->default_value, Value(1));
  EXPECT_TRUE(sample::things().find("name")->default_value.is_null());
}

TEST(Schema, FindsCollections) {
  const Schema& schema = sample::schema();
  const Collection* found = schema.find("things");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id(), sample::kThings);
  EXPECT_EQ(schema.find("sample.things"), found);
  EXPECT_EQ(schema.find("sample:things"), found);
  EXPECT_EQ(schema.find(sample::kThings), found);
  EXPECT_EQ(&schema.collection(sample::kThings), found);
  for (const char* name :
       {"", "thing", "other.things", "sample.", ".things", "sample.sample.things"}) {
    EXPECT_EQ(schema.find(name), nullptr) << name;
  }
  EXPECT_EQ(schema.find(CollectionId{0}), nullptr);
  EXPECT_EQ(schema.find(kNoCollection), nullptr);
  EXPECT_THROW(static_cast<void>(schema.collection(77)), CheckFailure);
}

TEST(Schema, KnowsWhoRefersToWhom) {
  const auto& referrers = sample::schema().referrers(sample::kOwners);
  ASSERT_EQ(referrers.size(), 1u);
  EXPECT_EQ(referrers[0].collection->id(), sample::kThings);
  EXPECT_EQ(referrers[0].field->spec.name, "ownerId");
  EXPECT_TRUE(sample::schema().referrers(sample::kThings).empty());
}

TEST(Schema, TheHashFollowsWhatBytesMean) {
  const std::uint64_t hash = Schema({owners(), things()}).hash();
  EXPECT_EQ(hash, sample::schema().hash());
  static constexpr std::string_view kOtherStates[] = {"new", "done", "open"};
  static constexpr FieldSpec kReordered[] = {sample::kThingFields[1], sample::kThingFields[0]};
  static constexpr FieldSpec kStates[] = {enumeration(13, "state", sample::kStates)};
  static constexpr FieldSpec kStatesReordered[] = {enumeration(13, "state", kOtherStates)};
  static constexpr FieldSpec kMoney[] = {money(12, "price")};
  static constexpr FieldSpec kFine[] = {decimal(12, "price", 4)};
  static constexpr FieldSpec kRenamed[] = {money(12, "cost")};
  static constexpr FieldSpec kRenumbered[] = {money(13, "price")};
  std::vector<std::uint64_t> hashes = {hash, Schema({things(), owners()}).hash(),
                                       Schema({owners()}).hash()};
  for (const std::span<const FieldSpec> fields :
       {std::span<const FieldSpec>(kReordered), std::span<const FieldSpec>(kStates),
        std::span<const FieldSpec>(kStatesReordered), std::span<const FieldSpec>(kMoney),
        std::span<const FieldSpec>(kFine), std::span<const FieldSpec>(kRenamed),
        std::span<const FieldSpec>(kRenumbered)}) {
    CollectionSpec changed = things();
    changed.fields = fields;
    hashes.push_back(Schema({owners(), changed}).hash());
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(hashes[i], hashes[j]) << i << " " << j;
  }
}

TEST(Schema, WrongDeclarationsAreBugs) {
  EXPECT_THROW(Schema({owners(), owners()}), CheckFailure);
  EXPECT_THROW(Schema({things()}), CheckFailure);  // its owners are missing
  CollectionSpec renumbered = owners();
  renumbered.id = 9;
  EXPECT_THROW(Schema({owners(), renumbered}), CheckFailure);  // the same name twice

  static constexpr FieldSpec kSameId[] = {text(8, "a"), text(8, "b")};
  static constexpr FieldSpec kSameName[] = {text(8, "a"), text(9, "a")};
  static constexpr FieldSpec kEngineId[] = {text(3, "a")};
  static constexpr FieldSpec kEngineName[] = {text(8, "version")};
  static constexpr FieldSpec kBadDefault[] = {integer(8, "a").with_default("many")};
  static constexpr FieldSpec kBadScale[] = {decimal(8, "a", 7)};
  for (const std::span<const FieldSpec> fields :
       {std::span<const FieldSpec>(kSameId), std::span<const FieldSpec>(kSameName),
        std::span<const FieldSpec>(kEngineId), std::span<const FieldSpec>(kEngineName),
        std::span<const FieldSpec>(kBadDefault), std::span<const FieldSpec>(kBadScale)}) {
    CollectionSpec wrong = owners();
    wrong.fields = fields;
    EXPECT_THROW(Schema({wrong}), CheckFailure) << fields[0].name;
  }
}

TEST(Field, NamesResolveWhileCompiling) {
  static_assert(field_id(sample::kThingFields, "price") == 12);
  static_assert(option_index(sample::kThingFields, "state", "done") == 2);
  SUCCEED();
}

}  // namespace
}  // namespace syncline::model
