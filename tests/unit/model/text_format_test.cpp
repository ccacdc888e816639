#include "syncline/model/text_format.hpp"

#include <string>

#include <gtest/gtest.h>

namespace syncline::model {
namespace {

void expect(TextFormat format, bool accepted, std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) EXPECT_EQ(has_format(format, text), accepted) << text;
}

TEST(TextFormat, Plain) { expect(TextFormat::plain, true, {"", "anything at all", "<b>"}); }

TEST(TextFormat, Email) {
  expect(TextFormat::email, true,
         {"a@b.cd", "first.last+tag@sub.example.co.uk", "o'brien@example.com", "jürgen@müller.de",
          "用户@例子.公司", "a_b-c@x-y.org", std::string(64, 'a') + "@example.com"});
  expect(TextFormat::email, false,
         {"",
          "a",
          "a@",
          "@b.cd",
          "a@b",
          "a b@c.de",
          "a@b c.de",
          "a@@b.cd",
          "a@b.cd.",
          "a@.b.cd",
          "a@b..cd",
          ".a@b.cd",
          "a.@b.cd",
          "a..b@c.de",
          "a@b.cd\n",
          "<a@b.cd>",
          "a@b.cd,c@d.ef",
          "a@b_c.de@",
          std::string(65, 'a') + "@example.com",
          "a@" + std::string(260, 'b') + ".cd"});
}

TEST(TextFormat, Url) {
  expect(TextFormat::url, true,
         {"https://example.com", "http://localhost:8080/path?q=1#x", "HTTPS://Example.com",
          "example.com", "www.example.com/about", "example.com:8080", "https://müller.de/ä",
          "https://127.0.0.1", "https://example.com/a@b:c"});
  expect(TextFormat::url, false,
         {"", "example", "javascript:alert(1)", "JavaScript:alert(1.2)", "data:text/html,<b>",
          "ftp://example.com", "https://", "https:///path", "http://http://a.b",
          "https://exa mple.com", "https://example.com/<script>", "https://user:secret@example.com",
          "//example.com", "mailto:a@b.cd", "https://example.com:port", "example..com",
          "vbscript:x.y", "https://.com"});
}

TEST(TextFormat, Phone) {
  expect(TextFormat::phone, true,
         {"+1 555 0100", "(030) 1234-567", "+49 (0)30 / 12 34 56", "112", "555.0100",
          "+49 30 1234 ext. 12", "555-0100 x7", "555-0100 ext7", "*21#123", "(+49) 30 12345"});
  expect(TextFormat::phone, false,
         {"", "12", "call me", "+", "555-CALL", "5+55 0100", "++49 30 123", "555 ext", "555 ext. a",
          std::string(41, '1')});
}

TEST(TextFormat, Color) {
  expect(TextFormat::color, true, {"#fff", "#3366CC", "#000000"});
  expect(TextFormat::color, false,
         {"", "#", "fff", "#ff", "#ffff", "#fffffff", "#ggg", "red", "#fff;"});
}

TEST(TextFormat, Currency) {
  expect(TextFormat::currency, true, {"EUR", "USD"});
  expect(TextFormat::currency, false, {"", "eur", "EU", "EURO", "E1R", "€"});
}

TEST(TextFormat, EveryFormatHasAHint) {
  for (const TextFormat format : {TextFormat::email, TextFormat::url, TextFormat::phone,
                                  TextFormat::color, TextFormat::currency}) {
    EXPECT_EQ(format_hint(format).substr(0, 6), "Enter ");
    EXPECT_EQ(format_hint(format).back(), '.');
  }
}

}  // namespace
}  // namespace syncline::model
