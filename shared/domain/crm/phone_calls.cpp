#include "domain/crm/phone_calls.hpp"

#include "domain/declare.hpp"

namespace syncline::domain::crm {

mutation::CollectionRules phone_call_rules() {
  return make_rules(kPhoneCallsId, author_by_default<PhoneCall::user_id>);
}

}  // namespace syncline::domain::crm
