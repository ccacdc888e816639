// ARCHITECTURE rule 3: native and WebAssembly yield byte-identical change sets. A fixed scenario's bytes are hashed step by step
// and compared with tests/golden/mutations/digest.txt; both builds run this test against the same file.
// To write the file anew after an intended change: SYNCLINE_UPDATE_GOLDEN=1 <this test>.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/unit/domain/crm_world.hpp"

namespace syncline::tests {
namespace {

using namespace domain;
using namespace domain::crm;

constexpr const char* kDigestFile = SYNCLINE_SOURCE_DIR "/tests/golden/mutations/digest.txt";

void append(base::Bytes& out, const model::Record& record) {
  if (record) out.insert(out.end(), record.bytes().begin(), record.bytes().end());
}
void append(base::Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
  out.push_back(0);
}

// Everything that an outcome says, as bytes.
base::Bytes bytes_of(const mutation::RunOutcome& outcome) {
  base::Bytes out;
  append(out, base::to_string(code_of(outcome)));
  for (const model::Change& change : outcome.changes.changes) {
    out.push_back(static_cast<std::uint8_t>(change.kind));
    append(out, change.before);
    append(out, change.after);
  }
  for (const model::DomainEvent& event : outcome.changes.events) {
    append(out, base::to_string(event.record) + event.type + event.action);
  }
  for (const auto& entry : outcome.result) {
    append(out, entry.first + (entry.second.is_null() ? "" : base::to_string(entry.second.id())));
  }
  return out;
}

std::string hex(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = "0123456789abcdef"[number >> (4 * i) & 15];
  return text;
}

class Golden : public CrmWorld {
 protected:
  mutation::RunOutcome step(std::string_view name, MutationWorld::Fields fields) {
    world_.advance(61'001);
    mutation::RunOutcome outcome = world_.run(name, fields);
    const base::Bytes bytes = bytes_of(outcome);
    all_.insert(all_.end(), bytes.begin(), bytes.end());
    digest_ += hex(base::hash_bytes(bytes)) + " " + std::to_string(bytes.size()) + " " +
               std::string(name) + " " + std::string(base::to_string(code_of(outcome))) + "\n";
    return outcome;
  }
  Id add(std::string_view collection, MutationWorld::Fields fields) {
    return step(std::string(collection) + ".insert", fields).result.front().second.id();
  }
  void play();
  std::string digest() {
    play();
    return digest_ + hex(base::hash_bytes(all_)) + " " + std::to_string(all_.size()) + " total\n";
  }

  std::string digest_;
  base::Bytes all_;
};

void Golden::play() {
  become(Role::manager);
  const Id company =
      add("crm.companies", {{Company::name, "Zürich Präzision AG"},
                            {Company::kinds, model::make_text_set({"supplier", "customer"})},
                            {Company::annual_revenue, money(-1'234'567'890'123)},
                            {Company::employees, 12'000},
                            {Company::notes, "first line\nsecond line\n東京\n"}});
  const Id contact =
      add("crm.contacts", {{Contact::name, "Łukasz Żółć"}, {Contact::company_id, company}});
  step("crm.contacts.update", {{model::kIdField, contact}, {Contact::status, Contact::kProspect}});
  become(Role::agent);
  const Id lead = add("crm.leads", {{Lead::name, "Ada"},
                                    {Lead::company_name, "zurich prazision ag"},
                                    {Lead::value, money(39'500'000)},
                                    {Lead::tags, model::make_text_set({"b", "a", "ä"})}});
  step("crm.lead.assign", {{model::kIdField, lead}, {AssignLead::owner_id, user_id(Role::agent)}});
  const auto converted =
      step("crm.lead.convert", {{model::kIdField, lead}, {ConvertLead::deal_name, "  Mill  "}});
  step("crm.lead.convert", {{model::kIdField, lead}});
  const Id deal = converted.result.back().second.id();
  step("crm.deal.move", {{model::kIdField, deal}, {MoveDeal::stage_id, stage("won")}});
  step("crm.deal.move", {{model::kIdField, deal}, {MoveDeal::stage_id, stage("lost")}});
  step("crm.deals.update",
       {{model::kIdField, deal}, {Deal::stage_id, stage("proposal")}, {Deal::probability, 55}});
  for (int i = 0; i < 3; ++i) {
    const Id other =
        add("crm.deals",
            {{Deal::name, "Other"}, {Deal::stage_id, stage("proposal")}, {Deal::position, 7}});
    step("crm.deal.move", {{model::kIdField, other},
                           {MoveDeal::stage_id, stage("proposal")},
                           {MoveDeal::position, 7}});
  }
  const Id task =
      add("crm.tasks",
          {{Task::title, "Call"}, {Task::deal_id, deal}, {Task::due_at, base::Timestamp{-1}}});
  step("crm.tasks.update", {{model::kIdField, task}, {Task::assignee_id, user_id(Role::engineer)}});
  step("crm.task.complete", {{model::kIdField, task}});
  step("crm.tasks.update", {{model::kIdField, task}, {Task::status, Task::kInProgress}});
  add("crm.phone_calls", {{PhoneCall::direction, PhoneCall::kOut},
                          {PhoneCall::at, world_.now()},
                          {PhoneCall::deal_id, deal}});
  step("crm.deals.remove", {{model::kIdField, deal}});
  become(Role::viewer);
  step("crm.leads.remove", {{model::kIdField, lead}});
  become(Role::admin);
  step("crm.companies.remove", {{model::kIdField, company}});
  step("platform.users.remove", {{model::kIdField, user_id(Role::agent)}});
}

TEST_F(Golden, ChangeSetsAreTheSameInEveryBuild) {
  const std::string now = digest();
  if (std::getenv("SYNCLINE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kDigestFile) << now;
  }
  std::ifstream file(kDigestFile);
  ASSERT_TRUE(file) << kDigestFile;
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(now, expected.str());
}

// The same scenario in a second world gives the same bytes: nothing depends on addresses, order of hashing or a clock.
class GoldenAgain : public Golden {};
TEST_F(GoldenAgain, TwoRunsGiveTheSameBytes) {
  const std::string first = digest();
  struct Second : GoldenAgain {
    void TestBody() override {}
    using Golden::digest;
  };
  EXPECT_EQ(first, Second().digest());
}

// And one mutation run twice over the same rows, without applying it.
TEST_F(Golden, OneMutationTwice) {
  become(Role::agent);
  const Id lead = world_.insert("crm.leads", {{Lead::name, "Ada"}, {Lead::company_name, "X"}});
  model::Mutation mutation;
  mutation.name = "crm.lead.convert";
  mutation.arguments = model::Arguments(patch({{model::kIdField, lead}}));
  mutation.id.client = numbered_id(5);
  mutation.id.sequence = 9;
  mutation.created_at = world_.now();
  mutation::Context context;
  context.actor.role = Role::agent;
  context.actor.user = user_id(Role::agent);
  context.id = mutation.id;
  context.created_at = mutation.created_at;
  context.now = world_.now();
  context.authoritative = true;
  const auto server = mutation::run(*domain_, world_.reader(), mutation, context);
  context.authoritative = false;
  const auto browser = mutation::run(*domain_, world_.reader(), mutation, context);
  ASSERT_EQ(code_of(server), Code::ok);
  EXPECT_EQ(bytes_of(server), bytes_of(browser));
}

}  // namespace
}  // namespace syncline::tests
