// The signing key is made once, is nobody else's to read, and survives a restart.
#include "server/auth/signing_key.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace syncline::server::auth {
namespace {

class SigningKey : public ::testing::Test {
 protected:
  SigningKey() {
    std::string pattern = (std::filesystem::temp_directory_path() / "syncline-key-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = (folder_ / "test.key").string();
  }
  ~SigningKey() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(SigningKey, IsMadeOnceWithMode0600) {
  const auto made = load_or_create_key(path_);
  ASSERT_TRUE(made.ok()) << made.error().message;
  struct stat about {};
  ASSERT_EQ(::stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_EQ(*load_or_create_key(path_), *made);
}

// A server that found half a key would never start again.
TEST_F(SigningKey, AFullDiskLeavesNoHalfOfIt) {
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit full { 10, before.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const auto refused = load_or_create_key(path_);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(refused.ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  EXPECT_TRUE(load_or_create_key(path_).ok());
}

TEST_F(SigningKey, ReadableByOthersIsRefused) {
  ASSERT_TRUE(load_or_create_key(path_).ok());
  ::chmod(path_.c_str(), 0640);
  EXPECT_FALSE(load_or_create_key(path_).ok());
}

TEST_F(SigningKey, GarbageAndMissingFoldersAreErrors) {
  std::ofstream(path_) << "not a key";
  ::chmod(path_.c_str(), 0600);
  EXPECT_FALSE(load_or_create_key(path_).ok());
  std::ofstream(path_) << std::string(64, 'g');
  EXPECT_FALSE(load_or_create_key(path_).ok());
  EXPECT_FALSE(load_or_create_key(path_ + "/none/key").ok());
}

}  // namespace
}  // namespace syncline::server::auth
