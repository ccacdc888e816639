// The seeded business is the same each time, lies in the past, and has something of everything.
#include <map>

#include <gtest/gtest.h>

#include "server/app/seed/seeder.hpp"
#include "world.hpp"

namespace syncline::server::app {
namespace {

const base::Timestamp kNow{1'795'000'000'000};

class Seeding : public testing::World {
 protected:
  // Every commit as text, which names its time, its author and the rows.
  std::vector<std::string> seed(const std::string& name, std::map<model::CollectionId, int>& rows) {
    auto opened = open_database((folder_ / name).string(), *domain_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    // Nobody pulls the plug here: without a thousand fsyncs it takes a second.
    EXPECT_TRUE((*opened)->connection().exec("PRAGMA synchronous = OFF").ok());
    LocalWriter writer(*domain_, **opened, 1);
    EXPECT_FALSE(*seed::is_demo(**opened));
    const auto summary = seed::seed_crm(writer, *domain_, seed::Size::small, kNow);
    EXPECT_TRUE(summary.ok()) << summary.error().message;
    EXPECT_TRUE(*seed::is_demo(**opened));
    std::vector<std::string> told;
    const model::Version reference = domain::reference_data().size();
    EXPECT_TRUE((*opened)
                    ->read_log(reference, 1'000'000,
                               [&](const authority::LogEntry& entry) {
                                 EXPECT_FALSE(kNow < entry.at);
                                 std::string line = base::to_string(entry.at) + " " +
                                                    base::to_string(entry.user) + " " +
                                                    entry.mutator;
                                 for (const auto& change : entry.changes.changes) {
                                   line += " " + base::to_string(change.id());
                                   if (change.kind == model::ChangeKind::insert)
                                     ++rows[change.collection().id()];
                                 }
                                 told.push_back(line);
                                 return true;
                               })
                    .ok());
    return told;
  }
};

TEST_F(Seeding, IsDeterministicAndComplete) {
  std::map<model::CollectionId, int> rows, again;
  const auto first = seed("a.db", rows);
  EXPECT_EQ(first, seed("b.db", again));
  EXPECT_GT(first.size(), 500u);
  for (const auto& [collection, least] :
       std::map<model::CollectionId, int>{{domain::kUsersId, 9},
                                          {domain::kCompaniesId, 40},
                                          {domain::kContactsId, 60},
                                          {domain::kLeadsId, 50},
                                          {domain::kDealsId, 40},
                                          {domain::kActivitiesId, 200},
                                          {domain::kTasksId, 50},
                                          {domain::kPhoneCallsId, 60}}) {
    EXPECT_GE(rows[collection], least) << collection;
  }
}

}  // namespace
}  // namespace syncline::server::app
