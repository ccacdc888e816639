#include "syncline/authority/query_plan.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "syncline/query/predicate.hpp"

namespace syncline::authority {

namespace {

using base::Result;
using base::Status;
using model::Collection;
using query::Predicate;

constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  return a > kUnbounded - b ? kUnbounded : a + b;
}
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > kUnbounded / b ? kUnbounded : a * b;
}

class PlanMaker {
 public:
  // `closely`: asks for paths; else every reading counts as one of the whole table, which costs no question to the storage.
  PlanMaker(const model::Schema& schema, Planner& planner, std::uint64_t enough, bool closely)
      : schema_(schema), planner_(planner), enough_(enough), closely_(closely) {}

  Status add_query(const query::Query& query) {
    const Collection& collection = schema_.collection(query.collection);
    ivm::FetchRequest request;
    request.where = query::without_relations(query.where);
    request.order = query.order;
    request.after = query.after;
    const bool asks_related = query::has_relations(query.where);
    // How many rows the relations will refuse is unknown.
    request.limit = asks_related ? 0 : query.limit;
    SYNC_ASSIGN(const std::uint64_t read, add_reading(PlanStep::Role::rows, collection, request));
    once_ = !asks_related || planner_.reads_related_once(collection.id(), query.where);
    SYNC_TRY(add_related(collection, query.where, read));
    if (query.aggregate) {
      for (const query::GroupKey& key : query.aggregate->group_by) {
        if (key.via != model::kNoField)
          add(PlanStep::Role::group_key, collection.field(key.via).spec.target, read, "by id");
      }
    }
    return add_includes(collection, query.includes,
                        query.limit == 0 ? read : std::min<std::uint64_t>(read, query.limit));
  }

  QueryPlan take() { return std::move(plan_); }

 private:
  void add(PlanStep::Role role, model::CollectionId collection, std::uint64_t rows,
           std::string how) {
    plan_.cost = plus(plan_.cost, rows);
    plan_.steps.push_back({role, collection, rows, std::move(how)});
  }

  Result<std::uint64_t> add_reading(PlanStep::Role role, const Collection& of,
                                    const ivm::FetchRequest& request) {
    Planner::Path path;
    if (closely_) {
      SYNC_ASSIGN(path, planner_.path(of.id(), request, enough_));
    } else {
      SYNC_ASSIGN(path.rows, planner_.rows(of.id()));
    }
    add(role, of.id(), path.rows, std::move(path.how));
    return path.rows;
  }

  // Rows of `other` that name one row of `of`, on average.
  Result<std::uint64_t> fan_out(const Collection& of, const Collection& other) {
    SYNC_ASSIGN(const std::uint64_t many, planner_.rows(other.id()));
    SYNC_ASSIGN(const std::uint64_t few, planner_.rows(of.id()));
    return few == 0 ? many : many / few + (many % few != 0 ? 1 : 0);
  }

  // `asked`: for how many rows of `of`.
  Status add_related(const Collection& of, const Predicate& predicate, std::uint64_t asked) {
    if (predicate.kind != Predicate::Kind::exists) {
      for (const Predicate& child : predicate.children) SYNC_TRY(add_related(of, child, asked));
      return {};
    }
    const Collection& other = schema_.collection(query::related_collection(of, predicate));
    const Predicate& inner = predicate.children.front();
    std::uint64_t read = asked;
    if (once_) {
      ivm::FetchRequest request;
      request.where = query::without_relations(inner);
      SYNC_ASSIGN(read, add_reading(PlanStep::Role::exists, other, request));
    } else if (predicate.from == model::kNoCollection) {
      add(PlanStep::Role::exists, other.id(), read, "by id, for each row");
    } else {
      SYNC_ASSIGN(const std::uint64_t each, fan_out(of, other));
      read = times(asked, each);
      add(PlanStep::Role::exists, other.id(), read, "by reference, for each row");
    }
    return add_related(other, inner, read);
  }

  Status add_includes(const Collection& of, const std::vector<query::Include>& includes,
                      std::uint64_t holders) {
    for (const query::Include& include : includes) {
      const Collection& other = schema_.collection(query::related_collection(of, include));
      const bool backward = include.from != model::kNoCollection;
      std::uint64_t each = 1;
      if (backward) {
        SYNC_ASSIGN(each, fan_out(of, other));
      }
      add(PlanStep::Role::include, other.id(), times(holders, each),
          backward ? "by reference, for each row" : "by id, for each row");
      if (include.limit != 0) each = std::min<std::uint64_t>(each, include.limit);
      SYNC_TRY(add_includes(other, include.includes, times(holders, each)));
    }
    return {};
  }

  const model::Schema& schema_;
  Planner& planner_;
  const std::uint64_t enough_;
  const bool closely_;
  bool once_ = false;
  QueryPlan plan_;
};

}  // namespace

Result<QueryPlan> make_plan(const model::Schema& schema, const query::Query& query,
                            Planner& planner, std::uint64_t enough) {
  PlanMaker maker(schema, planner, enough, true);
  SYNC_TRY(maker.add_query(query));
  return maker.take();
}

Status admit(const model::Schema& schema, const query::Query& query, Planner& planner,
             std::uint64_t most) {
  // The usual case, at the price of a few additions: even all rows of all tables would not be too many.
  PlanMaker rough(schema, planner, most, false);
  SYNC_TRY(rough.add_query(query));
  if (rough.take().cost <= most) return {};
  SYNC_ASSIGN(const QueryPlan plan, make_plan(schema, query, planner, times(most, 2)));
  if (plan.cost <= most) return {};
  base::Error error(base::Code::query_too_costly,
                    "The query would read about " + std::to_string(plan.cost) + " rows; at most " +
                        std::to_string(most) +
                        " are allowed. Add a condition on an indexed field, or a limit.");
  error.fields.push_back({"cost", error.code, std::to_string(plan.cost)});
  error.fields.push_back({"limit", error.code, std::to_string(most)});
  return error;
}

}  // namespace syncline::authority
