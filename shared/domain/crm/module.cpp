#include "domain/crm/module.hpp"

#include "domain/crm/access.hpp"
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

namespace syncline::domain::crm {

std::vector<model::CollectionSpec> collections() {
  return {kLeadSources, kCompanies,  kContacts,       kLeads, kDealStages,
          kDeals,       kActivities, kTaskCategories, kTasks, kPhoneCalls};
}

void declare(mutation::Domain& domain) {
  mutation::Registry& registry = domain.registry;
  registry.add(make_rules(kLeadSourcesId, append_at_end<LeadSource::position>));
  registry.add(make_rules(kDealStagesId, append_at_end<DealStage::position>));
  registry.add(make_rules(kTaskCategoriesId, append_at_end<TaskCategory::position>));
  registry.add(company_rules());
  registry.add(contact_rules());
  registry.add(lead_rules());
  registry.add(deal_rules());
  registry.add(activity_rules());
  registry.add(task_rules());
  registry.add(phone_call_rules());

  registry.add(convert_lead_mutator());
  registry.add(assign_lead_mutator());
  registry.add(move_deal_mutator());
  registry.add(complete_task_mutator());

  grant_rights(domain.access);
}

}  // namespace syncline::domain::crm
