#include "tests/bench/support/leads.hpp"

#include <memory>
#include <string>

#include "domain/crm/leads.hpp"
#include "domain/domain.hpp"

namespace syncline::bench {
namespace {

using domain::crm::Lead;

// 2026-11-01T00:00Z.
constexpr base::Timestamp kNow{1'793'491'200'000};
constexpr std::uint64_t kValueMax = 1'000'000'000;

model::Value any_value(base::Random& random) {
  return model::Decimal{static_cast<std::int64_t>(random.below(kValueMax)), 2};
}

// One of the sources that every database begins with.
base::Id any_source() {
  for (const model::Mutation& mutation : domain::reference_data()) {
    if (mutation.name == "crm.lead_sources.insert")
      return mutation.arguments.get(model::kIdField).id();
  }
  return {};
}

model::Mutation on_lead(const char* name, const base::Id& id) {
  model::Mutation mutation;
  mutation.name = name;
  mutation.created_at = kNow;
  mutation.arguments.set(model::kIdField, id);
  return mutation;
}

}  // namespace

const mutation::Domain& domain() {
  static const std::unique_ptr<mutation::Domain> made = domain::make_domain();
  return *made;
}

base::Id random_id(base::Random& random) {
  const std::uint64_t high = random.next();
  return base::make_id_v7(kNow, high, random.next());
}

// createdAt and updatedAt, which the engine writes, make twelve.
model::Mutation insert_lead(const base::Id& id, const base::Id& owner, std::size_t number,
                            base::Random& random) {
  static const base::Id source = any_source();
  const std::string n = std::to_string(number);
  model::Mutation mutation = on_lead("crm.leads.insert", id);
  mutation.arguments.set(Lead::name, "Katharina Hoffmann " + n);
  mutation.arguments.set(Lead::email, "hoffmann." + n + "@example.com");
  mutation.arguments.set(Lead::phone, "+49 30 " + std::to_string(1'000'000 + number));
  mutation.arguments.set(Lead::company_name, "Nordlicht GmbH " + std::to_string(number % 5'000));
  mutation.arguments.set(Lead::job_title, "Head of Purchasing");
  if (!source.is_nil()) mutation.arguments.set(Lead::source_id, source);
  mutation.arguments.set(Lead::status, Lead::kQualified);
  mutation.arguments.set(Lead::score, static_cast<std::int64_t>(number % 101));
  mutation.arguments.set(Lead::value, any_value(random));
  if (!owner.is_nil()) mutation.arguments.set(Lead::owner_id, owner);
  return mutation;
}

model::Record record_of(const model::Mutation& insert) {
  model::RecordBuilder builder(domain().schema.collection(domain::kLeadsId),
                               insert.arguments.get(model::kIdField).id());
  for (const model::FieldWrite& write : insert.arguments.writes()) {
    if (write.field != model::kIdField) builder.set(write.field, write.value);
  }
  return builder.build();
}

model::Mutation update_value(const base::Id& id, model::Version seen, base::Random& random) {
  model::Mutation mutation = on_lead("crm.leads.update", id);
  mutation.arguments.set(Lead::value, any_value(random));
  mutation.bases.push_back({domain::kLeadsId, id, Lead::value, seen});
  return mutation;
}

}  // namespace syncline::bench
