#include "syncline/model/decimal.hpp"

#include <algorithm>
#include <limits>

namespace syncline::model {
namespace {

// Wide enough for every product of two mantissas and for a mantissa with 18 more digits.
__extension__ typedef __int128 Wide;

using base::Code;
using base::Error;
using base::Result;

constexpr std::int64_t kPowers[] = {1,
                                    10,
                                    100,
                                    1'000,
                                    10'000,
                                    100'000,
                                    1'000'000,
                                    10'000'000,
                                    100'000'000,
                                    1'000'000'000,
                                    10'000'000'000,
                                    100'000'000'000,
                                    1'000'000'000'000};
static_assert(std::size(kPowers) == 2 * kScaleMax + 1);

// A Decimal from the wire may carry any scale; no arithmetic may leave the table because of it.
int bounded(std::uint8_t scale) { return std::min(scale, kScaleMax); }

Error overflow() { return {Code::overflow, "The number is too large."}; }
Error bad_scale() { return {Code::invalid, "A number has at most 6 decimal places."}; }

bool scales_ok(std::initializer_list<std::uint8_t> scales) {
  return std::all_of(scales.begin(), scales.end(), [](std::uint8_t s) { return s <= kScaleMax; });
}

Result<Decimal> narrow(Wide mantissa, std::uint8_t scale) {
  if (mantissa > std::numeric_limits<std::int64_t>::max() ||
      mantissa < std::numeric_limits<std::int64_t>::min()) {
    return overflow();
  }
  return Decimal{static_cast<std::int64_t>(mantissa), scale};
}

// numerator / denominator, away from zero at .5. REQUIRES: denominator != 0
Wide divide_half_up(Wide numerator, Wide denominator) {
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const bool negative = numerator < 0;
  if (negative) numerator = -numerator;
  const Wide quotient = numerator / denominator;
  const Wide rest = numerator % denominator;
  const Wide rounded = quotient + (rest >= denominator - rest ? 1 : 0);
  return negative ? -rounded : rounded;
}

}  // namespace

int compare(Decimal a, Decimal b) {
  if (a.scale == b.scale) return a.mantissa < b.mantissa ? -1 : a.mantissa > b.mantissa;
  const Wide left = static_cast<Wide>(a.mantissa) * kPowers[bounded(b.scale)];
  const Wide right = static_cast<Wide>(b.mantissa) * kPowers[bounded(a.scale)];
  return left < right ? -1 : left > right;
}

std::string to_string(Decimal value) {
  const auto scale = static_cast<std::size_t>(bounded(value.scale));
  const bool negative = value.mantissa < 0;
  // Negated as unsigned, so that the smallest int64 has a magnitude.
  const auto bits = static_cast<std::uint64_t>(value.mantissa);
  std::string digits = std::to_string(negative ? 0 - bits : bits);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return negative ? "-" + digits : digits;
}

Result<Decimal> parse_decimal(std::string_view text, std::uint8_t scale) {
  if (!scales_ok({scale})) return bad_scale();
  const Error not_a_number{Code::invalid, "Enter a number like 1234.50."};
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point < text.size() ? text.substr(point + 1) : text.substr(point);
  if (whole.empty() || (point < text.size() && fraction.empty())) return not_a_number;
  Wide mantissa = 0;
  // Far above any int64, far below the end of Wide: digits after it cannot bring the number back.
  const Wide enough = static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) * 1000;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return not_a_number;
      if (mantissa < enough) mantissa = mantissa * 10 + (c - '0');
    }
  }
  if (fraction.size() > scale) {
    return Error{Code::invalid,
                 scale == 0 ? "Enter a whole number."
                            : "Enter at most " + std::to_string(scale) + " decimal places."};
  }
  mantissa *= kPowers[scale - fraction.size()];
  return narrow(negative ? -mantissa : mantissa, scale);
}

Result<Decimal> rescale(Decimal value, std::uint8_t scale) {
  if (!scales_ok({value.scale, scale})) return bad_scale();
  if (scale >= value.scale) {
    return narrow(static_cast<Wide>(value.mantissa) * kPowers[scale - value.scale], scale);
  }
  return narrow(divide_half_up(value.mantissa, kPowers[value.scale - scale]), scale);
}

Result<Decimal> add(Decimal a, Decimal b) {
  SYNC_CHECK(a.scale == b.scale, "decimals of different scales");
  return narrow(static_cast<Wide>(a.mantissa) + b.mantissa, a.scale);
}

Result<Decimal> subtract(Decimal a, Decimal b) {
  SYNC_CHECK(a.scale == b.scale, "decimals of different scales");
  return narrow(static_cast<Wide>(a.mantissa) - b.mantissa, a.scale);
}

Result<Decimal> multiply(Decimal a, Decimal b, std::uint8_t scale) {
  if (!scales_ok({a.scale, b.scale, scale})) return bad_scale();
  const Wide product = static_cast<Wide>(a.mantissa) * b.mantissa;
  const int have = a.scale + b.scale;
  if (have >= scale) return narrow(divide_half_up(product, kPowers[have - scale]), scale);
  // Checked before it grows: 2^126 * 10^6 would leave Wide.
  Result<Decimal> small = narrow(product, scale);
  if (!small.ok()) return small;
  return narrow(product * kPowers[scale - have], scale);
}

Result<Decimal> divide(Decimal a, Decimal b, std::uint8_t scale) {
  if (!scales_ok({a.scale, b.scale, scale})) return bad_scale();
  if (b.mantissa == 0) return Error{Code::division_by_zero, "A number cannot be divided by zero."};
  // a / b * 10^scale = a * 10^(scale + b.scale - a.scale) / b
  const int shift = scale + b.scale - a.scale;
  const Wide numerator = static_cast<Wide>(a.mantissa) * kPowers[std::max(shift, 0)];
  const Wide denominator = static_cast<Wide>(b.mantissa) * kPowers[std::max(-shift, 0)];
  return narrow(divide_half_up(numerator, denominator), scale);
}

}  // namespace syncline::model
