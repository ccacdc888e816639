#include "domain/crm/companies.hpp"

#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

// Deeper than any group of companies; a longer chain is refused as if it were a circle.
constexpr int kParentsMax = 32;

Status before_company(Transaction& tx, const Record& before, RecordBuilder& after) {
  // A new record cannot be anybody's parent yet.
  if (!is_changed(before, after, Company::parent_id)) return {};
  Value parent = after.get(Company::parent_id);
  for (int i = 0; !parent.is_null(); ++i) {
    if (parent.id() == before.id() || i == kParentsMax) {
      return base::Error{base::Code::rule_violation, "A company cannot be above itself.",
                         "parentId"};
    }
    // A parent that is not there or not to be seen ends the chain; the reference itself is checked elsewhere.
    const Result<Record> company = tx.get(kCompaniesId, parent.id());
    if (!company.ok()) {
      if (company.error().code == base::Code::storage_failed) return company.error();
      break;
    }
    parent = company->get(Company::parent_id);
  }
  return {};
}

}  // namespace

mutation::CollectionRules company_rules() { return make_rules(kCompaniesId, before_company); }

}  // namespace syncline::domain::crm
