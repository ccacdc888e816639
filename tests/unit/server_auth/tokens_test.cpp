// Tokens are accepted only as we make them: no other algorithm, no changed byte, not a second after their end.
#include "server/auth/tokens.hpp"

#include <gtest/gtest.h>

namespace syncline::server::auth {
namespace {

const Key kKey = {1, 2, 3};
const base::Timestamp kNow{1'800'000'000'000};

Claims some_claims() {
  return {*base::parse_id("018f3e2a-0000-7000-8000-000000000001"),
          *base::parse_id("018f3e2a-0000-7000-8000-000000000002"), "agent", kNow, kNow + 900'000};
}

std::string with_header(std::string_view header, const std::string& token) {
  return to_base64url(base::as_bytes(header)) + token.substr(token.find('.'));
}

TEST(AccessToken, RoundTrips) {
  const Tokens tokens(kKey);
  const auto claims = tokens.verify(tokens.sign(some_claims()), kNow);
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(*claims, some_claims());
}

TEST(AccessToken, ExpiresOnTheMillisecond) {
  const Tokens tokens(kKey);
  const std::string token = tokens.sign(some_claims());
  EXPECT_TRUE(tokens.verify(token, kNow + 899'999).ok());
  const auto late = tokens.verify(token, kNow + 900'000);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, base::Code::token_expired);
}

TEST(AccessToken, RefusesEveryChangedByte) {
  const Tokens tokens(kKey);
  const std::string token = tokens.sign(some_claims());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.verify(forged, kNow).ok()) << "byte " << i;
  }
}

TEST(AccessToken, RefusesOtherAlgorithmsAndShapes) {
  const Tokens tokens(kKey);
  const std::string token = tokens.sign(some_claims());
  const std::string unsigned_body = with_header(R"({"alg":"none","typ":"JWT"})", token);
  const std::string cases[] = {
      "",
      ".",
      "..",
      "a.b.c",
      token + "=",
      token + ".",
      "." + token,
      token.substr(0, token.rfind('.')),
      token.substr(0, token.rfind('.') + 1),
      unsigned_body,
      unsigned_body.substr(0, unsigned_body.rfind('.') + 1),
      with_header(R"({"alg":"HS384","typ":"JWT"})", token),
      with_header(R"({"alg":"RS256","typ":"JWT"})", token),
      std::string(1 << 20, 'A'),
      std::string("\xff\xfe\0.", 4),
  };
  for (const auto& forged : cases) {
    const auto answer = tokens.verify(forged, kNow);
    ASSERT_FALSE(answer.ok()) << forged.substr(0, 80);
    EXPECT_EQ(answer.error().code, base::Code::unauthenticated);
  }
}

TEST(AccessToken, RefusesAnotherServersKey) {
  const Tokens ours(kKey), theirs(Key{9});
  EXPECT_FALSE(ours.verify(theirs.sign(some_claims()), kNow).ok());
}

TEST(RefreshToken, SameSessionAndGenerationIsTheSameToken) {
  const Tokens tokens(kKey);
  const RefreshClaims claims{some_claims().session, 7};
  EXPECT_EQ(tokens.sign_refresh(claims), Tokens(kKey).sign_refresh(claims));
  const auto back = tokens.verify_refresh(tokens.sign_refresh(claims));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, claims);
}

TEST(RefreshToken, RefusesForgeriesAndAccessTokens) {
  const Tokens tokens(kKey);
  const std::string token = tokens.sign_refresh({some_claims().session, 7});
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.verify_refresh(forged).ok()) << "byte " << i;
  }
  EXPECT_FALSE(tokens.verify_refresh("").ok());
  EXPECT_FALSE(tokens.verify_refresh(tokens.sign(some_claims())).ok());
  EXPECT_FALSE(tokens.verify(token, kNow).ok());
}

}  // namespace
}  // namespace syncline::server::auth
