// Rule (ENG-21, CRM-4 to CRM-6): a change reaches those of a dashboard's queries that it can affect, and no others. Seen from
// outside by the deltas that arrive, from inside by the groups that were evaluated.
#include <memory>

#include "domain/collections.hpp"
#include "domain/crm/activities.hpp"
#include "domain/crm/deals.hpp"
#include "domain/crm/leads.hpp"
#include "domain/crm/metrics.hpp"
#include "domain/crm/tasks.hpp"
#include "domain/domain.hpp"
#include "domain/platform/users.hpp"
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

namespace crm = domain::crm;
using crm::Activity;
using crm::Deal;
using crm::Lead;
using crm::Task;
using domain::platform::User;
using mutation::Role;
using query::Op;
using Names = std::set<std::string>;

constexpr std::int64_t kDayMs = 86'400'000;

base::Id reference_id(std::string_view collection, std::string_view key) {
  return base::make_id_from_key(collection, base::as_bytes(key));
}
base::Id stage(std::string_view key) { return reference_id("crm.deal_stages", key); }

const mutation::Domain& crm_domain() {
  static const std::unique_ptr<mutation::Domain> domain = domain::make_domain();
  return *domain;
}

class DashboardTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kOldLead = 1, kLead = 2, kConvertedLead = 3, kDeal = 4, kTask = 5,
                                 kAdmin = 90, kAgent = 91;

  DashboardTest() {
    world_.write(domain::reference_data());
    for (const std::uint32_t user : {kAdmin, kAgent}) {
      const std::string name = "user" + std::to_string(user);
      world_.write(mutation_of("platform.users.insert", {{model::kIdField, test_id(user)},
                                                         {User::email, name + "@example.com"},
                                                         {User::name, name}}));
    }
    insert("crm.leads", kOldLead, {{Lead::name, "old"}});
    world_.advance(100 * kDayMs);
    insert("crm.leads", kLead, {{Lead::name, "new"}});
    insert("crm.leads", kConvertedLead, {{Lead::name, "done"}});
    write("crm.lead.convert", kConvertedLead, {{crm::ConvertLead::create_deal, false}});
    insert("crm.deals", kDeal,
           {{Deal::name, "deal"},
            {Deal::value, model::Decimal{100, 2}},
            {Deal::opened_on, base::date_of(world_.now())}});
    insert("crm.tasks", kTask, {{Task::title, "task"}, {Task::due_at, world_.now()}});
  }

  // As a person does it.
  void write(const std::string& name, std::uint32_t id, std::vector<FieldValue> arguments = {}) {
    arguments.push_back({model::kIdField, test_id(id)});
    authority::Submission submission;
    submission.actor = {test_id(kAdmin), Role::admin};
    submission.mutations = {mutation_of(name, arguments)};
    const authority::Answer answer = world_.submit(std::move(submission));
    ASSERT_EQ(answer.outcome.verdict.outcome, model::Outcome::applied)
        << answer.outcome.verdict.error.message;
  }
  void insert(const std::string& collection, std::uint32_t id,
              const std::vector<FieldValue>& fields) {
    write(collection + ".insert", id, fields);
  }

  // Everything that a dashboard of thirty days shows.
  void open_dashboard(Browser& browser) {
    browser.connect();
    std::uint32_t number = 0;
    names_.clear();
    for (crm::NamedQuery& named : crm::dashboard_queries(crm::last_days(world_.now(), 30))) {
      names_[++number] = named.name;
      browser.subscribe(number, std::move(named.query));
    }
    query::Query recent;
    recent.collection = domain::kActivitiesId;
    recent.order.push_back({Activity::at, true});
    recent.limit = 8;
    names_[++number] = "recentActivities";
    browser.subscribe(number, std::move(recent));
    world_.run();
    EXPECT_TRUE(browser.failed.empty());
    EXPECT_EQ(browser.queries.size(), names_.size());
  }

  // The queries that hear of it.
  Names touched_by(const std::string& name, std::uint32_t id,
                   const std::vector<FieldValue>& arguments = {}) {
    return touched_by(admin_, name, id, arguments);
  }
  Names touched_by(const Browser& browser, const std::string& name, std::uint32_t id,
                   const std::vector<FieldValue>& arguments = {}) {
    std::map<std::uint32_t, std::size_t> before;
    for (const auto& [number, state] : browser.queries) before[number] = state.deltas;
    const auto evaluated = world_.authority().statistics().groups_evaluated;
    write(name, id, arguments);
    evaluated_ = world_.authority().statistics().groups_evaluated - evaluated;
    Names touched;
    for (const auto& [number, state] : browser.queries) {
      EXPECT_EQ(state.snapshots, 1u) << names_.at(number) << " was read anew";
      if (state.deltas != before.at(number)) touched.insert(names_.at(number));
    }
    return touched;
  }

  World world_{{}, crm_domain()};
  Browser admin_{world_, Role::admin, kAdmin, 100};
  std::map<std::uint32_t, std::string> names_;
  std::uint64_t evaluated_ = 0;  // groups, by the last write
};

TEST_F(DashboardTest, WhatNoFigureReadsIsNotEvenLookedAt) {
  open_dashboard(admin_);
  EXPECT_EQ(touched_by("crm.leads.update", kLead, {{Lead::phone, "+49 30 1234567"}}), Names());
  EXPECT_EQ(evaluated_, 0u);
  EXPECT_EQ(touched_by("crm.leads.update", kLead, {{Lead::notes, "called"}, {Lead::score, 7}}),
            Names());
  EXPECT_EQ(evaluated_, 0u);
  EXPECT_EQ(touched_by("crm.leads.update", kConvertedLead, {{Lead::name, "Done"}}), Names());
  EXPECT_EQ(evaluated_, 0u);
}

TEST_F(DashboardTest, ALeadsSourceConcernsTheFiguresBySource) {
  open_dashboard(admin_);
  const base::Id referral = reference_id("crm.lead_sources", "referral");
  EXPECT_EQ(touched_by("crm.leads.update", kLead, {{Lead::source_id, referral}}),
            Names({"leadsBySource"}));
  EXPECT_EQ(evaluated_, 1u);
  EXPECT_EQ(touched_by("crm.leads.update", kConvertedLead, {{Lead::source_id, referral}}),
            Names({"convertedLeadsBySource", "leadsBySource"}));
  EXPECT_EQ(evaluated_, 2u);
}

TEST_F(DashboardTest, ALeadsStatusConcernsTheFiguresByStatus) {
  open_dashboard(admin_);
  EXPECT_EQ(touched_by("crm.leads.update", kLead, {{Lead::status, Lead::kContacted}}),
            Names({"leadsByStatus"}));
  EXPECT_EQ(evaluated_, 1u);
}

TEST_F(DashboardTest, ALeadThatComesOrGoesIsNewOnlyInItsPeriod) {
  open_dashboard(admin_);
  EXPECT_EQ(touched_by("crm.leads.insert", 6, {{Lead::name, "six"}}),
            Names({"leadsBySource", "leadsByStatus", "newLeads"}));
  EXPECT_EQ(evaluated_, 3u);
  EXPECT_EQ(touched_by("crm.leads.remove", kOldLead), Names({"leadsBySource", "leadsByStatus"}));
  EXPECT_EQ(evaluated_, 2u);
}

// A conversion is all it does: the lead, a deal, an activity. No task is asked.
TEST_F(DashboardTest, AConversionConcernsWhatItMakes) {
  open_dashboard(admin_);
  EXPECT_EQ(touched_by("crm.lead.convert", kLead),
            Names({"activities", "convertedLeads", "convertedLeadsBySource", "dealsByStage",
                   "leadsByStatus", "openDealsSince", "recentActivities", "timeToConvert"}));
  EXPECT_EQ(touched_by("crm.lead.convert", kOldLead, {{crm::ConvertLead::create_deal, false}}),
            Names({"activities", "convertedLeadsBySource", "leadsByStatus", "recentActivities",
                   "timeToConvert"}))
      << "it was not new in these days";
}

TEST_F(DashboardTest, ADealMovesTheFiguresOfItsStage) {
  open_dashboard(admin_);
  EXPECT_EQ(touched_by("crm.deals.update", kDeal, {{Deal::notes, "soon"}}), Names());
  EXPECT_EQ(touched_by("crm.deals.update", kDeal, {{Deal::stage_id, stage("proposal")}}),
            Names({"dealsByStage", "openDealsSince"}));
  EXPECT_EQ(
      touched_by("crm.deals.update", kDeal,
                 {{Deal::stage_id, stage("won")}, {Deal::closed_on, base::date_of(world_.now())}}),
      Names({"closedDeals", "dealsByStage", "openDealsSince", "wonDealsSince"}));
}

TEST_F(DashboardTest, ATaskConcernsTasks) {
  open_dashboard(admin_);
  EXPECT_EQ(touched_by("crm.tasks.update", kTask, {{Task::priority, Task::kHigh}}),
            Names({"unfinishedTasks"}));
  EXPECT_EQ(touched_by("crm.task.complete", kTask), Names({"tasksDue", "unfinishedTasks"}));
}

// What an agent sees depends on who owns it: that the owner changes concerns their figures and not the admin's.
TEST_F(DashboardTest, RightsAreReadToo) {
  Browser agent(world_, Role::agent, kAgent, 101);
  open_dashboard(admin_);
  open_dashboard(agent);
  EXPECT_EQ(touched_by(agent, "crm.leads.update", kLead, {{Lead::owner_id, test_id(kAdmin)}}),
            Names({"leadsBySource", "leadsByStatus", "newLeads"}))
      << "it is another's now";
  EXPECT_EQ(touched_by(admin_, "crm.leads.update", kLead, {{Lead::owner_id, test_id(kAgent)}}),
            Names());
}

}  // namespace
}  // namespace syncline::tests
