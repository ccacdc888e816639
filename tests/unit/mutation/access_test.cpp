#include "syncline/mutation/access.hpp"

#include "syncline/query/predicate.hpp"
#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {
namespace {

using mutation::AccessRules;
using mutation::Actor;

Actor actor(Role role) {
  Actor made;
  made.role = role;
  made.user = numbered_id(1);
  return made;
}

TEST(Roles, HaveNames) {
  for (std::size_t i = 0; i < mutation::kRoleCount; ++i) {
    const Role role = static_cast<Role>(i);
    EXPECT_EQ(mutation::role_from_name(mutation::to_string(role)), role);
  }
  EXPECT_EQ(mutation::to_string(Role::engineer), "engineer");
  EXPECT_EQ(mutation::role_from_name("root"), std::nullopt);
}

TEST(Access, NothingIsGrantedByItself) {
  const AccessRules rules;
  for (const Right right : {Right::read, Right::create, Right::update, Right::remove, Right::act}) {
    EXPECT_FALSE(rules.may(actor(Role::admin), kItemsId, right));
    EXPECT_EQ(rules.rows(actor(Role::admin), kItemsId, right), query::never());
    EXPECT_TRUE(rules.may(actor(Role::system), kItemsId, right));
    EXPECT_EQ(rules.rows(actor(Role::system), kItemsId, right), query::always());
  }
}

TEST(Access, LaterGrantReplacesTheEarlierForItsRights) {
  const auto domain = make_shop();
  grant(*domain, Role::viewer, kItemsId, {Right::read}, query::equals_user(Item::owner_id));
  const query::Predicate own = query::compare(Item::owner_id, query::Op::eq, numbered_id(1));
  EXPECT_EQ(domain->access.rows(actor(Role::viewer), kItemsId, Right::read), own);
  grant(*domain, Role::viewer, kItemsId, {Right::update});
  EXPECT_EQ(domain->access.rows(actor(Role::viewer), kItemsId, Right::read), own);
  EXPECT_EQ(domain->access.rows(actor(Role::viewer), kItemsId, Right::update), query::always());
}

class Rewrite : public Shop {
 protected:
  base::Result<query::Query> rewrite(Role role, const query::Query& query) {
    return domain_->access.rewrite(domain_->schema, actor(role), query);
  }
  static query::Query of(model::CollectionId collection) {
    query::Query query;
    query.collection = collection;
    return query;
  }
};

TEST_F(Rewrite, ConjoinsTheRowRule) {
  query::Query items = of(kItemsId);
  items.where = query::compare(Item::count, query::Op::gt, 5);
  EXPECT_EQ(rewrite(Role::admin, items).value(), items);
  EXPECT_EQ(rewrite(Role::system, items).value(), items);
  const query::Query rewritten = rewrite(Role::agent, items).value();
  EXPECT_EQ(rewritten.where,
            query::all_of(
                {items.where, domain_->access.rows(actor(Role::agent), kItemsId, Right::read)}));
  EXPECT_EQ(rewrite(Role::agent, of(kItemsId)).value().where,
            domain_->access.rows(actor(Role::agent), kItemsId, Right::read));
}

// SEMANTICS 18: a mention of a masked field anywhere is forbidden.
TEST_F(Rewrite, RefusesMaskedFieldsWherever) {
  query::Query filter = of(kPeopleId);
  filter.where = query::negate(query::all_of({query::is_null(Person::secret)}));
  query::Query order = of(kPeopleId);
  order.order.push_back({Person::secret, true});
  query::Query group = of(kPeopleId);
  group.aggregate.emplace().group_by = {{Person::secret}};
  query::Query sum = of(kPeopleId);
  sum.aggregate.emplace().terms.push_back({query::Aggregator::sum, Person::secret});
  for (const query::Query& query : {filter, order, group, sum}) {
    const auto refused = rewrite(Role::agent, query);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Code::forbidden);
    EXPECT_EQ(refused.error().fields.front().field, "secret");
    EXPECT_TRUE(rewrite(Role::admin, query).ok());
  }
  query::Query count = of(kPeopleId);
  count.aggregate.emplace().terms.push_back({query::Aggregator::count, model::kNoField});
  EXPECT_TRUE(rewrite(Role::agent, count).ok());
}

TEST_F(Rewrite, RefusesCollectionsWithoutReadRight) {
  EXPECT_EQ(rewrite(Role::viewer, of(kPeopleId)).error().code, Code::forbidden);
  query::Query include = of(kItemsId);
  include.includes.push_back({Item::owner_id});
  EXPECT_TRUE(rewrite(Role::agent, include).ok());
  EXPECT_EQ(rewrite(Role::viewer, include).error().code, Code::forbidden);
  EXPECT_EQ(rewrite(Role::viewer, of(99)).error().code, Code::unknown_collection);
}

// What a user may not see decides nothing: neither whether a row is shown nor what is shown with it.
TEST_F(Rewrite, ConditionsOnRelatedRowsGoByTheRowsThatMayBeRead) {
  query::Query people = of(kPeopleId);
  people.where = query::negate(
      query::exists_in(kItemsId, Item::owner_id, query::compare(Item::count, query::Op::gt, 5)));
  const query::Query rewritten = rewrite(Role::agent, people).value();
  const query::Predicate& exists = rewritten.where.kind == query::Predicate::Kind::all_of
                                       ? rewritten.where.children[0].children[0]
                                       : rewritten.where.children[0];
  EXPECT_EQ(exists.children[0],
            query::all_of({query::compare(Item::count, query::Op::gt, 5),
                           domain_->access.rows(actor(Role::agent), kItemsId, Right::read)}));

  query::Query masked = of(kItemsId);
  masked.where = query::exists(Item::owner_id, query::is_null(Person::secret));
  EXPECT_EQ(rewrite(Role::agent, masked).error().code, Code::forbidden);
  EXPECT_TRUE(rewrite(Role::admin, masked).ok());

  query::Query children = of(kPeopleId);
  query::Include items;
  items.via = Item::owner_id;
  items.from = kItemsId;
  children.includes = {items};
  EXPECT_EQ(rewrite(Role::agent, children).value().includes[0].where,
            domain_->access.rows(actor(Role::agent), kItemsId, Right::read));
  EXPECT_EQ(rewrite(Role::admin, children).value(), children);

  query::Query grouped = of(kItemsId);
  grouped.aggregate.emplace().group_by = {{Person::secret, Item::owner_id}};
  EXPECT_EQ(rewrite(Role::agent, grouped).error().code, Code::forbidden);
  EXPECT_TRUE(rewrite(Role::admin, grouped).ok());
}

}  // namespace
}  // namespace syncline::tests
