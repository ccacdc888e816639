// Mutators: the only writers (ARCHITECTURE rule 3). A mutator is a deterministic function of (transaction, arguments). Its
// arguments are described by FieldSpecs, like a collection's fields, so that TypeScript, REST and OpenAPI derive from them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "syncline/base/result.hpp"
#include "syncline/model/change.hpp"
#include "syncline/model/mutation.hpp"
#include "syncline/model/schema.hpp"
#include "syncline/mutation/access.hpp"

namespace syncline::mutation {

class Transaction;

using model::Arguments;

using MutatorResult = std::vector<std::pair<std::string, model::Value>>;
using MutatorFunction = base::Result<MutatorResult> (*)(Transaction&, const Arguments&);

struct MutatorSpec {
  std::string name;  // "crm.lead.convert", "crm.leads.update"
  model::CollectionId collection = model::kNoCollection;
  // "convert": POST api_path/:id/convert; insert, update, remove, restore for the generic ones.
  std::string action;
  Right right = Right::act;
  bool on_record = true;                    // takes kIdField
  std::vector<model::FieldSpec> arguments;  // without kIdField
  MutatorFunction run = nullptr;
  enum class Generic : std::uint8_t { none, insert, update, remove, restore };
  Generic generic = Generic::none;
  // What it does must not wait for a connection: a browser that has none refuses it at once.
  bool online_only = false;
};

// Rules of one collection that hold for every writer, generic or domain: illegal transitions, derived fields, domain events.
struct CollectionRules {
  model::CollectionId collection = model::kNoCollection;
  // Called before an insert (no `before`) or update is recorded; `after` is the draft, may be changed further. May read
  // through the transaction and emit events, may not write rows.
  base::Status (*before_write)(Transaction&, const model::Record& before,
                               model::RecordBuilder& after) = nullptr;
  // Called before a record is removed by name (not by a cascade). May only read and refuse.
  base::Status (*before_remove)(Transaction&, const model::Record& record) = nullptr;
};

class Registry {
 public:
  // Adds `<module>.<collection>.insert | update | remove | restore` for every collection.
  explicit Registry(const model::Schema& schema);
  void add(MutatorSpec mutator);
  void add(CollectionRules rules);
  // REQUIRES: there is a mutator of this name.
  void make_online_only(std::string_view name);
  [[nodiscard]] const MutatorSpec* find(std::string_view name) const;
  [[nodiscard]] const MutatorSpec* find_generic(model::CollectionId collection,
                                                MutatorSpec::Generic generic) const;
  [[nodiscard]] const MutatorSpec* find_action(model::CollectionId collection,
                                               std::string_view action) const;
  [[nodiscard]] const std::vector<MutatorSpec>& mutators() const { return mutators_; }
  [[nodiscard]] const CollectionRules* rules(model::CollectionId collection) const;

 private:
  std::vector<MutatorSpec> mutators_;
  std::vector<CollectionRules> rules_;
};

// Everything the domain declares, built once by the host and shared read-only. REQUIRES: outlives all users.
struct Domain {
  explicit Domain(const std::vector<model::CollectionSpec>& specs)
      : schema(specs), registry(schema) {}
  model::Schema schema;
  Registry registry;
  AccessRules access;
};

}  // namespace syncline::mutation
