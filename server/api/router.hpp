// Which collection, record, action or nested collection an address names. Pure, over the schema; knows no request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "syncline/mutation/mutator.hpp"

namespace syncline::server::api {

// What the segments after a collection's path say.
struct Place {
  enum class Kind : std::uint8_t {
    collection,  // /api/crm/leads
    record,      // /api/crm/leads/:id
    action,      // /api/crm/leads/:id/convert
    nested,      // /api/crm/leads/:id/activities
  };
  Kind kind = Kind::collection;
  const model::Collection* collection = nullptr;  // nested: of the children
  base::Id id;                                    // record, action
  const mutation::MutatorSpec* action = nullptr;
  const model::Collection* parent = nullptr;  // nested
  base::Id parent_id;
  model::FieldId parent_field = model::kNoField;  // the children's reference to it
};

class Router {
 public:
  // REQUIRES: the domain outlives the router.
  explicit Router(const mutation::Domain& domain);
  // nullopt: nothing is there.
  [[nodiscard]] std::optional<Place> find(const std::vector<std::string>& segments) const;

 private:
  struct Path {
    std::vector<std::string> segments;
    const model::Collection* collection = nullptr;
  };
  [[nodiscard]] std::optional<Place> find_below(const model::Collection& collection,
                                                const std::string& id,
                                                const std::string& name) const;

  const mutation::Domain& domain_;
  std::vector<Path> paths_;
};

// The collection nested under `parent` with this last path segment, and its reference to the parent; of the same module before
// others, and by the reference named after the parent before others (leadId of a lead).
struct Nesting {
  const model::Collection* collection = nullptr;
  model::FieldId field = model::kNoField;
};
[[nodiscard]] std::optional<Nesting> find_nested(const model::Schema& schema,
                                                 const model::Collection& parent,
                                                 std::string_view segment);

}  // namespace syncline::server::api
