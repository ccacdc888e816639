// From a row of text to what is to be written: pure, apart from asking KnownRows. Two passes over a block of rows: prepare()
// reads the cells and says which rows of the database it wants; after KnownRows::load() plan() decides.
//
// Thread rule: one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/app/import/csv_file.hpp"
#include "server/app/import/known_rows.hpp"
#include "server/app/import/mapping.hpp"
#include "server/app/import/report.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::server::app::import {

// One record to be written, or not: `mutation` has a name unless nothing is to be done.
struct PlannedWrite {
  RowReport report;
  model::Mutation mutation;
  model::Record before;   // none: it is new
  model::Record planned;  // none: refused
};

// A row whose cells were read.
struct PreparedRow {
  RowReport report;
  bool repeated = false;  // a key that was there before, of a step that takes the first only
  std::vector<std::string> texts;    // per field rule; lookups: the text to look up
  std::vector<model::Value> values;  // per field rule; lookups: the value to look for
};

class Planner {
 public:
  using NewId = std::function<base::Id()>;
  // REQUIRES: all outlive it.
  Planner(const mutation::Domain& domain, const Step& step, KnownRows& known, NewId new_id);

  // Which columns of the mapping the file lacks: malformed.
  [[nodiscard]] base::Status set_header(const CsvTable& table);
  // Errors: the first value whose rule says `fail`.
  [[nodiscard]] base::Result<PreparedRow> prepare(const CsvRow& row);
  // The record itself, after the records its lookups miss. Planned rows are known from then on. REQUIRES: what prepare()
  // wanted is loaded, and the row is not repeated. Errors: as prepare().
  [[nodiscard]] base::Result<std::vector<PlannedWrite>> plan(PreparedRow row);

 private:
  struct Cells {
    std::vector<std::string> texts;  // per column of the header, corrected
  };
  [[nodiscard]] Cells read_cells(const CsvRow& row, RowReport& report) const;
  [[nodiscard]] base::Status prepare_field(std::size_t rule, const Cells& cells, PreparedRow& row);
  // Notes, refuses or fails as the rule says; the value is null then.
  [[nodiscard]] base::Status give_up(const FieldRule& rule, Otherwise otherwise, base::Error why,
                                     RowReport& report) const;
  [[nodiscard]] base::Status look_up(std::size_t rule, PreparedRow& row,
                                     std::vector<PlannedWrite>& writes);
  [[nodiscard]] PlannedWrite create_missing(const Lookup& lookup, const model::Value& value,
                                            const PreparedRow& row);
  [[nodiscard]] PlannedWrite plan_record(PreparedRow& row);
  [[nodiscard]] bool is_kept(model::FieldId field) const;
  [[nodiscard]] PlannedWrite insert(const model::Collection& collection, const model::Patch& fields,
                                    RowReport report);
  [[nodiscard]] PlannedWrite update(const model::Record& before, const model::Patch& fields,
                                    RowReport report);

  const mutation::Domain& domain_;
  const Step& step_;
  KnownRows& known_;
  NewId new_id_;
  std::size_t key_rule_ = 0;
  std::vector<std::string> header_;
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::set<std::string> keys_seen_;  // distinct steps
};

}  // namespace syncline::server::app::import
