// Rule: an address names a collection, a record, an action or nested records by the schema alone.
#include "server/api/router.hpp"

#include <gtest/gtest.h>

#include "domain/domain.hpp"
#include "server/api/url.hpp"

namespace syncline::tests {
namespace {

using server::api::Place;

class RouterTest : public ::testing::Test {
 protected:
  std::optional<Place> find(const std::string& path) const {
    return router_.find(server::api::parse_target(path).value().segments);
  }
  const std::unique_ptr<mutation::Domain> domain_ = domain::make_domain();
  const server::api::Router router_{*domain_};
};

TEST_F(RouterTest, EveryCollectionHasItsAddress) {
  for (const model::Collection& collection : domain_->schema.collections()) {
    const auto place = find(std::string(collection.spec().api_path));
    ASSERT_TRUE(place.has_value()) << collection.name();
    EXPECT_EQ(place->collection, &collection);
    EXPECT_EQ(place->kind, Place::Kind::collection);
  }
  EXPECT_EQ(find("/api/leads")->collection->name(), "leads");
}

TEST_F(RouterTest, NestsUnderTheReferenceNamedAfterTheParent) {
  const std::string id = "/01939f3e-0000-7000-8000-000000000001";
  const auto activities = find("/api/crm/leads" + id + "/activities");
  ASSERT_TRUE(activities.has_value());
  EXPECT_EQ(activities->kind, Place::Kind::nested);
  EXPECT_EQ(activities->collection->field(activities->parent_field).spec.name, "leadId");
  const auto subsidiaries = find("/api/crm/companies" + id + "/companies");
  ASSERT_TRUE(subsidiaries.has_value());
  EXPECT_EQ(subsidiaries->collection->field(subsidiaries->parent_field).spec.name, "parentId");
  EXPECT_FALSE(find("/api/crm/leads" + id + "/deal-stages").has_value()) << "no reference";
  EXPECT_EQ(find("/api/crm/deals" + id + "/move")->kind, Place::Kind::action);
  EXPECT_FALSE(find("/api/crm/deals" + id + "/update").has_value())
      << "generic mutators have methods, not paths";
}

TEST(Url, Base64RoundTrips) {
  for (std::size_t length = 0; length < 70; ++length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(i * 37 + length));
    EXPECT_EQ(server::api::base64url_decode(server::api::base64url_encode(bytes)).value(), bytes);
  }
  EXPECT_FALSE(server::api::base64url_decode("a+b/").ok());
}

TEST(Url, DecodesOnceAndOnlyWhole) {
  const auto target = server::api::parse_target("/a%2Fb//c?x=1+2&y=%2B&z&=1#frag").value();
  EXPECT_EQ(target.segments, (std::vector<std::string>{"a/b", "c"}));
  const server::api::Parameters expected = {{"x", "1 2"}, {"y", "+"}, {"z", ""}, {"", "1"}};
  EXPECT_EQ(target.parameters, expected);
  EXPECT_FALSE(server::api::parse_target("/a?x=1&y=2&x=1").ok()) << "which one would count?";
}

}  // namespace
}  // namespace syncline::tests
