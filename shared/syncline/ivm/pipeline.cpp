#include "syncline/ivm/pipeline.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "syncline/ivm/aggregate.hpp"
#include "syncline/ivm/filter.hpp"
#include "syncline/ivm/include.hpp"
#include "syncline/ivm/related_filter.hpp"
#include "syncline/ivm/take.hpp"

namespace syncline::ivm {

using base::Status;

namespace {

base::Error too_costly(const char* what, std::size_t most) {
  return {base::Code::query_too_costly, "The query holds more than " + std::to_string(most) + " " +
                                            what + ", which is the most that is kept live. Add a " +
                                            "filter or a limit."};
}

// The end of the graph: deltas go to the caller, rows are counted.
class Collector : public Operator {
 public:
  Status push(const RowDelta& delta) override {
    if (delta.kind == DeltaKind::add && ++size_ > most) return too_costly("rows", most);
    if (delta.kind == DeltaKind::remove) --size_;
    out_->push_back(delta);
    return {};
  }
  void reset() override { size_ = 0; }
  void collect_into(std::vector<RowDelta>& out) { out_ = &out; }
  [[nodiscard]] std::size_t size() const { return size_; }

  std::size_t most = std::numeric_limits<std::size_t>::max();

 private:
  std::vector<RowDelta>* out_ = nullptr;
  std::size_t size_ = 0;
};

// Takes back what a failed push or hydration has appended.
class Rollback {
 public:
  explicit Rollback(ResultDelta& out)
      : out_(out),
        rows_(out.rows.size()),
        related_(out.related.size()),
        groups_(out.groups.size()) {}
  ~Rollback() {
    if (kept_) return;
    out_.rows.resize(rows_);
    out_.related.resize(related_);
    out_.groups.resize(groups_);
  }
  Rollback(const Rollback&) = delete;
  void keep() { kept_ = true; }

 private:
  ResultDelta& out_;
  std::size_t rows_, related_, groups_;
  bool kept_ = false;
};

}  // namespace

struct Pipeline::Graph {
  Graph(const model::Schema& schema, query::Query asked, SourceProvider& from,
        query::Relations* asked_for)
      : query(std::move(asked)),
        collection(schema.collection(query.collection)),
        sources(from),
        source(from.source(query.collection)),
        now(from),
        related_source(source, asked_for != nullptr ? *asked_for : now),
        is_related(query::reads_related(query)),
        includer(schema, query) {
    Operator* first = &collector;
    if (query.aggregate) first = &aggregate.emplace(schema, query);
    if (query.limit > 0) first = &take.emplace(query, rows(), *first);
    head = first;
    if (is_related) {
      related_filter.emplace(query, from, related_source, *first);
    } else {
      filter.emplace(collection, query, *first);
    }
    for (const Interest& interest : interests(schema, query)) {
      if (std::find(collections.begin(), collections.end(), interest.collection) ==
          collections.end())
        collections.push_back(interest.collection);
    }
  }

  // The rows of the query's collection as conditions about related rows can be asked of them.
  Source& rows() { return is_related ? static_cast<Source&>(related_source) : source; }

  Status filter_change(const model::Change& change, SourceRelations& before,
                       SourceRelations& after) {
    if (is_related) {
      if (aggregate) aggregate->look(before, after);
      return related_filter->push(change, before, after);
    }
    if (change.collection().id() != query.collection) return {};
    return filter->push(change);
  }

  // What follows from the rows since `rows_before`, and whether it is too much.
  Status finish(const model::Change* change, SourceRelations& before, SourceRelations& after,
                ResultDelta& out, std::size_t rows_before) {
    // Read on the way here too: a group's key that could not be read is not null.
    SYNC_TRY(before.status());
    SYNC_TRY(after.status());
    const std::span<const RowDelta> rows = std::span(out.rows).subspan(rows_before);
    SYNC_TRY(includer.push(change, rows, before, after, out.related));
    if (includer.holds_too_many()) return too_costly("related records", collector.most);
    if (!aggregate) return {};
    SYNC_TRY(aggregate->flush(out.groups));
    // Held values are counted only when there may be too many of them.
    if (++flushes % 64 == 1 && aggregate->held() > collector.most)
      return too_costly("groups and values", collector.most);
    return {};
  }

  const query::Query query;
  const model::Collection& collection;
  SourceProvider& sources;
  Source& source;
  SourceRelations now;
  RelatedSource related_source;
  const bool is_related;
  Collector collector;
  Includer includer;
  std::optional<AggregateOperator> aggregate;
  std::optional<Take> take;
  std::optional<Filter> filter;  // one of the two
  std::optional<RelatedFilter> related_filter;
  Operator* head = nullptr;  // the first stage behind the filter
  std::vector<model::CollectionId> collections;
  bool hydrated = false;
  std::uint64_t flushes = 0;
};

Pipeline::Pipeline(const model::Schema& schema, query::Query query, SourceProvider& sources,
                   query::Relations* relations)
    : graph_(std::make_unique<Graph>(schema, std::move(query), sources, relations)) {}
Pipeline::~Pipeline() = default;

void Pipeline::limit_held(std::size_t most) {
  graph_->collector.most = most;
  graph_->includer.limit_held(most);
}
const query::Query& Pipeline::query() const { return graph_->query; }
const std::vector<model::CollectionId>& Pipeline::collections() const {
  return graph_->collections;
}

Status Pipeline::hydrate(ResultDelta& out) {
  Graph& graph = *graph_;
  SYNC_CHECK(!graph.hydrated, "a pipeline is hydrated once");
  graph.hydrated = true;
  Rollback rollback(out);
  const std::size_t rows_before = out.rows.size();
  graph.collector.collect_into(out.rows);
  if (graph.aggregate) graph.aggregate->look(graph.now, graph.now);
  FetchRequest request;
  request.where = graph.query.where;
  request.order = graph.query.order;
  request.after = graph.query.after;
  request.limit = graph.query.limit;
  Status pushed;
  const RowVisitor push = [&](const model::Record& row) {
    pushed = graph.head->push({DeltaKind::add, {}, row});
    return pushed.ok();
  };
  bool is_read = false;
  if (graph.is_related) {
    SYNC_ASSIGN(is_read, graph.source.fetch_related(request, push));
  }
  if (!is_read) SYNC_TRY(graph.rows().fetch(request, push));
  SYNC_TRY(pushed);
  SYNC_TRY(graph.finish(nullptr, graph.now, graph.now, out, rows_before));
  rollback.keep();
  return {};
}

Status Pipeline::push(const model::Change& change, ResultDelta& out) {
  Graph& graph = *graph_;
  SYNC_CHECK(graph.hydrated, "a pipeline is hydrated before it is pushed to");
  Rollback rollback(out);
  const std::size_t rows_before = out.rows.size();
  graph.collector.collect_into(out.rows);
  SourceRelations before(graph.sources, &change);
  SourceRelations after(graph.sources);
  SYNC_TRY(graph.filter_change(change, before, after));
  SYNC_TRY(graph.now.status());
  SYNC_TRY(graph.finish(&change, before, after, out, rows_before));
  rollback.keep();
  return {};
}

void Pipeline::reset() {
  Graph& graph = *graph_;
  graph.collector.reset();
  graph.includer.reset();
  if (graph.aggregate) graph.aggregate->reset();
  if (graph.take) graph.take->reset();
  graph.now.forget_errors();
  graph.flushes = 0;
  graph.related_source.let_all_go();
  graph.hydrated = false;
}

std::size_t Pipeline::size() const {
  return graph_->aggregate ? graph_->aggregate->size() : graph_->collector.size();
}

}  // namespace syncline::ivm
