#include "server/app/import/known_rows.hpp"

#include <algorithm>
#include <utility>

#include "syncline/model/validate.hpp"

namespace syncline::server::app::import {
namespace {

constexpr std::size_t kValuesPerQuery = 500;

}  // namespace

void KnownRows::want(const model::Collection& collection, const model::FieldSpec& field,
                     const model::Value& value) {
  const auto [index, is_new] = indexes_.try_emplace({collection.id(), field.id});
  if (is_new) {
    for (const auto& [key, row] : rows_) add_to_indexes(row);
  }
  index->second[model::format_value(field, value)].value = value;
}

base::Status KnownRows::load() {
  for (auto& [key, index] : indexes_) SYNC_TRY(load(key, index));
  return {};
}

base::Status KnownRows::load(const FieldKey& key, Index& index) {
  std::vector<model::Value> missing;
  for (auto& [text, entry] : index) {
    if (!entry.loaded) missing.push_back(entry.value);
  }
  for (std::size_t from = 0; from < missing.size(); from += kValuesPerQuery) {
    const std::size_t to = std::min(missing.size(), from + kValuesPerQuery);
    const auto begin = missing.begin();
    query::Query query;
    query.collection = key.first;
    query.where = query::in(key.second, {begin + static_cast<std::ptrdiff_t>(from),
                                         begin + static_cast<std::ptrdiff_t>(to)});
    SYNC_ASSIGN(const mutation::FindResult found, below_.find(query));
    for (const model::Record& row : found.rows) {
      // What was planned for a row is newer than what the database says.
      if (rows_.emplace(RowKey{key.first, row.id()}, row).second) add_to_indexes(row);
    }
  }
  for (auto& [text, entry] : index) entry.loaded = true;
  return {};
}

std::vector<model::Record> KnownRows::find(const model::Collection& collection,
                                           const model::FieldSpec& field,
                                           const model::Value& value) const {
  const auto index = indexes_.find({collection.id(), field.id});
  SYNC_CHECK(index != indexes_.end(), "find() without want()");
  const auto entry = index->second.find(model::format_value(field, value));
  SYNC_CHECK(entry != index->second.end() && entry->second.loaded, "find() without load()");
  std::vector<model::Record> rows;
  for (const base::Id& id : entry->second.rows) rows.push_back(rows_.at({collection.id(), id}));
  return rows;
}

void KnownRows::put(const model::Record& row) {
  model::Record& known = rows_[{row.collection().id(), row.id()}];
  if (known) take_from_indexes(known);
  known = row;
  add_to_indexes(row);
}

void KnownRows::take_back(const model::Record& planned, const model::Record& before) {
  if (before) return put(before);
  const auto known = rows_.find({planned.collection().id(), planned.id()});
  if (known == rows_.end()) return;
  take_from_indexes(known->second);
  rows_.erase(known);
}

void KnownRows::add_to_indexes(const model::Record& row) {
  for (auto& [key, index] : indexes_) {
    if (key.first != row.collection().id() || !row.has(key.second)) continue;
    const model::FieldSpec& field = row.collection().field(key.second).spec;
    Entry& entry = index[model::format_value(field, row.get(key.second))];
    entry.value = row.get(key.second);
    entry.rows.insert(row.id());
  }
}

void KnownRows::take_from_indexes(const model::Record& row) {
  for (auto& [key, index] : indexes_) {
    if (key.first != row.collection().id() || !row.has(key.second)) continue;
    const model::FieldSpec& field = row.collection().field(key.second).spec;
    const auto entry = index.find(model::format_value(field, row.get(key.second)));
    if (entry != index.end()) entry->second.rows.erase(row.id());
  }
}

}  // namespace syncline::server::app::import
