// crm.lead.convert. What is certain comes first: in a browser that holds too little to find the company, the lead shows as
// converted and the rest waits for the server (SEMANTICS 9).
#include "domain/crm/activities.hpp"
#include "domain/crm/companies.hpp"
#include "domain/crm/contacts.hpp"
#include "domain/crm/deals.hpp"
#include "domain/crm/leads.hpp"
#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

// A missing record that an argument names is a bad reference, not a missing lead.
base::Error as_argument_error(const base::Error& error, std::string_view argument) {
  if (error.code != base::Code::not_found) return error;
  return {base::Code::bad_reference, "The record it refers to does not exist.",
          std::string(argument)};
}

std::string like_exactly(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern;
}

// The first company of that name under the collation that the author may see; nil when there is none.
Result<Id> company_named(Transaction& tx, const std::string& name) {
  query::Query same_name;
  same_name.collection = kCompaniesId;
  same_name.where = query::compare(Company::name, query::Op::like, like_exactly(name));
  same_name.limit = 1;
  SYNC_ASSIGN(const std::vector<Record> found, tx.find(same_name));
  return found.empty() ? Id{} : found.front().id();
}

class Conversion {
 public:
  Conversion(Transaction& tx, const model::Arguments& arguments, Record lead)
      : tx_(tx), arguments_(arguments), lead_(std::move(lead)), owner_(lead_.get(Lead::owner_id)) {
    if (owner_.is_null() && !tx.actor().user.is_nil()) owner_ = tx.actor().user;
  }

  Result<mutation::MutatorResult> run() {
    SYNC_TRY(update_lead(
        {assign(Lead::status, Lead::kConverted), assign(Lead::converted_at, tx_.now())}));
    tx_.emit(kLeadsId, lead_.id(), "lead_converted", "converted");
    SYNC_ASSIGN(company_, find_company());
    const bool create_deal = arguments_.get(ConvertLead::create_deal) == Value(true);
    if (create_deal) SYNC_TRY(check_stage());
    if (company_.is_nil()) SYNC_TRY(insert_company());
    SYNC_TRY(insert_contact());
    if (create_deal) SYNC_TRY(insert_deal());
    SYNC_TRY(update_lead({assign(Lead::converted_company_id, company_),
                          assign(Lead::converted_contact_id, contact_),
                          assign(Lead::converted_deal_id, deal_)}));
    SYNC_TRY(insert_activity());
    return mutation::MutatorResult{
        {"companyId", company_}, {"contactId", contact_}, {"dealId", deal_}};
  }

 private:
  std::string company_name() const {
    return std::string(lead_.text(lead_.has(Lead::company_name) ? Lead::company_name : Lead::name));
  }

  // Nil: a new one.
  Result<Id> find_company() {
    const Value& given = arguments_.get(ConvertLead::company_id);
    if (given.is_null()) return company_named(tx_, company_name());
    const Result<Record> company = tx_.get(kCompaniesId, given.id());
    if (!company.ok()) return as_argument_error(company.error(), "companyId");
    return company->id();
  }

  Status check_stage() {
    const Value& stage = arguments_.get(ConvertLead::stage_id);
    if (stage.is_null()) return {};
    const Result<Record> found = tx_.get(kDealStagesId, stage.id());
    if (found.ok()) return {};
    return as_argument_error(found.error(), "stageId");
  }

  Status update_lead(const Patch& patch) {
    const Transaction::Privileged converting(tx_);
    return tx_.update(kLeadsId, lead_.id(), patch);
  }

  Status insert_company() {
    const Transaction::Privileged converting(tx_);
    PatchBuilder fields;
    fields.set(Company::name, company_name()).set(Company::owner_id, owner_);
    fields.set(Company::kinds, model::make_text_set({"customer"}));
    SYNC_ASSIGN(company_, tx_.insert(kCompaniesId, fields.take()));
    return {};
  }

  Status insert_contact() {
    const Transaction::Privileged converting(tx_);
    PatchBuilder fields;
    fields.set(Contact::name, lead_.get(Lead::name))
        .set(Contact::email, lead_.get(Lead::email))
        .set(Contact::phone, lead_.get(Lead::phone))
        .set(Contact::job_title, lead_.get(Lead::job_title))
        .set(Contact::company_id, company_)
        .set(Contact::owner_id, owner_);
    SYNC_ASSIGN(contact_, tx_.insert(kContactsId, fields.take()));
    return {};
  }

  Status insert_deal() {
    const Transaction::Privileged converting(tx_);
    const Value& name = arguments_.get(ConvertLead::deal_name);
    PatchBuilder fields;
    fields.set(Deal::name, name.is_null() ? lead_.get(Lead::name) : name)
        .set(Deal::stage_id, arguments_.get(ConvertLead::stage_id))
        .set(Deal::value, lead_.get(Lead::value))
        .set(Deal::company_id, company_)
        .set(Deal::contact_id, contact_)
        .set(Deal::owner_id, owner_);
    SYNC_ASSIGN(const Id deal, tx_.insert(kDealsId, fields.take()));
    deal_ = deal;
    return {};
  }

  Status insert_activity() {
    const Transaction::Privileged converting(tx_);
    PatchBuilder fields;
    fields.set(Activity::kind, Activity::kSystem)
        .set(Activity::subject, "Lead converted")
        .set(Activity::lead_id, lead_.id())
        .set(Activity::contact_id, contact_)
        .set(Activity::company_id, company_)
        .set(Activity::deal_id, deal_);
    SYNC_TRY(tx_.insert(kActivitiesId, fields.take()));
    return {};
  }

  Transaction& tx_;
  const model::Arguments& arguments_;
  Record lead_;
  Value owner_;  // of everything that is made
  Id company_;
  Id contact_;
  Value deal_;  // null: none wanted
};

Result<mutation::MutatorResult> convert_lead(Transaction& tx, const model::Arguments& arguments) {
  SYNC_ASSIGN(Record lead, tx.get(kLeadsId, arguments.get(model::kIdField).id()));
  if (lead.integer(Lead::status) == Lead::kConverted) {
    return base::Error{base::Code::already_converted, "This lead was converted before."};
  }
  return Conversion(tx, arguments, std::move(lead)).run();
}

}  // namespace

mutation::MutatorSpec convert_lead_mutator() {
  mutation::MutatorSpec spec = make_action(kConvertLead, kLeadsId, "convert", convert_lead);
  spec.arguments.assign(std::begin(ConvertLead::kArguments), std::end(ConvertLead::kArguments));
  return spec;
}

}  // namespace syncline::domain::crm
