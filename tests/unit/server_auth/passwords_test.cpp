// Passwords are argon2id; the pool refuses what it cannot do soon, and answers every question exactly once.
#include "server/auth/passwords.hpp"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace syncline::server::auth {
namespace {

constexpr PasswordCost kCheap{1, 8u << 20};

TEST(Password, IsHashedAsArgon2idWithASaltOfItsOwn) {
  const auto a = hash_password("correct horse", kCheap), b = hash_password("correct horse", kCheap);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->substr(0, 10), "$argon2id$");
  EXPECT_NE(*a, *b);
  EXPECT_TRUE(matches_password(*a, "correct horse"));
  EXPECT_FALSE(matches_password(*a, "correct horsf"));
  EXPECT_FALSE(matches_password("not a hash", "correct horse"));
}

TEST(Password, LengthCountsCharacters) {
  EXPECT_FALSE(check_password("123456789").ok());
  EXPECT_TRUE(check_password("1234567890").ok());
  EXPECT_FALSE(check_password("ééééé").ok());  // ten bytes, five characters
  EXPECT_FALSE(check_password(std::string(2'000, 'x')).ok());
}

bool ask(PasswordPool& pool, const std::string& hash, const std::string& password) {
  std::promise<base::Result<bool>> promise;
  pool.verify(hash, password,
              [&](base::Result<bool> answer) { promise.set_value(std::move(answer)); });
  return promise.get_future().get().value();
}

TEST(PasswordPool, VerifiesAndRefusesUnknownAccounts) {
  PasswordPool pool({.cost = kCheap});
  const std::string hash = *hash_password("correct horse", kCheap);
  EXPECT_TRUE(ask(pool, hash, "correct horse"));
  EXPECT_FALSE(ask(pool, hash, "wrong"));
  EXPECT_FALSE(ask(pool, "", "correct horse"));
  EXPECT_FALSE(ask(pool, "", "no account has this password"));
}

TEST(PasswordPool, AnswersEveryoneThoughTheQueueIsFullOrThePoolEnds) {
  constexpr int kAsked = 200;
  std::atomic<int> answered = 0, unavailable = 0;
  {
    PasswordPool pool({.threads = 1, .queue_max = 4, .cost = kCheap});
    for (int i = 0; i < kAsked; ++i) {
      pool.hash("some password", [&](const base::Result<std::string>& answer) {
        ++answered;
        if (!answer.ok() && answer.error().code == base::Code::unavailable) ++unavailable;
      });
    }
  }
  EXPECT_EQ(answered, kAsked);
  EXPECT_GT(unavailable, 0);
}

}  // namespace
}  // namespace syncline::server::auth
