#include "server/storage/sqlite_source.hpp"

#include <algorithm>
#include <utility>

#include "server/storage/columns.hpp"
#include "syncline/query/figures.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::server::storage {

struct SqliteSource::Reading {
  const query::Predicate& where;
  const ivm::RowVisitor& visit;
  std::uint32_t limit = 0;  // 0: all
  std::uint32_t visited = 0;
  bool stopped = false;

  [[nodiscard]] bool done() const { return stopped || (limit != 0 && visited >= limit); }
};

SqliteSource::SqliteSource(Connection& connection, const model::Schema& schema,
                           const model::Collection& collection, RowCache* rows)
    : connection_(connection),
      schema_(schema),
      collection_(collection),
      rows_(rows),
      select_(sql_text::select_columns(collection)),
      get_(connection, select_ + " WHERE \"id\" = ?") {}

base::Result<model::Record> SqliteSource::get(const base::Id& id) {
  if (rows_ != nullptr) {
    if (model::Record known = rows_->find(collection_.id(), id)) return known;
  }
  SYNC_ASSIGN(auto statement, get_.use());
  SYNC_ASSIGN(const bool is_there, statement.bind(id).step());
  if (!is_there) return model::Record();
  model::Record row = read_record(collection_, statement);
  if (rows_ != nullptr) rows_->put(row);
  return row;
}

base::Status SqliteSource::read(Reading& reading, const sql_text::Filter& filter,
                                const std::string& tail) {
  const bool limited = reading.limit != 0 && filter.exact;
  SYNC_ASSIGN(auto statement, connection_.prepare(select_ + " WHERE " + filter.sql + tail +
                                                  (limited ? " LIMIT ?" : "")));
  statement.bind_all(filter.parameters);
  if (limited) statement.bind(std::int64_t{reading.limit - reading.visited});
  while (!reading.done()) {
    SYNC_ASSIGN(const bool row, statement.step());
    if (!row) break;
    const model::Record record = read_record(collection_, statement);
    if (!query::matches(reading.where, record)) continue;
    ++reading.visited;
    reading.stopped = !reading.visit(record);
  }
  return {};
}

namespace {

constexpr std::size_t kProbeRows = 256;

// Conditions that one after the other select what lies behind the request's place.
std::vector<sql_text::Filter> ranges(const model::Collection& collection,
                                     const ivm::FetchRequest& request,
                                     const std::optional<model::OrderKey>& after) {
  if (!after) return {{"1", {}, true}};
  return sql_text::strictly_after(collection, request.order, *after, request.reverse);
}

}  // namespace

base::Status SqliteSource::fetch(const ivm::FetchRequest& request, const ivm::RowVisitor& visit) {
  if (!sql_text::can_order(collection_, request.order)) return fetch_sorted_here(request, visit);
  Reading reading{request.where, visit, request.limit};
  std::optional<model::OrderKey> after = request.after;
  const bool filtered = request.where.kind != query::Predicate::Kind::always;
  // Who asks for no order wants a few rows with some property, usually none (uniqueness): the condition's index, not the order's.
  if (request.limit != 0 && request.limit <= kProbeRows && filtered && !request.order.empty() &&
      sql_text::reads_in_order(collection_, request.order)) {
    SYNC_ASSIGN(after, probe(request, reading));
    if (!after) return {};
  }
  return read_ordered(request, reading, sql_text::where(schema_, collection_, request.where),
                      after);
}

base::Status SqliteSource::read_ordered(const ivm::FetchRequest& request, Reading& reading,
                                        const sql_text::Filter& where,
                                        const std::optional<model::OrderKey>& after) {
  const std::string order = sql_text::order_by(collection_, request.order, request.reverse);
  for (sql_text::Filter part : ranges(collection_, request, after)) {
    if (reading.done()) break;
    part.sql = "(" + part.sql + ") AND (" + where.sql + ")";
    part.parameters.insert(part.parameters.end(), where.parameters.begin(), where.parameters.end());
    part.exact = part.exact && where.exact;
    SYNC_TRY(read(reading, part, order));
  }
  return {};
}

bool SqliteSource::answers(const query::Predicate& where) const {
  return sql_text::where(schema_, collection_, where).exact;
}

base::Result<bool> SqliteSource::fetch_related(const ivm::FetchRequest& request,
                                               const ivm::RowVisitor& visit) {
  const sql_text::Filter where = sql_text::where(schema_, collection_, request.where);
  if (!where.exact || !sql_text::can_order(collection_, request.order)) return false;
  // What the row alone can tell is checked as ever; for the rest SQL's word is taken.
  const query::Predicate own = query::without_relations(request.where);
  Reading reading{own, visit, request.limit};
  SYNC_TRY(read_ordered(request, reading, where, request.after));
  return true;
}

base::Result<std::optional<model::OrderKey>> SqliteSource::probe(const ivm::FetchRequest& request,
                                                                 Reading& reading) {
  const std::string order = sql_text::order_by(collection_, request.order, request.reverse);
  std::size_t left = kProbeRows;
  model::Record last;
  for (const sql_text::Filter& range : ranges(collection_, request, request.after)) {
    SYNC_ASSIGN(auto statement,
                connection_.prepare(select_ + " WHERE " + range.sql + order + " LIMIT ?"));
    statement.bind_all(range.parameters).bind(std::uint64_t{left});
    for (; left > 0; --left) {
      SYNC_ASSIGN(const bool row, statement.step());
      if (!row) break;
      last = read_record(collection_, statement);
      if (!query::matches(reading.where, last)) continue;
      ++reading.visited;
      reading.stopped = !reading.visit(last);
      if (reading.done()) return std::optional<model::OrderKey>();
    }
    if (left == 0) return std::optional(model::key_of(request.order, last));
  }
  return std::optional<model::OrderKey>();
}

base::Status SqliteSource::fetch_sorted_here(const ivm::FetchRequest& request,
                                             const ivm::RowVisitor& visit) {
  std::vector<model::Record> rows;
  const ivm::RowVisitor collect = [&](const model::Record& row) {
    if (request.after) {
      const int side =
          model::compare_record_to_key(collection_, request.order, row, *request.after);
      if (request.reverse ? side >= 0 : side <= 0) return true;
    }
    rows.push_back(row);
    return true;
  };
  Reading reading{request.where, collect};
  SYNC_TRY(read(reading, sql_text::where(schema_, collection_, request.where), ""));
  std::sort(rows.begin(), rows.end(), [&](const model::Record& a, const model::Record& b) {
    const int order = model::compare_records(collection_, request.order, a, b);
    return request.reverse ? order > 0 : order < 0;
  });
  if (request.limit != 0 && rows.size() > request.limit) rows.resize(request.limit);
  for (const model::Record& row : rows) {
    if (!visit(row)) break;
  }
  return {};
}

base::Status SqliteSource::fetch_by(model::FieldId field, const model::Value& value,
                                    const ivm::RowVisitor& visit) {
  if (value.is_null()) return {};  // a null equals nothing
  const model::Field& by = collection_.field(field);
  const query::Predicate where = query::compare(field, query::Op::eq, value);
  Reading reading{where, visit};
  return read(reading, sql_text::field_equals(by, value), " ORDER BY \"id\"");
}

base::Result<std::uint64_t> SqliteSource::count(const query::Predicate& where) {
  const sql_text::Filter filter = sql_text::where(schema_, collection_, where);
  if (filter.exact) {
    SYNC_ASSIGN(auto statement,
                connection_.prepare("SELECT count(*) FROM " + sql_text::table(collection_) +
                                    " WHERE " + filter.sql));
    SYNC_ASSIGN(const bool row, statement.bind_all(filter.parameters).step());
    return row ? statement.natural(0) : 0;
  }
  std::uint64_t rows = 0;
  const ivm::RowVisitor tally = [&rows](const model::Record&) {
    ++rows;
    return true;
  };
  Reading reading{where, tally};
  SYNC_TRY(read(reading, filter, ""));
  return rows;
}

namespace {

// The figures of one row of sql_text::aggregate, from this column on.
std::optional<query::Figures> read_figures(const model::Collection& collection,
                                           const std::vector<query::AggregateTerm>& terms,
                                           const Statement& statement, int column) {
  query::Figures figures;
  figures.rows = statement.integer(column++);
  for (const query::AggregateTerm& term : terms) {
    if (term.aggregator == query::Aggregator::count) {
      figures.values.emplace_back(figures.rows);
      continue;
    }
    const model::FieldSpec& field = collection.field(term.field).spec;
    switch (term.aggregator) {
      case query::Aggregator::count: break;
      case query::Aggregator::count_distinct:
        figures.values.emplace_back(statement.integer(column++));
        break;
      case query::Aggregator::sum:
      case query::Aggregator::min:
      case query::Aggregator::max:
        figures.values.push_back(from_sql(field, statement, column++));
        break;
      case query::Aggregator::avg: {
        const model::Value sum = from_sql(query::summed_field(field), statement, column++);
        const std::int64_t count = statement.integer(column++);
        auto average = query::average(field, sum, count);
        if (!average.ok()) return std::nullopt;
        figures.values.push_back(std::move(*average));
        figures.averaged.push_back(sum);
        figures.averaged.emplace_back(count);
        break;
      }
    }
  }
  return figures;
}

}  // namespace

std::optional<std::vector<ivm::AggregateRow>> SqliteSource::aggregate(const query::Query& query) {
  const sql_text::Filter filter = sql_text::where(schema_, collection_, query.where);
  const query::Aggregate& asked = *query.aggregate;
  if (!filter.exact || !sql_text::can_aggregate(collection_, asked)) return std::nullopt;
  auto statement = connection_.prepare(sql_text::aggregate(collection_, asked, filter.sql));
  if (!statement.ok()) return std::nullopt;
  statement->bind_all(filter.parameters);
  std::vector<ivm::AggregateRow> rows;
  for (;;) {
    const auto step = statement->step();
    if (!step.ok()) return std::nullopt;
    if (!*step) break;
    ivm::AggregateRow row;
    int column = 0;
    for (const query::GroupKey& key : asked.group_by)
      row.key.push_back(from_sql(collection_.field(key.field).spec, *statement, column++));
    auto figures = read_figures(collection_, asked.terms, *statement, column);
    if (!figures) return std::nullopt;
    static_cast<query::Figures&>(row) = std::move(*figures);
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    for (std::size_t i = 0; i < a.key.size(); ++i) {
      const model::FieldSpec& field = collection_.field(asked.group_by[i].field).spec;
      const int by_part = model::compare_values(field, a.key[i], b.key[i]);
      if (by_part != 0) return by_part < 0;
    }
    return false;
  });
  return rows;
}

SqliteSources::SqliteSources(Connection& connection, const model::Schema& schema, RowCache* rows) {
  for (const model::Collection& collection : schema.collections()) {
    sources_.emplace_back(connection, schema, collection, rows);
    if (by_id_.size() <= collection.id()) by_id_.resize(collection.id() + std::size_t{1});
    by_id_[collection.id()] = &sources_.back();
  }
}

SqliteSource& SqliteSources::source(model::CollectionId collection) {
  SYNC_CHECK(collection < by_id_.size() && by_id_[collection] != nullptr, "no such collection");
  return *by_id_[collection];
}

}  // namespace syncline::server::storage
