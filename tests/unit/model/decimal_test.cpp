#include "syncline/model/decimal.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::model {
namespace {

using base::Code;
__extension__ typedef __int128 Wide;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Wide power(int exponent) { return exponent == 0 ? 1 : 10 * power(exponent - 1); }
Wide magnitude(Wide value) { return value < 0 ? -value : value; }
bool fits(Wide value) { return value >= kMin && value <= kMax; }

// Whether `rounded` is numerator / denominator half-up, away from zero: by the definition, not by the algorithm.
bool is_half_up(Wide numerator, Wide denominator, Wide rounded) {
  const Wide error = magnitude(numerator) - magnitude(rounded) * magnitude(denominator);
  const bool sign_fits = rounded == 0 || (rounded < 0) == ((numerator < 0) != (denominator < 0));
  // -half <= error < half, in units of the denominator
  return sign_fits && 2 * error < magnitude(denominator) && 2 * error >= -magnitude(denominator);
}

Decimal random_decimal(base::Random& random) {
  const auto bits = static_cast<std::int64_t>(random.next());
  return {bits >> random.below(64), static_cast<std::uint8_t>(random.below(kScaleMax + 1))};
}

struct TextCase {
  const char* text;
  std::uint8_t scale;
  std::int64_t mantissa;
};

TEST(Decimal, ReadsPlainNotation) {
  for (const TextCase& c :
       {TextCase{"0", 2, 0}, TextCase{"-0", 2, 0}, TextCase{"12", 0, 12}, TextCase{"12", 2, 1200},
        TextCase{"395000.00", 2, 39500000}, TextCase{"-3.5", 2, -350}, TextCase{"0.000001", 6, 1},
        TextCase{"007.10", 2, 710}, TextCase{"9223372036854775807", 0, kMax},
        TextCase{"-9223372036854775808", 0, kMin}, TextCase{"-92233720368547758.08", 2, kMin}}) {
    const auto parsed = parse_decimal(c.text, c.scale);
    ASSERT_TRUE(parsed.ok()) << c.text;
    EXPECT_EQ(*parsed, (Decimal{c.mantissa, c.scale})) << c.text;
  }
}

TEST(Decimal, RefusesOtherNotation) {
  for (const char* text : {"", "-", ".", ".5", "5.", "+1", "1e3", "1,5", " 1", "1 ", "--1", "1.2.3",
                           "0x1", "NaN", "1.-2"}) {
    const auto parsed = parse_decimal(text, 2);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, Code::invalid) << text;
  }
  EXPECT_EQ(parse_decimal("1.234", 2).error().code, Code::invalid);
  EXPECT_EQ(parse_decimal("1.230", 2).error().code, Code::invalid);
  EXPECT_EQ(parse_decimal("1.2", 0).error().code, Code::invalid);
  EXPECT_EQ(parse_decimal("1", 7).error().code, Code::invalid);
  EXPECT_EQ(parse_decimal("9223372036854775808", 0).error().code, Code::overflow);
  EXPECT_EQ(parse_decimal("92233720368547758.08", 2).error().code, Code::overflow);
  EXPECT_EQ(parse_decimal(std::string(5000, '9'), 6).error().code, Code::overflow);
}

TEST(Decimal, Text) {
  EXPECT_EQ(to_string(Decimal{39500000, 2}), "395000.00");
  EXPECT_EQ(to_string(Decimal{-5, 1}), "-0.5");
  EXPECT_EQ(to_string(Decimal{-5, 6}), "-0.000005");
  EXPECT_EQ(to_string(Decimal{0, 3}), "0.000");
  EXPECT_EQ(to_string(Decimal{7, 0}), "7");
  EXPECT_EQ(to_string(Decimal{kMin, 6}), "-9223372036854.775808");
}

TEST(Decimal, TextRoundTrip) {
  base::Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const Decimal value = random_decimal(random);
    const auto parsed = parse_decimal(to_string(value), value.scale);
    ASSERT_TRUE(parsed.ok()) << to_string(value);
    EXPECT_EQ(*parsed, value);
  }
}

TEST(Decimal, ComparesAcrossScales) {
  EXPECT_EQ(compare({150, 2}, {15, 1}), 0);
  EXPECT_LT(compare({-1, 0}, {-999'999, 6}), 0);
  EXPECT_GT(compare({kMax, 0}, {kMax, 6}), 0);
  EXPECT_LT(compare({kMin, 0}, {kMin, 6}), 0);
  base::Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    const Decimal a = random_decimal(random);
    const Decimal b = random_decimal(random);
    const Wide difference = a.mantissa * power(6 - a.scale) - b.mantissa * power(6 - b.scale);
    EXPECT_EQ(compare(a, b) < 0, difference < 0);
    EXPECT_EQ(compare(a, b) > 0, difference > 0);
    EXPECT_EQ(compare(a, b), -compare(b, a));
  }
}

TEST(Decimal, RescaleRoundsHalfAwayFromZero) {
  EXPECT_EQ(*rescale({125, 2}, 1), (Decimal{13, 1}));
  EXPECT_EQ(*rescale({-125, 2}, 1), (Decimal{-13, 1}));
  EXPECT_EQ(*rescale({124, 2}, 1), (Decimal{12, 1}));
  EXPECT_EQ(*rescale({-4, 1}, 0), (Decimal{0, 0}));
  EXPECT_EQ(*rescale({5, 1}, 4), (Decimal{5000, 4}));
  EXPECT_EQ(rescale({kMax, 0}, 1).error().code, Code::overflow);
  EXPECT_EQ(rescale({1, 200}, 1).error().code, Code::invalid);
  EXPECT_EQ(rescale({1, 1}, 200).error().code, Code::invalid);
}

TEST(Decimal, SumsAndDifferencesAgreeWithWideIntegers) {
  base::Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    const Decimal a = random_decimal(random);
    Decimal b = random_decimal(random);
    b.scale = a.scale;
    const auto sum = add(a, b);
    const auto difference = subtract(a, b);
    ASSERT_EQ(sum.ok(), fits(Wide{a.mantissa} + b.mantissa));
    ASSERT_EQ(difference.ok(), fits(Wide{a.mantissa} - b.mantissa));
    if (sum.ok()) {
      EXPECT_TRUE(sum->mantissa == Wide{a.mantissa} + b.mantissa && sum->scale == a.scale);
    }
    if (difference.ok()) {
      EXPECT_TRUE(difference->mantissa == Wide{a.mantissa} - b.mantissa);
    }
  }
  EXPECT_EQ(add({kMax, 2}, {1, 2}).error().code, Code::overflow);
  EXPECT_EQ(subtract({kMin, 2}, {1, 2}).error().code, Code::overflow);
  EXPECT_THROW(static_cast<void>(add({1, 1}, {1, 2})), base::CheckFailure);
}

TEST(Decimal, ProductsAreRoundedByDefinition) {
  base::Random random(4);
  int exact = 0;
  for (int i = 0; i < 50'000; ++i) {
    const Decimal a = random_decimal(random);
    const Decimal b = random_decimal(random);
    const auto scale = static_cast<std::uint8_t>(random.below(kScaleMax + 1));
    const auto product = multiply(a, b, scale);
    const int drop = a.scale + b.scale - scale;
    const Wide whole = Wide{a.mantissa} * b.mantissa;
    if (!product.ok()) {
      EXPECT_EQ(product.error().code, Code::overflow);
      // Only what does not fit may be refused: even cut, without rounding, it is at the edge.
      const Wide cut = drop >= 0 ? whole / power(drop) : fits(whole) ? whole * power(-drop) : whole;
      EXPECT_FALSE(fits(cut) && magnitude(cut) != kMax);
      continue;
    }
    EXPECT_EQ(product->scale, scale);
    if (drop >= 0) {
      EXPECT_TRUE(is_half_up(whole, power(drop), product->mantissa))
          << to_string(a) << " * " << to_string(b);
    } else {
      EXPECT_TRUE(product->mantissa == whole * power(-drop));
      ++exact;
    }
  }
  EXPECT_GT(exact, 100);
}

TEST(Decimal, QuotientsAreRoundedByDefinition) {
  base::Random random(5);
  int counted = 0;
  for (int i = 0; i < 50'000; ++i) {
    const Decimal a = random_decimal(random);
    const Decimal b = random_decimal(random);
    const auto scale = static_cast<std::uint8_t>(random.below(kScaleMax + 1));
    const auto quotient = divide(a, b, scale);
    if (b.mantissa == 0) {
      EXPECT_EQ(quotient.error().code, Code::division_by_zero);
      continue;
    }
    // Both over 10^12: a / b = (a.mantissa * 10^(scale + b.scale)) / (b.mantissa * 10^a.scale)
    const Wide numerator = Wide{a.mantissa} * power(scale + b.scale);
    const Wide denominator = Wide{b.mantissa} * power(a.scale);
    if (!quotient.ok()) {
      EXPECT_EQ(quotient.error().code, Code::overflow);
      EXPECT_GE(magnitude(numerator / denominator), Wide{kMax});
      continue;
    }
    ++counted;
    EXPECT_TRUE(is_half_up(numerator, denominator, quotient->mantissa))
        << to_string(a) << " / " << to_string(b);
  }
  EXPECT_GT(counted, 10'000);
}

TEST(Decimal, EdgesOfArithmetic) {
  EXPECT_EQ(*multiply({1999, 2}, {3, 0}, 2), (Decimal{5997, 2}));
  EXPECT_EQ(*multiply({1005, 3}, {1, 0}, 2), (Decimal{101, 2}));
  EXPECT_EQ(*multiply({-1005, 3}, {1, 0}, 2), (Decimal{-101, 2}));
  EXPECT_EQ(*divide({1, 0}, {3, 0}, 6), (Decimal{333333, 6}));
  EXPECT_EQ(*divide({2, 0}, {-3, 0}, 2), (Decimal{-67, 2}));
  EXPECT_EQ(*divide({5, 0}, {10, 0}, 0), (Decimal{1, 0}));
  EXPECT_EQ(divide({kMin, 0}, {-1, 0}, 0).error().code, Code::overflow);
  EXPECT_EQ(multiply({kMin, 0}, {kMin, 0}, 6).error().code, Code::overflow);
  EXPECT_EQ(*multiply({kMin, 6}, {1, 0}, 6), (Decimal{kMin, 6}));
  EXPECT_EQ(divide({1, 9}, {1, 0}, 0).error().code, Code::invalid);
}

// A scale beyond the limit can come from the wire; it may give nonsense, but never leave a table.
TEST(Decimal, ForeignScalesAreHarmless) {
  for (const std::uint8_t scale : {std::uint8_t{7}, std::uint8_t{19}, std::uint8_t{255}}) {
    EXPECT_EQ(compare({kMin, scale}, {kMax, 0}), -1);
    EXPECT_FALSE(to_string(Decimal{kMin, scale}).empty());
    EXPECT_FALSE(multiply({1, scale}, {1, scale}, 2).ok());
  }
}

}  // namespace
}  // namespace syncline::model
