#include "server/storage/sqlite_planner.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "syncline/query/predicate.hpp"

namespace syncline::server::storage {

namespace {

using base::Result;
using query::Predicate;

// What SQLite says about the reading of one table.
struct Explained {
  std::string how;
  bool scans = false;            // reads it from one end
  bool sorts = false;            // all that is found before the first is given
  std::set<std::string> fields;  // by whose values it is searched
};

// "SEARCH crm_leads USING INDEX crm_leads_by_ownerId (ownerId=? AND id>?)" → ownerId, id
void add_fields(std::string_view detail, std::set<std::string>& fields) {
  const std::size_t open = detail.rfind('(');
  if (open == std::string_view::npos) return;
  std::string name;
  for (const char c : detail.substr(open + 1)) {
    if (c == '=' || c == '<' || c == '>') {
      fields.insert(name);
      name.clear();
    } else if (c == ' ') {
      name.clear();
    } else {
      name += c;
    }
  }
}

Result<Explained> explain(Connection& connection, const std::string& sql) {
  SYNC_ASSIGN(auto statement, connection.prepare("EXPLAIN QUERY PLAN " + sql));
  Explained explained;
  for (;;) {
    SYNC_ASSIGN(const bool row, statement.step());
    if (!row) return explained;
    const std::string_view detail = statement.text(3);
    explained.how += (explained.how.empty() ? "" : "; ") + std::string(detail);
    // The items of a set are a table of their own, read for each row.
    const bool of_items = detail.find("json_each") != std::string_view::npos;
    if (detail.starts_with("SCAN") && !of_items && !detail.starts_with("SCAN CONSTANT"))
      explained.scans = true;
    if (detail == "USE TEMP B-TREE FOR ORDER BY") explained.sorts = true;
    if (detail.starts_with("SEARCH")) add_fields(detail, explained.fields);
  }
}

// Those conditions of an AND that speak of nothing but these fields; whether that is all of them.
struct Searched {
  Predicate where;
  bool whole = true;
};
Searched about(const model::Collection& collection, const Predicate& where,
               const std::set<std::string>& fields) {
  std::vector<Predicate> parts;
  bool whole = true;
  const std::vector<Predicate> self{where};
  for (const Predicate& part : where.kind == Predicate::Kind::all_of ? where.children : self) {
    const std::vector<model::FieldId> mentioned = query::mentioned_fields(part);
    const bool fits = std::all_of(mentioned.begin(), mentioned.end(), [&](model::FieldId field) {
      return fields.contains(std::string(collection.field(field).spec.name));
    });
    if (fits) parts.push_back(part);
    whole = whole && fits;
  }
  return {parts.size() == 1 ? parts.front() : query::all_of(std::move(parts)), whole};
}

}  // namespace

Result<std::uint64_t> SqlitePlanner::rows(model::CollectionId collection) {
  const auto found = counts_.find(collection);
  // A table cannot have grown by more than there were commits, give or take; counting costs by its size.
  if (found != counts_.end() && version_ >= found->second.at &&
      version_ - found->second.at <= found->second.rows / 8)
    return found->second.rows;
  SYNC_ASSIGN(auto statement, connection_.prepare("SELECT count(*) FROM " +
                                                  sql_text::table(schema_.collection(collection))));
  SYNC_ASSIGN(const bool row, statement.step());
  const std::uint64_t counted = row ? statement.natural(0) : 0;
  counts_[collection] = {counted, version_};
  return counted;
}

Result<std::uint64_t> SqlitePlanner::count(const model::Collection& collection,
                                           const Predicate& where, std::uint64_t enough) {
  const sql_text::Filter filter = sql_text::where(schema_, collection, where);
  SYNC_ASSIGN(auto statement, connection_.prepare("SELECT count(*) FROM (SELECT 1 FROM " +
                                                  sql_text::table(collection) + " WHERE " +
                                                  filter.sql + " LIMIT ?)"));
  SYNC_ASSIGN(const bool row, statement.bind_all(filter.parameters).bind(enough).step());
  return row ? statement.natural(0) : 0;
}

Result<authority::Planner::Path> SqlitePlanner::path(model::CollectionId id,
                                                     const ivm::FetchRequest& request,
                                                     std::uint64_t enough) {
  const model::Collection& collection = schema_.collection(id);
  const sql_text::Filter filter = sql_text::where(schema_, collection, request.where);
  const bool sorted_here = !sql_text::can_order(collection, request.order);
  SYNC_ASSIGN(
      const Explained explained,
      explain(
          connection_,
          sql_text::select_columns(collection) + " WHERE " + filter.sql +
              (sorted_here ? "" : sql_text::order_by(collection, request.order, request.reverse))));
  SYNC_ASSIGN(const std::uint64_t all, rows(id));
  Path path{all, explained.how};
  if (request.where.kind == Predicate::Kind::never) path.rows = 0;
  if (request.limit != 0 && request.where.kind == Predicate::Kind::always && !sorted_here &&
      sql_text::reads_in_order(collection, request.order)) {
    path.rows = std::min<std::uint64_t>(all, request.limit);
  } else if (!explained.scans && !explained.fields.empty()) {
    const Searched searched = about(collection, request.where, explained.fields);
    SYNC_ASSIGN(path.rows, count(collection, searched.where, enough));
    // Every row found is wanted, and comes in order: the reading stops when there are enough.
    const bool stops = request.limit != 0 && searched.whole && filter.exact && !explained.sorts;
    if (stops) path.rows = std::min<std::uint64_t>(path.rows, request.limit);
  }
  return path;
}

bool SqlitePlanner::reads_related_once(model::CollectionId collection, const Predicate& where) {
  return sources_.source(collection).answers(where);
}

}  // namespace syncline::server::storage
