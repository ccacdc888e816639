// The collections whose rules are few: companies, contacts, activities, phone calls, users, lists people arrange.
#include "syncline/model/validate.hpp"
#include "tests/unit/domain/crm_world.hpp"

namespace syncline::tests {
namespace {

using namespace domain;
using namespace domain::crm;

using Records = CrmWorld;

TEST_F(Records, CompanyIsNeverAboveItself) {
  const Id top = world_.insert("crm.companies", {{Company::name, "Top"}});
  const Id middle =
      world_.insert("crm.companies", {{Company::name, "Middle"}, {Company::parent_id, top}});
  const Id low =
      world_.insert("crm.companies", {{Company::name, "Low"}, {Company::parent_id, middle}});
  for (const Id& parent : {top, middle, low}) {
    const auto outcome =
        world_.run("crm.companies.update", {{model::kIdField, top}, {Company::parent_id, parent}});
    EXPECT_EQ(code_of(outcome), Code::rule_violation);
    EXPECT_EQ(field_of(outcome.status), "parentId");
  }
  EXPECT_EQ(code_of(world_.run("crm.companies.update",
                               {{model::kIdField, low}, {Company::parent_id, top}})),
            Code::ok);
}

// Rule: the walk up a chain ends, also where the chain is longer than any group of companies.
TEST_F(Records, ChainOfCompaniesHasALimit) {
  Value above;
  for (int i = 0; i < 40; ++i) {
    above = world_.insert("crm.companies", {{Company::name, "Link"}, {Company::parent_id, above}});
  }
  const Id id = world_.insert("crm.companies", {{Company::name, "End"}});
  EXPECT_EQ(code_of(world_.run("crm.companies.update",
                               {{model::kIdField, id}, {Company::parent_id, above}})),
            Code::rule_violation);
}

TEST_F(Records, CompanyFieldsAreChecked) {
  const struct {
    model::FieldId field;
    Value value;
    Code code;
  } cases[] = {
      {Company::employees, Value(-1), Code::out_of_range},
      {Company::kinds, Value(model::make_text_set({"customer", "friend"})), Code::out_of_range},
      {Company::website, Value("javascript:alert(1)"), Code::invalid},
      {Company::founded_year, Value(0), Code::out_of_range},
      {Company::notes, Value(std::string(20'001, 'x')), Code::out_of_range},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        code_of(world_.run("crm.companies.insert", {{Company::name, "A"}, {c.field, c.value}})),
        c.code)
        << c.field;
  }
}

// Rule: several complaints come together.
TEST_F(Records, AllComplaintsAtOnce) {
  const auto outcome =
      world_.run("crm.companies.insert",
                 {{Company::name, "A"}, {Company::employees, -1}, {Company::email, "x"}});
  ASSERT_EQ(code_of(outcome), Code::invalid);
  EXPECT_EQ(outcome.status.error().fields.size(), 2u);
}

TEST_F(Records, ContactStatusChangeIsAnEvent) {
  const Id id = world_.insert("crm.contacts", {{Contact::name, "Ada"}});
  EXPECT_EQ(world_.row(kContactsId, id).integer(Contact::status), Contact::kActive);
  EXPECT_EQ(events_of(world_.run("crm.contacts.update",
                                 {{model::kIdField, id}, {Contact::status, Contact::kCustomer}})),
            "contact_status_changed:status_changed");
  EXPECT_EQ(events_of(world_.run("crm.contacts.update",
                                 {{model::kIdField, id}, {Contact::city, "Ghent"}})),
            "");
}

TEST_F(Records, ActivityIsItsAuthorsAndNow) {
  const Id contact = world_.insert("crm.contacts", {{Contact::name, "Ada"}});
  const Id id = world_.insert("crm.activities", {{Activity::kind, Activity::kNote},
                                                 {Activity::subject, "Met"},
                                                 {Activity::contact_id, contact}});
  EXPECT_EQ(world_.row(kActivitiesId, id).get(Activity::at), Value(world_.now()));
  EXPECT_EQ(world_.row(kActivitiesId, id).reference(Activity::user_id), user_id(Role::admin));
  EXPECT_EQ(code_of(world_.run("crm.activities.insert", {{Activity::subject, "Met"}})),
            Code::required);
  ASSERT_TRUE(world_.run("crm.contacts.remove", {{model::kIdField, contact}}).status.ok());
  EXPECT_FALSE(world_.row(kActivitiesId, id)) << "goes with what it tells about";
}

TEST_F(Records, PhoneCallOutlivesItsContact) {
  const Id contact = world_.insert("crm.contacts", {{Contact::name, "Ada"}});
  const Id id = world_.insert("crm.phone_calls", {{PhoneCall::direction, PhoneCall::kIn},
                                                  {PhoneCall::at, world_.now()},
                                                  {PhoneCall::contact_id, contact}});
  EXPECT_EQ(world_.row(kPhoneCallsId, id).reference(PhoneCall::user_id), user_id(Role::admin));
  ASSERT_TRUE(world_.run("crm.contacts.remove", {{model::kIdField, contact}}).status.ok());
  ASSERT_TRUE(world_.row(kPhoneCallsId, id));
  EXPECT_FALSE(world_.row(kPhoneCallsId, id).has(PhoneCall::contact_id));
}

TEST_F(Records, OneUserPerAddressHoweverTyped) {
  const auto outcome =
      world_.run("platform.users.insert", {{User::name, "A"}, {User::email, "AGENT@Example.com"}});
  EXPECT_EQ(code_of(outcome), Code::not_unique);
  const Id id =
      world_.insert("platform.users", {{User::name, "B"}, {User::email, "New@Example.com"}});
  EXPECT_EQ(world_.row(kUsersId, id).text(User::email), "new@example.com");
  EXPECT_EQ(world_.row(kUsersId, id).integer(User::role), static_cast<std::int64_t>(Role::viewer));
  EXPECT_EQ(world_.row(kUsersId, id).get(User::can_log_in), Value(true));
}

// Rule: a deleted user owns nothing any more, but stays the author of what they made.
TEST_F(Records, DeletedUserLeavesTheirRecords) {
  world_.as(Role::agent, other_agent());
  const Id lead =
      world_.insert("crm.leads", {{Lead::name, "Ada"}, {Lead::owner_id, other_agent()}});
  become(Role::admin);
  const auto outcome = world_.run("platform.users.remove", {{model::kIdField, other_agent()}});
  ASSERT_EQ(code_of(outcome), Code::ok);
  EXPECT_EQ(events_of(outcome), "lead_assigned:assigned");
  EXPECT_FALSE(world_.row(kLeadsId, lead).has(Lead::owner_id));
  EXPECT_EQ(world_.row(kLeadsId, lead).reference(model::kCreatedByField), other_agent());
}

TEST_F(Records, NewEntriesOfArrangedListsGoToTheEnd) {
  const Id id = world_.insert("crm.deal_stages", {{DealStage::name, "Paused"}});
  for (const model::Record& row : world_.reader().rows(kDealStagesId)) {
    if (!(row.id() == id)) {
      EXPECT_LT(row.integer(DealStage::position),
                world_.row(kDealStagesId, id).integer(DealStage::position));
    }
  }
  EXPECT_EQ(code_of(world_.run("crm.deal_stages.insert", {{DealStage::name, "Paused"}})),
            Code::not_unique);
}

}  // namespace
}  // namespace syncline::tests
