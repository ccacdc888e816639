#include "domain/crm/leads.hpp"

#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

bool is_converted(const Value& status) {
  return !status.is_null() && status.integer() == Lead::kConverted;
}

Status check_status(const Transaction& tx, const Record& before, const RecordBuilder& after) {
  const bool was = before && is_converted(before.get(Lead::status));
  const bool is = is_converted(after.get(Lead::status));
  // The system brings leads that were converted elsewhere (import, seeding).
  const bool allowed =
      tx.mutator() == kConvertLead || (!before && tx.actor().role == mutation::Role::system);
  if (was == is || (is && allowed)) return {};
  return base::Error{base::Code::illegal_transition,
                     was ? "A converted lead stays converted."
                         : "A lead becomes converted by converting it, not by its status.",
                     "status"};
}

Status before_lead(Transaction& tx, const Record& before, RecordBuilder& after) {
  SYNC_TRY(check_status(tx, before, after));
  if (is_changed(before, after, Lead::owner_id)) {
    tx.emit(kLeadsId, before.id(), "lead_assigned", "assigned");
  }
  return {};
}

// Privileged: the new owner's lead may be one that the old owner no longer sees.
Result<mutation::MutatorResult> assign_lead(Transaction& tx, const model::Arguments& arguments) {
  const Transaction::Privileged handing_over(tx);
  SYNC_TRY(tx.update(kLeadsId, arguments.get(model::kIdField).id(),
                     {assign(Lead::owner_id, arguments.get(AssignLead::owner_id))}));
  return mutation::MutatorResult{};
}

}  // namespace

mutation::CollectionRules lead_rules() { return make_rules(kLeadsId, before_lead); }

mutation::MutatorSpec assign_lead_mutator() {
  mutation::MutatorSpec spec = make_action("crm.lead.assign", kLeadsId, "assign", assign_lead);
  spec.arguments.assign(std::begin(AssignLead::kArguments), std::end(AssignLead::kArguments));
  return spec;
}

}  // namespace syncline::domain::crm
