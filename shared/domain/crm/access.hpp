// Who may do what in the CRM (SEMANTICS 44).
#pragma once

#include "syncline/mutation/access.hpp"

namespace syncline::domain::crm {

void grant_rights(mutation::AccessRules& access);

}  // namespace syncline::domain::crm
