#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "syncline/base/result.hpp"

namespace syncline::base {
namespace {

TEST(Error, EveryCodeHasANameAMeaningAndAStatus) {
  std::set<std::string_view> names;
  constexpr auto kLast = static_cast<std::uint16_t>(Code::method_not_allowed);
  EXPECT_EQ(code_from_number(kLast + 1), Code::internal);
  for (std::uint16_t number = 0; number <= kLast; ++number) {
    const Code code = code_from_number(number);
    EXPECT_EQ(static_cast<std::uint16_t>(code), number);
    EXPECT_TRUE(names.insert(to_string(code)).second) << to_string(code);
    EXPECT_EQ(code_from_name(to_string(code)), code);
    EXPECT_FALSE(meaning(code).empty());
    EXPECT_GE(http_status(code), 200);
    EXPECT_LT(http_status(code), 600);
  }
}

TEST(Error, NumbersAreStable) {
  EXPECT_EQ(static_cast<int>(Code::ok), 0);
  EXPECT_EQ(static_cast<int>(Code::malformed), 1);
  EXPECT_EQ(static_cast<int>(Code::conflict), 9);
  EXPECT_EQ(to_string(Code::already_converted), "already_converted");
  EXPECT_EQ(http_status(Code::conflict), 409);
  EXPECT_EQ(static_cast<int>(Code::internal), 37);
}

TEST(Error, UnknownNamesAndNumbersAreInternal) {
  EXPECT_EQ(code_from_name("no_such_code"), Code::internal);
  EXPECT_EQ(code_from_name(""), Code::internal);
  EXPECT_EQ(code_from_number(65535), Code::internal);
  EXPECT_EQ(to_string(static_cast<Code>(60000)), "internal");
}

TEST(Error, AnErrorAboutAFieldListsIt) {
  const Error error(Code::required, "Enter a value.", "name");
  ASSERT_EQ(error.fields.size(), 1u);
  EXPECT_EQ(error.fields[0], (FieldError{"name", Code::required, "Enter a value."}));
  EXPECT_TRUE(Error(Code::invalid, "No.").fields.empty());
}

Result<int> half(int number) {
  if (number % 2 != 0) return Error{Code::invalid, "odd"};
  return number / 2;
}
Result<int> quarter(int number) {
  SYNC_ASSIGN(const int once, half(number));
  SYNC_ASSIGN(const int twice, half(once));
  return twice;
}
Status even(int number) {
  SYNC_TRY(half(number));
  return {};
}

TEST(Result, CarriesAValueOrAnError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_TRUE(even(4).ok());
  EXPECT_EQ(even(3).error().code, Code::invalid);
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, AskingForTheWrongSideIsABug) {
  EXPECT_THROW(static_cast<void>(half(1).value()), CheckFailure);
  EXPECT_THROW(static_cast<void>(half(2).error()), CheckFailure);
  EXPECT_THROW(static_cast<void>(Status().error()), CheckFailure);
}

TEST(Check, SaysWhatAndWhere) {
  const int number = 1;
  try {
    SYNC_CHECK(number == 2, "arithmetic");
    FAIL() << "the check passed";
  } catch (const CheckFailure& failure) {
    const std::string what = failure.what();
    // The browser's module leaves the condition out, and no build tells its machine's folders.
    EXPECT_TRUE(what.starts_with("arithmetic (number == 2) at ") ||
                what.starts_with("arithmetic at "))
        << what;
    EXPECT_NE(what.find(" at error_test.cpp:86"), std::string::npos) << what;
  }
}

}  // namespace
}  // namespace syncline::base
