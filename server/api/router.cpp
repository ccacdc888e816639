#include "server/api/router.hpp"

#include "server/api/names.hpp"
#include "server/api/url.hpp"

namespace syncline::server::api {
namespace {

using Generic = mutation::MutatorSpec::Generic;

// Short addresses from before the modules had names of their own (ERP-1).
struct Alias {
  std::string_view path;
  std::string_view collection;
};
constexpr Alias kAliases[] = {{"/api/leads", "crm.leads"}, {"/api/tasks", "crm.tasks"}};

std::vector<std::string> segments_of(std::string_view path) {
  auto target = parse_target(path);
  SYNC_CHECK(target.ok(), "a declared path is a valid one");
  return std::move(target->segments);
}

// Higher is better; 0: no reference to the parent.
int fitness(const model::Collection& child, const model::Field& field,
            const model::Collection& parent) {
  if (field.spec.type != model::FieldType::reference || field.spec.target != parent.id()) return 0;
  if (field.spec.id < model::kFirstOwnField) return 0;
  const bool named_after = field.spec.name == camel_case(parent.spec().singular) + "Id";
  return 1 + (named_after ? 1 : 0) + (child.spec().module == parent.spec().module ? 2 : 0);
}

}  // namespace

std::optional<Nesting> find_nested(const model::Schema& schema, const model::Collection& parent,
                                   std::string_view segment) {
  Nesting best;
  int best_fitness = 0;
  for (const model::Collection& child : schema.collections()) {
    if (last_segment(child.spec().api_path) != segment) continue;
    for (const model::Field& field : child.fields()) {
      const int fit = fitness(child, field, parent);
      if (fit <= best_fitness) continue;
      best_fitness = fit;
      best = {&child, field.spec.id};
    }
  }
  if (best_fitness == 0) return std::nullopt;
  return best;
}

Router::Router(const mutation::Domain& domain) : domain_(domain) {
  for (const model::Collection& collection : domain.schema.collections()) {
    Path path;
    path.segments = segments_of(collection.spec().api_path);
    path.collection = &collection;
    paths_.push_back(std::move(path));
  }
  for (const Alias& alias : kAliases) {
    Path path;
    path.segments = segments_of(alias.path);
    path.collection = domain.schema.find(alias.collection);
    if (path.collection != nullptr) paths_.push_back(std::move(path));
  }
}

std::optional<Place> Router::find(const std::vector<std::string>& segments) const {
  for (const Path& path : paths_) {
    const std::size_t depth = path.segments.size();
    if (segments.size() < depth || segments.size() > depth + 2) continue;
    if (!std::equal(path.segments.begin(), path.segments.end(), segments.begin())) continue;
    Place place;
    place.collection = path.collection;
    if (segments.size() == depth) return place;
    const auto id = base::parse_id(segments[depth]);
    if (!id || id->is_nil()) continue;
    if (segments.size() == depth + 2)
      return find_below(*path.collection, segments[depth], segments[depth + 1]);
    place.kind = Place::Kind::record;
    place.id = *id;
    return place;
  }
  return std::nullopt;
}

std::optional<Place> Router::find_below(const model::Collection& collection, const std::string& id,
                                        const std::string& name) const {
  Place place;
  const mutation::MutatorSpec* action = domain_.registry.find_action(collection.id(), name);
  if (action != nullptr && action->generic == Generic::none && action->on_record) {
    place.kind = Place::Kind::action;
    place.collection = &collection;
    place.id = *base::parse_id(id);
    place.action = action;
    return place;
  }
  const auto nested = find_nested(domain_.schema, collection, name);
  if (!nested) return std::nullopt;
  place.kind = Place::Kind::nested;
  place.collection = nested->collection;
  place.parent = &collection;
  place.parent_id = *base::parse_id(id);
  place.parent_field = nested->field;
  return place;
}

}  // namespace syncline::server::api
