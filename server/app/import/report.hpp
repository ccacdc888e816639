// What became of every row: JSON lines for programs, a summary for people. Thread rule: one thread.
#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "syncline/base/error.hpp"
#include "syncline/base/id.hpp"

namespace syncline::server::app::import {

enum class Outcome : std::uint8_t { inserted, updated, unchanged, refused };
[[nodiscard]] std::string_view to_string(Outcome outcome);

// Something that was done about a value, said for people: "Empty; left empty.".
struct Note {
  std::string where;  // the field, or the column
  std::string message;
};

struct RowReport {
  std::size_t line = 0;  // of the CSV
  std::string key;       // the row's natural key
  Outcome outcome = Outcome::unchanged;
  base::Id id;  // nil: refused before it had one
  std::vector<Note> warnings;
  base::Error error;       // refused: why
  std::string created_in;  // a record that a lookup missed, made in this collection; else empty
};

struct Counts {
  std::uint64_t inserted = 0, updated = 0, unchanged = 0, refused = 0;
  std::uint64_t warnings = 0;
  std::uint64_t created = 0;  // by lookups
};

class Report {
 public:
  // `lines` may be nullptr; else it outlives the report and gets one JSON object per row.
  explicit Report(std::ostream* lines) : lines_(lines) {}

  void begin_step(std::string title, std::string file);
  // REQUIRES: a step was begun.
  void add(const RowReport& row);
  // A remark about the whole import: a file nobody asked for.
  void remark(std::string text) { remarks_.push_back(std::move(text)); }

  [[nodiscard]] Counts total() const;
  void print_summary(std::ostream& out) const;

 private:
  struct Part {
    std::string title;
    std::string file;
    Counts counts;
    std::map<std::string, std::uint64_t> warnings;  // by what they say
    std::vector<std::string> refused;               // the first few
  };
  void write_line(const RowReport& row);
  static void print(std::ostream& out, const Part& part);

  std::ostream* lines_;
  std::vector<Part> parts_;
  std::vector<std::string> remarks_;
};

}  // namespace syncline::server::app::import
