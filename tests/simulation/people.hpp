// People: what users do in their tabs, and what administrators do to them.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/browser.hpp"
#include "tests/simulation/server.hpp"

namespace syncline::simulation {

inline constexpr std::uint8_t kPeople = 4;
[[nodiscard]] base::Id person(std::uint64_t number);  // 0 to kPeople - 1

class People {
 public:
  People(World& world, Server& server) : world_(world), server_(server) {}

  // Everybody gets an account. REQUIRES: calm.
  void introduce();
  // One user does something in one tab.
  void act(Browser& browser);
  void set_role(const base::Id& user, std::string_view role);
  void change_role();
  void remove_user();
  void change_owner();
  // Removed users come back.
  void readmit();

 private:
  void edit_item(Browser& browser);
  void insert_item(Browser& browser);
  void move_shelf(Browser& browser);
  [[nodiscard]] model::Patch random_edit(Browser& browser, const base::Id& item);
  [[nodiscard]] base::Id random_item();
  [[nodiscard]] model::Value random_owner();
  [[nodiscard]] model::Value random_shelf();

  World& world_;
  Server& server_;
};

}  // namespace syncline::simulation
