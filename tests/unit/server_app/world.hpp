// A database of its own per test, in a temporary folder.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "domain/collections.hpp"
#include "domain/declare.hpp"
#include "domain/domain.hpp"
#include "domain/platform/users.hpp"
#include "server/app/local_writer.hpp"

namespace syncline::server::app::testing {

using domain::platform::User;

class World : public ::testing::Test {
 protected:
  World() {
    std::string pattern = (std::filesystem::temp_directory_path() / "syncline-app-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = (folder_ / "test.db").string();
  }
  ~World() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] model::Mutation new_user(const std::string& email, std::int64_t role) const {
    domain::PatchBuilder user;
    user.set(User::email, email).set(User::name, email).set(User::role, role);
    return insertion(*domain_, domain::kUsersId, user.take());
  }

  const std::unique_ptr<mutation::Domain> domain_ = domain::make_domain();
  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace syncline::server::app::testing
