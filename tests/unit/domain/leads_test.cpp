#include "tests/unit/domain/crm_world.hpp"

namespace syncline::tests {
namespace {

using namespace domain;
using namespace domain::crm;

class Leads : public CrmWorld {
 protected:
  Id lead(std::int64_t status = Lead::kNew, Value owner = {}) {
    world_.as(Role::system);
    const Id id = world_.insert("crm.leads", {{Lead::name, "Ada Byron"},
                                              {Lead::email, "ada@example.com"},
                                              {Lead::phone, "+44 20 7946 0000"},
                                              {Lead::job_title, "Analyst"},
                                              {Lead::company_name, "Engine Works"},
                                              {Lead::value, money(1'250'050)},
                                              {Lead::status, status},
                                              {Lead::owner_id, std::move(owner)}});
    world_.as(Role::admin, user_id(Role::admin));
    return id;
  }
  std::int64_t status(const Id& id) { return world_.row(kLeadsId, id).integer(Lead::status); }
  Id result(const mutation::RunOutcome& outcome, std::string_view name) {
    for (const auto& entry : outcome.result) {
      if (entry.first == name) return entry.second.is_null() ? Id{} : entry.second.id();
    }
    ADD_FAILURE() << "no result " << name;
    return {};
  }
};

// Rule: a lead needs a name only; it starts as new.
TEST_F(Leads, NeedANameOnly) {
  EXPECT_EQ(code_of(world_.run("crm.leads.insert", {})), Code::required);
  const Id id = world_.insert("crm.leads", {{Lead::name, "Ada"}});
  EXPECT_EQ(status(id), Lead::kNew);
  EXPECT_EQ(world_.row(kLeadsId, id).reference(model::kCreatedByField), user_id(Role::admin));
  EXPECT_FALSE(world_.row(kLeadsId, id).has(Lead::owner_id));
}

// Rule: bounds and formats of the fields (FIELDS.md).
TEST_F(Leads, RefuseWhatIsOutOfBounds) {
  const struct {
    model::FieldId field;
    Value value;
    Code code;
    const char* name;
  } cases[] = {
      {Lead::score, Value(101), Code::out_of_range, "score"},
      {Lead::score, Value(-1), Code::out_of_range, "score"},
      {Lead::email, Value("not an address"), Code::invalid, "email"},
      {Lead::name, Value(std::string(201, 'x')), Code::out_of_range, "name"},
      {Lead::value, Value("12"), Code::wrong_type, "value"},
      {Lead::source_id, Value(numbered_id(77)), Code::bad_reference, "sourceId"},
      {Lead::owner_id, Value(numbered_id(77)), Code::bad_reference, "ownerId"},
      {Lead::converted_at, Value(base::Timestamp{5}), Code::read_only, "convertedAt"},
      {Lead::converted_deal_id, Value(numbered_id(1)), Code::read_only, "convertedDealId"},
      {Lead::status, Value(5), Code::out_of_range, "status"},
      {Lead::status, Value(), Code::required, "status"},
  };
  const Id id = lead();
  for (const auto& c : cases) {
    const auto outcome =
        world_.run("crm.leads.update", {{model::kIdField, id}, {c.field, c.value}});
    EXPECT_EQ(code_of(outcome), c.code) << c.name;
    EXPECT_EQ(field_of(outcome.status), c.name);
    EXPECT_TRUE(outcome.changes.changes.empty());
  }
}

// Rule: new, contacted, qualified and unqualified freely among each other; converted is final and comes by convert only.
TEST_F(Leads, EveryStatusTransition) {
  for (std::int64_t from = 0; from < 5; ++from) {
    for (std::int64_t to = 0; to < 5; ++to) {
      const Id id = lead(from);
      const auto outcome =
          world_.run("crm.leads.update", {{model::kIdField, id}, {Lead::status, to}});
      const bool legal = from == to || (from != Lead::kConverted && to != Lead::kConverted);
      EXPECT_EQ(code_of(outcome), legal ? Code::ok : Code::illegal_transition)
          << from << " to " << to;
      EXPECT_EQ(status(id), legal ? to : from);
    }
  }
  const auto born_converted =
      world_.run("crm.leads.insert", {{Lead::name, "Ada"}, {Lead::status, Lead::kConverted}});
  EXPECT_EQ(code_of(born_converted), Code::illegal_transition);
}

TEST_F(Leads, ChangeOfOwnerIsAnEvent) {
  const Id id = lead();
  const Id agent = user_id(Role::agent);
  EXPECT_EQ(
      events_of(world_.run("crm.leads.update", {{model::kIdField, id}, {Lead::owner_id, agent}})),
      "lead_assigned:assigned");
  EXPECT_EQ(events_of(world_.run("crm.leads.update", {{model::kIdField, id}, {Lead::score, 7}})),
            "");
  EXPECT_EQ(events_of(world_.run("crm.lead.assign",
                                 {{model::kIdField, id}, {AssignLead::owner_id, agent}})),
            "");
  EXPECT_EQ(events_of(world_.run("crm.lead.assign", {{model::kIdField, id}})),
            "lead_assigned:assigned");
  EXPECT_FALSE(world_.row(kLeadsId, id).has(Lead::owner_id));
}

// Rule: an agent may hand a lead over by assigning it, but not give it away by writing the field.
TEST_F(Leads, AgentHandsOverByAssigning) {
  const Id id = lead(Lead::kNew, user_id(Role::agent));
  become(Role::agent);
  EXPECT_EQ(code_of(world_.run("crm.leads.update",
                               {{model::kIdField, id}, {Lead::owner_id, other_agent()}})),
            Code::forbidden);
  EXPECT_EQ(code_of(world_.run("crm.lead.assign",
                               {{model::kIdField, id}, {AssignLead::owner_id, other_agent()}})),
            Code::ok);
  EXPECT_EQ(code_of(world_.run("crm.lead.assign", {{model::kIdField, id},
                                                   {AssignLead::owner_id, user_id(Role::agent)}})),
            Code::not_found);
}

TEST_F(Leads, ConvertMakesCompanyContactDealAndActivity) {
  const Id id = lead(Lead::kQualified, user_id(Role::agent));
  const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, id}});
  ASSERT_EQ(code_of(outcome), Code::ok);
  EXPECT_EQ(events_of(outcome), "lead_converted:converted");
  ASSERT_EQ(outcome.changes.changes.size(), 5u);
  EXPECT_EQ(outcome.changes.changes.front().id(), id) << "the lead was written first";

  const model::Record company = world_.row(kCompaniesId, result(outcome, "companyId"));
  EXPECT_EQ(company.text(Company::name), "Engine Works");
  EXPECT_EQ(company.reference(Company::owner_id), user_id(Role::agent));
  const model::Record contact = world_.row(kContactsId, result(outcome, "contactId"));
  EXPECT_EQ(contact.text(Contact::name), "Ada Byron");
  EXPECT_EQ(contact.text(Contact::email), "ada@example.com");
  EXPECT_EQ(contact.text(Contact::phone), "+44 20 7946 0000");
  EXPECT_EQ(contact.text(Contact::job_title), "Analyst");
  EXPECT_EQ(contact.reference(Contact::company_id), company.id());
  const model::Record deal = world_.row(kDealsId, result(outcome, "dealId"));
  EXPECT_EQ(deal.text(Deal::name), "Ada Byron");
  EXPECT_EQ(deal.get(Deal::value), money(1'250'050));
  EXPECT_EQ(deal.reference(Deal::stage_id), stage("discovery"));
  EXPECT_EQ(deal.reference(Deal::company_id), company.id());
  EXPECT_EQ(deal.reference(Deal::contact_id), contact.id());
  EXPECT_EQ(deal.reference(Deal::owner_id), user_id(Role::agent));

  const model::Record converted = world_.row(kLeadsId, id);
  EXPECT_EQ(converted.integer(Lead::status), Lead::kConverted);
  EXPECT_EQ(converted.get(Lead::converted_at), Value(world_.now()));
  EXPECT_EQ(converted.reference(Lead::converted_company_id), company.id());
  EXPECT_EQ(converted.reference(Lead::converted_contact_id), contact.id());
  EXPECT_EQ(converted.reference(Lead::converted_deal_id), deal.id());

  const auto activities = world_.reader().rows(kActivitiesId);
  ASSERT_EQ(activities.size(), 1u);
  EXPECT_EQ(activities.front().integer(Activity::kind), Activity::kSystem);
  EXPECT_EQ(activities.front().reference(Activity::lead_id), id);
  EXPECT_EQ(activities.front().reference(Activity::deal_id), deal.id());
  EXPECT_EQ(activities.front().reference(Activity::user_id), user_id(Role::admin));
}

TEST_F(Leads, ConvertTwiceIsRefused) {
  const Id id = lead();
  ASSERT_EQ(code_of(world_.run("crm.lead.convert", {{model::kIdField, id}})), Code::ok);
  const std::size_t rows = world_.reader().size();
  EXPECT_EQ(code_of(world_.run("crm.lead.convert", {{model::kIdField, id}})),
            Code::already_converted);
  EXPECT_EQ(world_.reader().size(), rows);
}

// Rule: the company is matched by name under the collation.
TEST_F(Leads, ConvertMatchesTheCompanyByName) {
  const Id company = world_.insert("crm.companies", {{Company::name, "éNGINE wORKS"}});
  world_.insert("crm.companies", {{Company::name, "Engine Works Ltd"}});
  const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, lead()}});
  EXPECT_EQ(result(outcome, "companyId"), company);
  EXPECT_EQ(world_.reader().rows(kCompaniesId).size(), 2u);
}

// Rule: % and _ in a company's name mean themselves.
TEST_F(Leads, ConvertMatchesNoPattern) {
  world_.insert("crm.companies", {{Company::name, "Engine Works"}});
  world_.insert("crm.companies", {{Company::name, "100x"}});
  for (const char* name : {"%", "100_", "Engine%"}) {
    const Id id = world_.insert("crm.leads", {{Lead::name, "Ada"}, {Lead::company_name, name}});
    const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, id}});
    EXPECT_EQ(world_.row(kCompaniesId, result(outcome, "companyId")).text(Company::name), name);
  }
}

TEST_F(Leads, ConvertWithoutCompanyNameNamesTheCompanyAfterTheLead) {
  const Id id = world_.insert("crm.leads", {{Lead::name, "Grace"}});
  const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, id}});
  EXPECT_EQ(world_.row(kCompaniesId, result(outcome, "companyId")).text(Company::name), "Grace");
  const model::Record deal = world_.row(kDealsId, result(outcome, "dealId"));
  EXPECT_FALSE(deal.has(Deal::value));
  EXPECT_EQ(deal.reference(Deal::owner_id), user_id(Role::admin))
      << "nobody's lead: the one who converts it";
}

TEST_F(Leads, ConvertTakesItsArguments) {
  const Id company = world_.insert("crm.companies", {{Company::name, "Other"}});
  const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, lead()},
                                                       {ConvertLead::company_id, company},
                                                       {ConvertLead::deal_name, "Big one"},
                                                       {ConvertLead::stage_id, stage("proposal")}});
  EXPECT_EQ(result(outcome, "companyId"), company);
  const model::Record deal = world_.row(kDealsId, result(outcome, "dealId"));
  EXPECT_EQ(deal.text(Deal::name), "Big one");
  EXPECT_EQ(deal.reference(Deal::stage_id), stage("proposal"));
  EXPECT_EQ(deal.integer(Deal::probability), 50);

  const auto no_deal = world_.run("crm.lead.convert",
                                  {{model::kIdField, lead()}, {ConvertLead::create_deal, false}});
  EXPECT_EQ(code_of(no_deal), Code::ok);
  EXPECT_TRUE(result(no_deal, "dealId").is_nil());
  EXPECT_EQ(world_.reader().rows(kDealsId).size(), 1u);
}

TEST_F(Leads, ConvertRefusesBadArgumentsAndLeavesNothing) {
  const Id id = lead();
  const std::size_t rows = world_.reader().size();
  const auto company = world_.run(
      "crm.lead.convert", {{model::kIdField, id}, {ConvertLead::company_id, numbered_id(77)}});
  EXPECT_EQ(code_of(company), Code::bad_reference);
  EXPECT_EQ(field_of(company.status), "companyId");
  const auto stage_error = world_.run(
      "crm.lead.convert", {{model::kIdField, id}, {ConvertLead::stage_id, numbered_id(77)}});
  EXPECT_EQ(code_of(stage_error), Code::bad_reference);
  EXPECT_EQ(field_of(stage_error.status), "stageId");
  EXPECT_EQ(
      code_of(world_.run("crm.lead.convert", {{model::kIdField, id}, {ConvertLead::deal_name, 5}})),
      Code::wrong_type);
  EXPECT_EQ(code_of(world_.run("crm.lead.convert", {{model::kIdField, id}, {99, 5}})),
            Code::unknown_field);
  EXPECT_EQ(code_of(world_.run("crm.lead.convert", {{model::kIdField, numbered_id(77)}})),
            Code::not_found);
  EXPECT_EQ(code_of(world_.run("crm.lead.convert", {})), Code::required);
  EXPECT_EQ(world_.reader().size(), rows);
  EXPECT_EQ(status(id), Lead::kNew);
}

// Rule: a company that the agent may not see is neither matched nor named.
TEST_F(Leads, ConvertByAnAgentSeesOnlyTheirCompanies) {
  const Id hidden = world_.insert(
      "crm.companies", {{Company::name, "Engine Works"}, {Company::owner_id, other_agent()}});
  const Id first = lead();
  const Id second = lead();
  become(Role::agent);
  EXPECT_EQ(code_of(world_.run("crm.lead.convert",
                               {{model::kIdField, first}, {ConvertLead::company_id, hidden}})),
            Code::bad_reference);
  const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, second}});
  ASSERT_EQ(code_of(outcome), Code::ok);
  EXPECT_FALSE(result(outcome, "companyId") == hidden);
}

// SEMANTICS 9: where the browser cannot know whether the company is there, the lead is converted and the rest waits.
TEST_F(Leads, ConvertOverAPartialReplicaStopsWithWhatIsCertain) {
  const Id id = lead();
  world_.be_optimistic();
  world_.reader().make_partial(kCompaniesId);
  const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, id}});
  EXPECT_EQ(code_of(outcome), Code::needs_server);
  ASSERT_EQ(outcome.changes.changes.size(), 1u);
  EXPECT_EQ(outcome.changes.changes.front().after.integer(Lead::status), Lead::kConverted);
}

// Rule: what was converted keeps its data editable, and keeps its history when the deal goes.
TEST_F(Leads, ConvertedLeadOutlivesItsDeal) {
  const Id id = lead();
  const auto outcome = world_.run("crm.lead.convert", {{model::kIdField, id}});
  EXPECT_EQ(code_of(world_.run("crm.leads.update",
                               {{model::kIdField, id}, {Lead::name, "Ada Lovelace"}})),
            Code::ok);
  EXPECT_EQ(code_of(world_.run("crm.deals.remove", {{model::kIdField, result(outcome, "dealId")}})),
            Code::ok);
  EXPECT_FALSE(world_.row(kLeadsId, id).has(Lead::converted_deal_id));
  EXPECT_EQ(status(id), Lead::kConverted);
  EXPECT_TRUE(world_.reader().rows(kActivitiesId).empty()) << "activities go with their deal";
}

}  // namespace
}  // namespace syncline::tests
