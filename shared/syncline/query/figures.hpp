// Tally: the figures of one group, row by row added and taken away again. Exact: what was added can always be taken away.
// Holds no rows; count_distinct, min and max hold the distinct values of their field.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "syncline/base/result.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::query {

// In which period of a trend a row counts.
enum class TrendSide : std::uint8_t { neither, previous, now };
[[nodiscard]] TrendSide side_of(const Trend& trend, const model::Record& row);

// The type of a term's value; for a count an integer.
[[nodiscard]] model::FieldSpec result_field(const model::Collection& collection,
                                            const AggregateTerm& term);
// The type in which values of this field are added up: points in time as their milliseconds.
[[nodiscard]] model::FieldSpec summed_field(model::FieldSpec field);
// Half up, away from zero. Errors: overflow, named by the field.
[[nodiscard]] base::Result<model::Value> average(const model::FieldSpec& field,
                                                 const model::Value& sum, std::int64_t count);

// Of figures from outside: are they what these terms ask for, in number and kind?
[[nodiscard]] bool fits(const model::Collection& collection,
                        const std::vector<AggregateTerm>& terms, const Figures& figures);

class Tally {
 public:
  // `collection` outlives the tally.
  Tally(const model::Collection& collection, const std::vector<AggregateTerm>& terms);

  // sign: 1 adds the row, -1 takes it away. REQUIRES: of the latter, that it was added.
  void count(const model::Record& row, int sign);
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  // Distinct values held.
  [[nodiscard]] std::size_t held() const;
  // Errors: overflow, when a sum or average left its type.
  [[nodiscard]] base::Result<Figures> figures() const;

 private:
  // Wider than any sum of int64 that fits a memory.
  __extension__ using Sum = __int128;
  struct Less {
    const model::FieldSpec* field;
    bool operator()(const model::Value& a, const model::Value& b) const {
      return model::compare_values(*field, a, b) < 0;
    }
  };
  struct Term {
    Aggregator aggregator;
    const model::Field* field;  // nullptr: rows are counted
    Sum sum = 0;
    std::int64_t count = 0;  // of values
    std::map<model::Value, std::uint32_t, Less> values;
  };
  [[nodiscard]] static base::Result<model::Value> sum_of(const Term& term);

  std::vector<Term> terms_;
  std::int64_t rows_ = 0;
};

}  // namespace syncline::query
