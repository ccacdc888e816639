#include "syncline/mutation/conflict.hpp"

#include <map>

#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {
namespace {

using mutation::ConflictReport;
using mutation::OtherWrite;

model::FieldWrite of_kind(model::WriteKind kind, model::FieldId field, Value value) {
  model::FieldWrite write = assignment(field, std::move(value));
  write.kind = kind;
  return write;
}
Value items(std::vector<std::string> all) { return model::make_text_set(std::move(all)); }

// The author saw version 1; somebody else (person 2) wrote afterwards.
class Conflicts : public Shop {
 protected:
  // Person 2 changes a field; the log remembers what it was.
  void other_writes(const Id& id, model::FieldId field, const Value& value) {
    OtherWrite write;
    write.by = person(2);
    write.at = world_.now();
    write.base = row(id).get(field);
    ASSERT_TRUE(update(id, patch({{field, value}})).status.ok());
    write.version = world_.version();
    log_.emplace(std::make_pair(id, field), write);
  }
  mutation::OtherWrites others() {
    return [this](model::CollectionId, const Id& record, model::FieldId field,
                  model::Version base) -> base::Result<std::optional<OtherWrite>> {
      const auto found = log_.find({record, field});
      if (found == log_.end() || found->second.version <= base) return std::optional<OtherWrite>();
      return std::optional<OtherWrite>(found->second);
    };
  }
  // What the authority does: merge, run, detect.
  ConflictReport judge(const Id& id, const model::Patch& writes, model::Version base_version,
                       model::FieldId base_field = model::kNoField) {
    model::Mutation mutation = make(id, writes);
    if (base_version != 0) add_base(mutation, id, base_field, base_version);
    return judge(mutation);
  }
  ConflictReport judge(const model::Mutation& given) {
    const model::Mutation mutation =
        mutation::merge_writes(*domain_, given, world_.reader(), others()).value().value_or(given);
    outcome_ = world_.try_run(mutation);
    SYNC_CHECK(outcome_.status.ok(), "the run succeeds");
    return mutation::detect_conflicts(*domain_, mutation, outcome_, others()).value();
  }
  static model::Mutation make(const Id& id, const model::Patch& writes) {
    model::Mutation mutation;
    mutation.name = "shop.items.update";
    mutation.arguments = model::Arguments(writes);
    mutation.arguments.set(model::kIdField, id);
    return mutation;
  }
  static void add_base(model::Mutation& mutation, const Id& id, model::FieldId field,
                       model::Version version) {
    model::BaseVersion base;
    base.collection = kItemsId;
    base.record = id;
    base.field = field;
    base.version = version;
    mutation.bases.push_back(base);
  }
  Value result(model::FieldId field) { return outcome_.changes.changes.front().after.get(field); }

  std::map<std::pair<Id, model::FieldId>, OtherWrite> log_;
  mutation::RunOutcome outcome_;
};

TEST_F(Conflicts, SameFieldIsAConflict) {
  const Id id = item({{Item::code, "base"}});
  const model::Version seen = world_.version();
  other_writes(id, Item::code, "theirs");
  const ConflictReport report = judge(id, patch({{Item::code, "mine"}}), seen);
  ASSERT_EQ(report.conflicts.size(), 1u);
  const model::Conflict& conflict = report.conflicts.front();
  EXPECT_EQ(conflict.record, id);
  EXPECT_FALSE(conflict.deleted);
  ASSERT_EQ(conflict.fields.size(), 1u);
  EXPECT_EQ(conflict.fields.front().field, Item::code);
  EXPECT_EQ(conflict.fields.front().base, Value("base"));
  EXPECT_EQ(conflict.fields.front().mine, Value("mine"));
  EXPECT_EQ(conflict.fields.front().theirs, Value("theirs"));
  EXPECT_EQ(conflict.fields.front().by, person(2));
}

TEST_F(Conflicts, NoneWithoutBaseOrNewsOrDifference) {
  const Id id = item({{Item::code, "base"}});
  const model::Version seen = world_.version();
  other_writes(id, Item::code, "theirs");
  EXPECT_TRUE(judge(id, patch({{Item::code, "mine"}}), 0).conflicts.empty()) << "no base, no check";
  EXPECT_TRUE(judge(id, patch({{Item::code, "mine"}}), world_.version()).conflicts.empty())
      << "had seen it";
  EXPECT_TRUE(judge(id, patch({{Item::code, "theirs"}}), seen).conflicts.empty())
      << "the same on both sides";
}

TEST_F(Conflicts, DifferentFieldsMerge) {
  const Id id = item({{Item::code, "base"}});
  const model::Version seen = world_.version();
  other_writes(id, Item::state, 1);
  const ConflictReport report = judge(id, patch({{Item::code, "mine"}}), seen);
  EXPECT_TRUE(report.conflicts.empty());
  EXPECT_TRUE(report.merged);
  EXPECT_FALSE(judge(id, patch({{Item::code, "mine"}}), world_.version()).merged);
}

// SEMANTICS 2: a draft has its base per field.
TEST_F(Conflicts, BaseOfTheFieldGoesBeforeTheRecords) {
  const Id id = item({{Item::code, "base"}});
  const model::Version seen = world_.version();
  other_writes(id, Item::code, "theirs");
  model::Mutation mutation = make(id, patch({{Item::code, "mine"}}));
  add_base(mutation, id, model::kNoField, seen);
  add_base(mutation, id, Item::code, world_.version());
  EXPECT_TRUE(judge(mutation).conflicts.empty());
  EXPECT_EQ(judge(id, patch({{Item::code, "mine"}}), seen, Item::code).conflicts.size(), 1u);
}

TEST_F(Conflicts, LastWriterWins) {
  const Id id = item({{Item::position, 1}});
  const model::Version seen = world_.version();
  other_writes(id, Item::position, 2);
  const ConflictReport report = judge(id, patch({{Item::position, 3}}), seen);
  EXPECT_TRUE(report.conflicts.empty());
  EXPECT_TRUE(report.merged);
  EXPECT_EQ(result(Item::position), Value(3));
}

// SEMANTICS 5: deltas add up; an absolute value counts as what its author added.
TEST_F(Conflicts, AddTakesDeltasAndAbsoluteValues) {
  const Id id = item({{Item::count, 10}});
  const model::Version seen = world_.version();
  other_writes(id, Item::count, 15);
  EXPECT_TRUE(
      judge(id, {of_kind(model::WriteKind::increment, Item::count, 2)}, seen).conflicts.empty());
  EXPECT_EQ(result(Item::count), Value(17));
  const ConflictReport absolute = judge(id, patch({{Item::count, 7}}), seen);
  EXPECT_TRUE(absolute.conflicts.empty());
  EXPECT_TRUE(absolute.merged);
  EXPECT_EQ(result(Item::count), Value(12));
}

TEST_F(Conflicts, AddOfDecimals) {
  const auto cents = [](std::int64_t amount) {
    model::Decimal value;
    value.mantissa = amount;
    value.scale = 2;
    return Value(value);
  };
  const Id id = item({{Item::price, cents(1'000)}});
  const model::Version seen = world_.version();
  other_writes(id, Item::price, cents(1'500));
  EXPECT_TRUE(judge(id, patch({{Item::price, cents(1'250)}}), seen).conflicts.empty());
  EXPECT_EQ(result(Item::price), cents(1'750));
  other_writes(id, Item::price, Value());
  EXPECT_EQ(judge(id, patch({{Item::price, Value()}, {Item::state, 1}}), seen).conflicts.size(), 0u)
      << "both cleared it";
}

TEST_F(Conflicts, AddWithoutANumberIsAConflict) {
  const Id id = item();
  const model::Version seen = world_.version();
  other_writes(id, Item::price, Value(model::Decimal{100, 2}));
  EXPECT_EQ(judge(id, patch({{Item::price, Value(model::Decimal{200, 2})}}), seen).conflicts.size(),
            1u)
      << "nothing to take a difference from";
}

TEST_F(Conflicts, SetsMerge) {
  const struct {
    Value base, mine, theirs, merged;
  } cases[] = {
      {items({"a"}), items({"a", "b"}), items({"a", "c"}), items({"a", "b", "c"})},
      {items({"a", "b"}), items({"a"}), items({"a", "b", "c"}), items({"a", "c"})},
      {items({"a", "b"}), items({"b", "x"}), items({"a", "b", "c"}), items({"b", "c", "x"})},
      {items({"a"}), Value(), items({"a", "b"}), items({"b"})},
      {Value(), items({"x"}), items({"y"}), items({"x", "y"})},
      {items({"a", "b"}), items({"a"}), items({"b"}), Value()},
  };
  for (const auto& c : cases) {
    const Id id = item({{Item::tags, c.base}});
    const model::Version seen = world_.version();
    other_writes(id, Item::tags, c.theirs);
    const ConflictReport report = judge(id, patch({{Item::tags, c.mine}, {Item::state, 1}}), seen);
    EXPECT_TRUE(report.conflicts.empty());
    EXPECT_TRUE(report.merged);
    EXPECT_EQ(result(Item::tags), c.merged);
  }
}

// Removing a record over somebody else's later change needs a look at that change first.
TEST_F(Conflicts, RemovingWhatHasChangedConflicts) {
  const Id id = item({{Item::count, 1}});
  const model::Version seen = world_.version();
  other_writes(id, Item::count, 5);
  model::Mutation mutation = make(id, {});
  mutation.name = "shop.items.remove";
  EXPECT_TRUE(judge(mutation).conflicts.empty()) << "no base, no check";
  add_base(mutation, id, model::kNoField, world_.version());
  EXPECT_TRUE(judge(mutation).conflicts.empty()) << "its author saw the change";
  mutation.bases.front().version = seen;
  const ConflictReport report = judge(mutation);
  ASSERT_EQ(report.conflicts.size(), 1u);
  ASSERT_EQ(report.conflicts.front().fields.size(), 1u);
  EXPECT_EQ(report.conflicts.front().fields.front().field, Item::count);
  EXPECT_EQ(report.conflicts.front().fields.front().theirs, Value(5));
}

// Whole values that nobody merged are treated as reject.
TEST_F(Conflicts, WithoutMergingWholeValuesConflict) {
  const Id id = item({{Item::tags, items({"a"})}, {Item::count, 1}});
  const model::Version seen = world_.version();
  other_writes(id, Item::tags, items({"a", "c"}));
  other_writes(id, Item::count, 5);
  model::Mutation mutation = make(id, patch({{Item::tags, items({"a", "b"})}, {Item::count, 3}}));
  add_base(mutation, id, model::kNoField, seen);
  const auto outcome = world_.try_run(mutation);
  const ConflictReport report =
      mutation::detect_conflicts(*domain_, mutation, outcome, others()).value();
  ASSERT_EQ(report.conflicts.size(), 1u);
  EXPECT_EQ(report.conflicts.front().fields.size(), 2u);
}

TEST_F(Conflicts, TextsMergeByLines) {
  const Id id = item({{Item::notes, "one\ntwo\nthree\n"}});
  const model::Version seen = world_.version();
  other_writes(id, Item::notes, "one\ntwo\nthree, theirs\n");
  const ConflictReport merged = judge(id, patch({{Item::notes, "one, mine\ntwo\nthree\n"}}), seen);
  EXPECT_TRUE(merged.conflicts.empty());
  EXPECT_TRUE(merged.merged);
  EXPECT_EQ(result(Item::notes), Value("one, mine\ntwo\nthree, theirs\n"));
  const ConflictReport clash = judge(id, patch({{Item::notes, "one\ntwo\nthree, mine\n"}}), seen);
  ASSERT_EQ(clash.conflicts.size(), 1u);
  EXPECT_EQ(clash.conflicts.front().fields.front().mine, Value("one\ntwo\nthree, mine\n"));
}

// SEMANTICS 4: a read that must not have changed.
TEST_F(Conflicts, RequirementsConflict) {
  const Id id = item();
  const model::Version seen = world_.version();
  other_writes(id, Item::name, "Renamed");
  model::Mutation mutation;
  mutation.name = "shop.item.check";
  mutation.arguments = model::Arguments(patch({{model::kIdField, id}, {10, "Ada"}}));
  EXPECT_TRUE(judge(mutation).conflicts.empty()) << "no base, no check";
  add_base(mutation, id, model::kNoField, seen);
  const ConflictReport report = judge(mutation);
  ASSERT_EQ(report.conflicts.size(), 1u);
  EXPECT_EQ(report.conflicts.front().fields.front().field, Item::name);
  EXPECT_EQ(report.conflicts.front().fields.front().base, Value("Item"));
  EXPECT_EQ(report.conflicts.front().fields.front().theirs, Value("Renamed"));
}

// SEMANTICS 6: editing a deleted record is a conflict that shows what was to be written.
TEST_F(Conflicts, DeletedRecords) {
  const Id id = item({{Item::code, "base"}});
  const auto deleted = [&](model::CollectionId, const Id& record, model::FieldId field,
                           model::Version) -> base::Result<std::optional<OtherWrite>> {
    OtherWrite write;
    write.deleted = record == id;
    write.by = person(2);
    if (field == Item::code) write.base = Value("base");
    return std::optional<OtherWrite>(write);
  };
  model::Mutation edit = make(id, patch({{Item::code, "mine"}}));
  EXPECT_TRUE(mutation::detect_deletions(*domain_, edit, deleted)->empty()) << "no base, no check";
  add_base(edit, id, model::kNoField, 1);
  const auto conflicts = mutation::detect_deletions(*domain_, edit, deleted).value();
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_TRUE(conflicts.front().deleted);
  ASSERT_EQ(conflicts.front().fields.size(), 1u);
  EXPECT_EQ(conflicts.front().fields.front().mine, Value("mine"));
  EXPECT_EQ(conflicts.front().fields.front().base, Value("base"));
  EXPECT_TRUE(conflicts.front().fields.front().theirs.is_null());
  edit.name = "shop.item.check";
  const auto action = mutation::detect_deletions(*domain_, edit, deleted).value();
  ASSERT_EQ(action.size(), 1u);
  EXPECT_TRUE(action.front().fields.empty());
}

TEST_F(Conflicts, ErrorsOfTheLogPassThrough) {
  const Id id = item({{Item::code, "base"}});
  const auto broken = [](model::CollectionId, const Id&, model::FieldId,
                         model::Version) -> base::Result<std::optional<OtherWrite>> {
    return base::Error{Code::storage_failed, "No disk."};
  };
  model::Mutation mutation = make(id, patch({{Item::code, "mine"}}));
  add_base(mutation, id, model::kNoField, 1);
  const auto outcome = world_.try_run(mutation);
  EXPECT_EQ(mutation::detect_conflicts(*domain_, mutation, outcome, broken).error().code,
            Code::storage_failed);
}

}  // namespace
}  // namespace syncline::tests
