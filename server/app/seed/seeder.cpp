#include "server/app/seed/seeder.hpp"

#include <algorithm>

#include "domain/crm/activities.hpp"
#include "domain/crm/companies.hpp"
#include "domain/crm/contacts.hpp"
#include "domain/crm/deal_stages.hpp"
#include "domain/crm/deals.hpp"
#include "domain/crm/lead_sources.hpp"
#include "domain/crm/leads.hpp"
#include "domain/crm/phone_calls.hpp"
#include "domain/crm/task_categories.hpp"
#include "domain/crm/tasks.hpp"
#include "domain/declare.hpp"
#include "domain/platform/users.hpp"
#include "server/app/seed/script.hpp"
#include "server/app/seed/vocabulary.hpp"
#include "server/auth/passwords.hpp"

namespace syncline::server::app::seed {
namespace {

using domain::PatchBuilder;
using domain::platform::User;
using model::Value;
using mutation::Actor;
using namespace domain::crm;

constexpr std::string_view kColors[] = {"#2563eb", "#16a34a", "#d97706", "#9333ea",
                                        "#db2777", "#0891b2", "#64748b"};
constexpr std::int64_t kWindow = 90 * kDay;

struct Customer {
  Firm firm;
  base::Id id;
  Actor owner;
  base::Timestamp since;
  std::vector<std::pair<base::Id, Person>> contacts;
};

Value money(std::uint64_t units) {
  return model::Decimal{static_cast<std::int64_t>(units) * 100, 2};
}

class Seeder {
 public:
  Seeder(LocalWriter& writer, const mutation::Domain& domain, Size size, base::Timestamp now)
      : writer_(writer),
        scale_(size == Size::small    ? 1
               : size == Size::medium ? 10
                                      : 100),
        agents_wanted_(size == Size::small    ? 4
                       : size == Size::medium ? 12
                                              : 35),
        script_(domain, now, 0x5eed'0000 + static_cast<std::uint64_t>(size)),
        random_(script_.random()),
        start_(base::start_of(base::date_of(now)) + -kWindow) {}

  base::Result<Summary> run() {
    SYNC_TRY(read_reference_data());
    make_users();
    for (std::size_t i = 0; i < 40 * scale_; ++i) make_company(i);
    for (std::size_t i = 0; i < 80 * scale_; ++i) make_contact();
    for (std::size_t i = 0; i < 60 * scale_; ++i) make_lead(i);
    for (std::size_t i = 0; i < 45 * scale_; ++i) make_deal();
    for (std::size_t i = 0; i < 250 * scale_; ++i) make_activity();
    for (std::size_t i = 0; i < 60 * scale_; ++i) make_task();
    for (std::size_t i = 0; i < 80 * scale_; ++i) make_call();
    SYNC_ASSIGN(const std::size_t played, script_.play(writer_));
    SYNC_TRY(set_passwords());
    return Summary{played};
  }

 private:
  base::Status read_reference_data() {
    SYNC_TRY(read_ids(domain::kLeadSourcesId, sources_));
    SYNC_TRY(read_ids(domain::kTaskCategoriesId, categories_));
    ivm::FetchRequest all;
    all.where = query::always();
    all.order.push_back({DealStage::position, false});
    return writer_.storage()
        .sources()
        .source(domain::kDealStagesId)
        .fetch(all, [this](const model::Record& stage) {
          const auto kind = stage.integer(DealStage::kind);
          (kind == DealStage::kOpen  ? open_stages_
           : kind == DealStage::kWon ? won_stages_
                                     : lost_stages_)
              .push_back(stage.id());
          return true;
        });
  }

  base::Status read_ids(model::CollectionId collection, std::vector<base::Id>& into) {
    ivm::FetchRequest all;
    all.where = query::always();
    return writer_.storage()
        .sources()
        .source(collection)
        .fetch(all, [&into](const model::Record& row) {
          into.push_back(row.id());
          return true;
        });
  }

  // ---- people

  void make_users() {
    constexpr std::string_view kNames[] = {"Ada Admin", "Max Manager", "Alex Agent", "Eva Engineer",
                                           "Vic Viewer"};
    constexpr std::string_view kTitles[] = {"Administrator", "Head of sales", "Account manager",
                                            "Service engineer", "Controller"};
    const Actor system{{}, mutation::Role::system};
    for (std::size_t i = 0; i < std::size(kDemoAccounts); ++i) {
      const auto role = static_cast<mutation::Role>(i);
      const base::Id id = make_user(system, kNames[i], kDemoAccounts[i], role, kTitles[i], i);
      demo_users_.push_back(id);
      if (role == mutation::Role::manager) manager_ = id;
      if (role == mutation::Role::agent) agents_.push_back({id, role});
    }
    for (std::size_t i = 0; i < agents_wanted_; ++i) {
      const Person person = make_person(random_);
      const std::string email = make_email(person, "syncline.example");
      const bool taken = std::find(emails_.begin(), emails_.end(), email) != emails_.end();
      emails_.push_back(taken ? std::to_string(i) + "." + email : email);
      agents_.push_back({make_user(system, person.name(), emails_.back(), mutation::Role::agent,
                                   "Account manager", i),
                         mutation::Role::agent});
    }
  }

  base::Id make_user(const Actor& system, std::string_view name, std::string_view email,
                     mutation::Role role, std::string_view title, std::size_t number) {
    PatchBuilder user;
    user.set(User::name, name)
        .set(User::email, email)
        .set(User::role, static_cast<std::int64_t>(role))
        .set(User::title, title);
    user.set(User::phone, make_phone(random_))
        .set(User::avatar_color, kColors[number % std::size(kColors)]);
    if (role == mutation::Role::agent && !manager_.is_nil()) user.set(User::manager_id, manager_);
    return script_.insert(start_, system, domain::kUsersId, user.take());
  }

  base::Status set_passwords() {
    for (const base::Id& user : demo_users_) {
      SYNC_ASSIGN(const std::string hash, auth::hash_password(std::string(kDemoPassword)));
      SYNC_TRY(writer_.put_password_hash(user, hash));
    }
    return {};
  }

  // A few do more than the others, as everywhere.
  const Actor& an_agent() {
    return agents_[std::min(random_.below(agents_.size()), random_.below(agents_.size()))];
  }
  Customer& a_customer() { return customers_[random_.below(customers_.size())]; }
  bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
  std::int64_t days(std::uint64_t from, std::uint64_t to) {
    return static_cast<std::int64_t>((from + random_.below(to - from + 1)) *
                                         static_cast<std::uint64_t>(kDay) +
                                     random_.below(static_cast<std::uint64_t>(6 * kHour)));
  }

  // ---- companies and contacts

  void make_company(std::size_t number) {
    const Firm firm = make_firm(random_, number);
    const Actor owner = an_agent();
    const base::Timestamp at = chance(70) ? script_.workday_after(start_, kHour)
                                          : script_.working_time(start_, script_.now() + -2 * kDay);
    const std::uint64_t employees = 8 + random_.below(40) * random_.below(40);
    PatchBuilder company;
    company.set(Company::name, firm.name)
        .set(Company::sector, firm.sector)
        .set(Company::website, "https://" + firm.domain);
    company.set(Company::phone, make_phone(random_))
        .set(Company::email, "info@" + firm.domain)
        .set(Company::street, firm.street);
    company.set(Company::city, firm.city)
        .set(Company::region, firm.region)
        .set(Company::postal_code, firm.postal_code);
    company.set(Company::country, firm.country)
        .set(Company::employees, static_cast<std::int64_t>(employees));
    company.set(Company::annual_revenue, money(employees * (60'000 + random_.below(120'000))));
    company.set(Company::founded_year, static_cast<std::int64_t>(1900 + random_.below(122)))
        .set(Company::owner_id, owner.user);
    company.set(Company::kinds, model::make_text_set({chance(85)   ? "customer"
                                                      : chance(60) ? "supplier"
                                                                   : "carrier"}));
    if (chance(40)) company.set(Company::notes, make_note(random_));
    const base::Id id = script_.insert(at, owner, domain::kCompaniesId, company.take());
    if (!id.is_nil()) customers_.push_back({firm, id, owner, at, {}});
  }

  void make_contact() {
    Customer& customer = a_customer();
    const Person person = make_person(random_);
    const base::Timestamp at =
        script_.workday_after(customer.since, chance(70) ? 10 * kMinute : days(1, 40));
    PatchBuilder contact;
    contact.set(Contact::name, person.name())
        .set(Contact::first_name, person.first)
        .set(Contact::last_name, person.last);
    contact.set(Contact::email, make_email(person, customer.firm.domain))
        .set(Contact::phone, make_phone(random_));
    contact.set(Contact::job_title, make_job_title(random_))
        .set(Contact::company_id, customer.id)
        .set(Contact::owner_id, customer.owner.user);
    contact.set(Contact::city, customer.firm.city).set(Contact::country, customer.firm.country);
    contact.set(Contact::status, chance(50)   ? Contact::kCustomer
                                 : chance(60) ? Contact::kProspect
                                              : Contact::kActive);
    if (chance(25))
      contact.set(Contact::tags,
                  model::make_text_set({chance(50) ? "decision maker" : "newsletter"}));
    const base::Id id = script_.insert(at, customer.owner, domain::kContactsId, contact.take());
    if (!id.is_nil()) customer.contacts.emplace_back(id, person);
  }

  // ---- leads, from first contact to conversion

  void make_lead(std::size_t number) {
    const Person person = make_person(random_);
    const Firm firm = make_firm(random_, 40 * scale_ + number);
    const bool owned = !chance(10);
    const Actor owner = an_agent();
    const base::Timestamp at = script_.working_time(start_, script_.now());
    PatchBuilder lead;
    lead.set(Lead::name, person.name())
        .set(Lead::email, make_email(person, firm.domain))
        .set(Lead::phone, make_phone(random_));
    lead.set(Lead::company_name, firm.name).set(Lead::job_title, make_job_title(random_));
    lead.set(Lead::source_id, sources_[random_.below(sources_.size())])
        .set(Lead::score, static_cast<std::int64_t>(random_.below(101)));
    lead.set(Lead::value, money((1 + random_.below(60)) * 1'500));
    if (owned) lead.set(Lead::owner_id, owner.user);
    if (chance(50)) lead.set(Lead::notes, make_note(random_));
    if (chance(30)) lead.set(Lead::tags, model::make_text_set({chance(50) ? "trade fair" : "hot"}));
    const base::Id id = script_.insert(at, owner, domain::kLeadsId, lead.take());
    if (id.is_nil()) return;
    leads_.push_back({id, owner, at});
    if (!chance(80)) return;
    const base::Timestamp contacted = script_.workday_after(at, days(0, 4));
    script_.update(contacted, owner, domain::kLeadsId, id,
                   {domain::assign(Lead::status, Lead::kContacted)});
    const base::Timestamp judged = script_.workday_after(contacted, days(1, 9));
    if (chance(30)) {
      script_.update(judged, owner, domain::kLeadsId, id,
                     {domain::assign(Lead::status, Lead::kUnqualified)});
    } else if (chance(75)) {
      script_.update(judged, owner, domain::kLeadsId, id,
                     {domain::assign(Lead::status, Lead::kQualified)});
      if (chance(45))
        script_.act(script_.workday_after(judged, days(2, 20)), owner, "crm.lead.convert", id);
    }
  }

  // ---- deals, through the stages

  void make_deal() {
    const Customer& customer = a_customer();
    const Actor& owner = customer.owner;
    const std::string product(make_product(random_));
    base::Timestamp at = script_.working_time(
        std::max(customer.since, start_, [](auto a, auto b) { return a < b; }) + kHour,
        script_.now());
    PatchBuilder deal;
    deal.set(Deal::name, make_deal_name(product, customer.firm))
        .set(Deal::product, product)
        .set(Deal::company_id, customer.id);
    deal.set(Deal::value, money((1 + random_.below(40)) * (1 + random_.below(40)) * 250))
        .set(Deal::owner_id, owner.user);
    deal.set(Deal::stage_id, open_stages_.front())
        .set(Deal::expected_close_on, base::date_of(at + days(20, 75)));
    if (chance(35)) deal.set(Deal::notes, make_note(random_));
    const base::Id id = script_.insert(at, owner, domain::kDealsId, deal.take());
    if (id.is_nil()) return;
    deals_.push_back({id, owner, at});
    for (std::size_t stage = 1; stage < open_stages_.size() && chance(78); ++stage) {
      at = script_.workday_after(at, days(2, 14));
      script_.act(at, owner, "crm.deal.move", id,
                  {domain::assign(MoveDeal::stage_id, open_stages_[stage])});
    }
    if (!chance(60)) return;
    at = script_.workday_after(at, days(3, 18));
    const bool won = chance(62);
    if (!won)
      script_.update(at, owner, domain::kDealsId, id,
                     {domain::assign(Deal::lost_reason, std::string(make_lost_reason(random_)))});
    const base::Id& last = won ? won_stages_.front() : lost_stages_.front();
    script_.act(at + kMinute, owner, "crm.deal.move", id,
                {domain::assign(MoveDeal::stage_id, last)});
  }

  // ---- what people did about them

  struct Matter {
    base::Id id;
    Actor owner;
    base::Timestamp since;
  };
  // Puts the record that something is about into its fields, and says who works on it since when.
  Matter about(PatchBuilder& fields, model::FieldId lead, model::FieldId company,
               model::FieldId deal) {
    const std::uint64_t kind = random_.below(3);
    if (kind == 0 && !leads_.empty()) {
      const Matter matter = leads_[random_.below(leads_.size())];
      fields.set(lead, matter.id);
      return matter;
    }
    if (kind == 1 && !deals_.empty()) {
      const Matter matter = deals_[random_.below(deals_.size())];
      fields.set(deal, matter.id);
      return matter;
    }
    const Customer& customer = a_customer();
    fields.set(company, customer.id);
    return {customer.id, customer.owner, customer.since};
  }

  void make_activity() {
    constexpr std::string_view kSubjects[3][4] = {
        {"Asked about their plans", "Follow-up on the offer", "Introduced the service team",
         "Clarified open points"},
        {"Sent the quotation", "Sent references", "Confirmed the appointment",
         "Answered technical questions"},
        {"Presentation on site", "Video call with the buyers", "Walk through the warehouse",
         "Negotiated the terms"}};
    PatchBuilder activity;
    const Matter matter =
        about(activity, Activity::lead_id, Activity::company_id, Activity::deal_id);
    const std::size_t kind = random_.below(3);
    // Recent weeks are busier: a company that grows.
    const base::Timestamp from = chance(50) ? matter.since
                                            : std::max(matter.since, script_.now() + -21 * kDay,
                                                       [](auto a, auto b) { return a < b; });
    const base::Timestamp at = script_.working_time(from + kHour, script_.now());
    activity.set(Activity::kind, static_cast<std::int64_t>(kind))
        .set(Activity::subject, pick(random_, kSubjects[kind]))
        .set(Activity::at, at);
    activity.set(Activity::user_id, matter.owner.user);
    if (chance(60)) activity.set(Activity::body, make_note(random_));
    if (kind != 1)
      activity.set(Activity::duration_minutes,
                   static_cast<std::int64_t>(5 + random_.below(12) * 5));
    script_.insert(at + kMinute, matter.owner, domain::kActivitiesId, activity.take());
  }

  void make_task() {
    constexpr std::string_view kTitles[] = {"Call back",
                                            "Send the quotation",
                                            "Prepare the presentation",
                                            "Check the delivery date",
                                            "Ask for the order",
                                            "Update the contact data",
                                            "Arrange a visit",
                                            "Send the contract"};
    PatchBuilder task;
    const Matter matter = about(task, Task::lead_id, Task::company_id, Task::deal_id);
    const base::Timestamp at = script_.working_time(matter.since + kHour, script_.now());
    const base::Timestamp due = script_.workday_after(at, days(1, 21));
    task.set(Task::title, pick(random_, kTitles))
        .set(Task::category_id, categories_[random_.below(categories_.size())]);
    task.set(Task::priority, chance(60)   ? Task::kNormal
                             : chance(50) ? Task::kHigh
                             : chance(50) ? Task::kLow
                                          : Task::kUrgent);
    task.set(Task::due_at, due).set(Task::assignee_id, matter.owner.user);
    if (chance(40)) task.set(Task::description, make_note(random_));
    const base::Id id = script_.insert(at, matter.owner, domain::kTasksId, task.take());
    if (chance(70))
      script_.act(script_.working_time(at + kHour, due), matter.owner, "crm.task.complete", id);
  }

  void make_call() {
    PatchBuilder call;
    const Matter matter =
        about(call, PhoneCall::lead_id, PhoneCall::company_id, PhoneCall::deal_id);
    const base::Timestamp at = script_.working_time(matter.since + kHour, script_.now());
    const bool answered = chance(70);
    call.set(PhoneCall::direction, chance(35) ? PhoneCall::kIn : PhoneCall::kOut)
        .set(PhoneCall::at, at);
    call.set(PhoneCall::outcome, answered     ? PhoneCall::kAnswered
                                 : chance(50) ? PhoneCall::kMissed
                                              : PhoneCall::kVoicemail);
    const std::int64_t seconds = answered ? static_cast<std::int64_t>(40 + random_.below(900)) : 0;
    call.set(PhoneCall::duration_seconds, seconds)
        .set(PhoneCall::number, make_phone(random_))
        .set(PhoneCall::user_id, matter.owner.user);
    if (answered && chance(30)) call.set(PhoneCall::notes, make_note(random_));
    script_.insert(at + (seconds + 30) * 1'000, matter.owner, domain::kPhoneCallsId, call.take());
  }

  LocalWriter& writer_;
  const std::size_t scale_, agents_wanted_;
  Script script_;
  base::Random& random_;
  const base::Timestamp start_;
  std::vector<base::Id> sources_, categories_, open_stages_, won_stages_, lost_stages_, demo_users_;
  std::vector<std::string> emails_;
  base::Id manager_;
  std::vector<Actor> agents_;
  std::vector<Customer> customers_;
  std::vector<Matter> leads_, deals_;
};

}  // namespace

std::optional<Size> size_from_name(std::string_view name) {
  if (name == "small") return Size::small;
  if (name == "medium") return Size::medium;
  if (name == "large") return Size::large;
  return std::nullopt;
}

base::Result<Summary> seed_crm(LocalWriter& writer, const mutation::Domain& domain, Size size,
                               base::Timestamp now) {
  return Seeder(writer, domain, size, now).run();
}

}  // namespace syncline::server::app::seed
