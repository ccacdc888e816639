// Exact decimal numbers (SEMANTICS 30): int64 mantissa × 10^-scale, scale 0–6. Money is never a binary float.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "syncline/base/fields.hpp"
#include "syncline/base/result.hpp"

namespace syncline::model {

struct Decimal {
  std::int64_t mantissa = 0;
  std::uint8_t scale = 0;

  // Same number and same scale. Numeric comparison across scales: compare().
  bool operator==(const Decimal&) const = default;
  SYNCLINE_FIELDS(mantissa, scale)
};

inline constexpr std::uint8_t kScaleMax = 6;

// Numeric: < 0, 0, > 0. Exact for every pair of scales.
[[nodiscard]] int compare(Decimal a, Decimal b);
// "395000.00", "-0.5": as many fraction digits as the scale.
[[nodiscard]] std::string to_string(Decimal value);
// Plain decimal notation ("12", "-3.50", ".5" is refused). More fraction digits than `scale`: Code::invalid (never
// rounded silently); too large: Code::overflow.
[[nodiscard]] base::Result<Decimal> parse_decimal(std::string_view text, std::uint8_t scale);
// Half-up (away from zero at .5) to fewer digits; exact to more.
[[nodiscard]] base::Result<Decimal> rescale(Decimal value, std::uint8_t scale);
// REQUIRES: equal scales. Errors: overflow.
[[nodiscard]] base::Result<Decimal> add(Decimal a, Decimal b);
[[nodiscard]] base::Result<Decimal> subtract(Decimal a, Decimal b);
// The product rounded half-up to `scale`. Errors: overflow.
[[nodiscard]] base::Result<Decimal> multiply(Decimal a, Decimal b, std::uint8_t scale);
// Errors: overflow, division_by_zero.
[[nodiscard]] base::Result<Decimal> divide(Decimal a, Decimal b, std::uint8_t scale);

}  // namespace syncline::model
