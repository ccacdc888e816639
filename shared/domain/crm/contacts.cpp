#include "domain/crm/contacts.hpp"

#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

Status before_contact(Transaction& tx, const Record& before, RecordBuilder& after) {
  if (is_changed(before, after, Contact::status)) {
    tx.emit(kContactsId, before.id(), "contact_status_changed", "status_changed");
  }
  return {};
}

}  // namespace

mutation::CollectionRules contact_rules() { return make_rules(kContactsId, before_contact); }

}  // namespace syncline::domain::crm
