// What an import knows of the database's rows: those it has asked for, by a field's value, and on top of them those it has
// planned itself. Planning a block of rows asks once for all the values it needs. Thread rule: one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "syncline/mutation/reader.hpp"

namespace syncline::server::app::import {

class KnownRows {
 public:
  // REQUIRES: both outlive it.
  KnownRows(const model::Schema& schema, mutation::Reader& below)
      : schema_(schema), below_(below) {}

  // The next load() asks for rows whose `field` is `value`. REQUIRES: not null.
  void want(const model::Collection& collection, const model::FieldSpec& field,
            const model::Value& value);
  // Errors: storage_failed, unavailable.
  [[nodiscard]] base::Status load();
  // REQUIRES: wanted and loaded.
  [[nodiscard]] std::vector<model::Record> find(const model::Collection& collection,
                                                const model::FieldSpec& field,
                                                const model::Value& value) const;
  // A row as it will be.
  void put(const model::Record& row);
  // It did not become so, and is what it was, or nothing.
  void take_back(const model::Record& planned, const model::Record& before);

 private:
  using FieldKey = std::pair<model::CollectionId, model::FieldId>;
  using RowKey = std::pair<model::CollectionId, base::Id>;
  struct Entry {
    bool loaded = false;
    model::Value value;
    std::set<base::Id> rows;
  };
  // By the value's text, which is its own for every value of one field.
  using Index = std::map<std::string, Entry, std::less<>>;

  void add_to_indexes(const model::Record& row);
  void take_from_indexes(const model::Record& row);
  [[nodiscard]] base::Status load(const FieldKey& key, Index& index);

  const model::Schema& schema_;
  mutation::Reader& below_;
  std::map<FieldKey, Index> indexes_;
  std::map<RowKey, model::Record> rows_;
};

}  // namespace syncline::server::app::import
