#include "domain/domain.hpp"

#include "domain/crm/module.hpp"
#include "domain/platform/module.hpp"

namespace syncline::domain {

std::unique_ptr<mutation::Domain> make_domain() {
  std::vector<model::CollectionSpec> specs;
  for (const auto& module : {platform::collections(), crm::collections()}) {
    specs.insert(specs.end(), module.begin(), module.end());
  }
  auto domain = std::make_unique<mutation::Domain>(specs);
  platform::declare(*domain);
  crm::declare(*domain);
  return domain;
}

std::vector<model::Mutation> reference_data() { return crm::reference_data(); }

}  // namespace syncline::domain
