#include "tests/simulation/queries.hpp"

#include "syncline/query/canonical.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

using tests::Item;
using tests::kItemsId;
using tests::kPeopleId;
using tests::kShelvesId;
using tests::Person;
using tests::Shelf;

namespace {

query::Query of(model::CollectionId collection, query::Predicate where, model::Order order,
                std::uint32_t limit = 0) {
  query::Query query;
  query.collection = collection;
  query.where = std::move(where);
  query.order = std::move(order);
  query.limit = limit;
  return query;
}

query::Query with_include(query::Query query, query::Include include) {
  query.includes.push_back(std::move(include));
  return query;
}

query::Query build(std::size_t wanted, query::Predicate mine) {
  using query::Op;
  switch (wanted) {
    case 0: return of(kItemsId, query::always(), {{Item::count, true}});
    case 1: return of(kItemsId, query::compare(Item::state, Op::eq, 1), {{Item::name, false}}, 4);
    case 2:
      return of(kItemsId, query::is_null(Item::owner_id, false),
                {{Item::position, false}, {Item::name, true}}, 6);
    case 3:
      return with_include(
          of(kItemsId, query::compare(Item::count, Op::gt, 2), {{Item::name, false}}),
          {Item::owner_id});
    case 4: {
      query::Query totals = of(kItemsId, query::always(), {});
      totals.aggregate = query::Aggregate{
          {{Item::state}},
          {{query::Aggregator::count, model::kNoField}, {query::Aggregator::sum, Item::count}},
          {}};
      return totals;
    }
    case 5:
      return with_include(of(kItemsId, query::exists(Item::shelf_id), {{Item::name, false}}),
                          {Item::shelf_id});
    case 6: return of(kPeopleId, query::always(), {{Person::name, false}});
    case 7: return of(kItemsId, std::move(mine), {{Item::count, false}}, 5);
    default: {
      query::Include contents{Item::shelf_id, kItemsId};
      contents.order = {{Item::count, true}};
      contents.limit = 2;
      return with_include(of(kShelvesId, query::always(), {{Shelf::name, false}}),
                          std::move(contents));
    }
  }
}

}  // namespace

query::Query query_for(std::size_t wanted) {
  return build(wanted, query::equals_user(Item::owner_id));
}

query::Query checked(const model::Schema& schema, std::size_t wanted, const base::Id& user) {
  auto query =
      query::check(schema, build(wanted, query::compare(Item::owner_id, query::Op::eq, user)));
  SYNC_CHECK(query.ok(), "the queries are valid");
  return std::move(*query);
}

}  // namespace syncline::simulation
