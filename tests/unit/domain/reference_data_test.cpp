#include "tests/unit/domain/crm_world.hpp"

namespace syncline::tests {
namespace {

using namespace domain;
using namespace domain::crm;

using ReferenceData = CrmWorld;

TEST_F(ReferenceData, IsThere) {
  EXPECT_EQ(world_.reader().rows(kLeadSourcesId).size(), 5u);
  EXPECT_EQ(world_.reader().rows(kDealStagesId).size(), 6u);
  EXPECT_EQ(world_.reader().rows(kTaskCategoriesId).size(), 5u);
  int kinds[3] = {0, 0, 0};
  for (const model::Record& row : world_.reader().rows(kDealStagesId)) {
    ++kinds[row.integer(DealStage::kind)];
    EXPECT_TRUE(row.has(DealStage::probability) && row.has(DealStage::color) &&
                row.has(DealStage::position));
    EXPECT_FALSE(row.has(model::kCreatedByField)) << "nobody's";
  }
  EXPECT_EQ(kinds[DealStage::kOpen], 4);
  EXPECT_EQ(kinds[DealStage::kWon], 1);
  EXPECT_EQ(kinds[DealStage::kLost], 1);
}

// Rule: ids derive from natural keys, so that two databases name the same stage alike.
TEST_F(ReferenceData, HasStableIds) {
  EXPECT_EQ(world_.row(kDealStagesId, stage("won")).text(DealStage::name), "Won");
  EXPECT_EQ(domain::reference_data(), domain::reference_data());
}

// Every collection that is declared is listed, and every id in the list is declared.
TEST_F(ReferenceData, CollectionIdsAreComplete) {
  EXPECT_EQ(domain_->schema.collections().size(), std::size(kCollectionIds));
  for (const model::CollectionId id : kCollectionIds)
    EXPECT_NE(domain_->schema.find(id), nullptr) << id;
}

// What REST and TypeScript derive: actions are found under their collection.
TEST_F(ReferenceData, ActionsAreRegistered) {
  const struct {
    model::CollectionId collection;
    const char* action;
    const char* name;
  } cases[] = {
      {kLeadsId, "convert", "crm.lead.convert"},     {kLeadsId, "assign", "crm.lead.assign"},
      {kDealsId, "move", "crm.deal.move"},           {kTasksId, "complete", "crm.task.complete"},
      {kUsersId, "insert", "platform.users.insert"},
  };
  for (const auto& c : cases) {
    const mutation::MutatorSpec* found = domain_->registry.find_action(c.collection, c.action);
    ASSERT_NE(found, nullptr) << c.name;
    EXPECT_EQ(found->name, c.name);
  }
}

}  // namespace
}  // namespace syncline::tests
