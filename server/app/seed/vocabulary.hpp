// Words that a made-up business world is put together from. Everything is invented; addresses end in .example, which nobody
// can own, and telephone numbers lie in ranges kept free for fiction.
#pragma once

#include <string>
#include <string_view>

#include "syncline/base/random.hpp"

namespace syncline::server::app::seed {

struct Person {
  std::string first, last;
  [[nodiscard]] std::string name() const { return first + " " + last; }
};
struct Firm {
  std::string name, domain, sector, street, city, region, postal_code, country;
};

template <class T, std::size_t n>
[[nodiscard]] const T& pick(base::Random& random, const T (&items)[n]) {
  return items[random.below(n)];
}

[[nodiscard]] Person make_person(base::Random& random);
// `number` makes the name unique once the combinations are used up.
[[nodiscard]] Firm make_firm(base::Random& random, std::size_t number);
[[nodiscard]] std::string make_phone(base::Random& random);
[[nodiscard]] std::string make_email(const Person& person, std::string_view domain);
[[nodiscard]] std::string_view make_job_title(base::Random& random);
[[nodiscard]] std::string_view make_product(base::Random& random);
// "Conveyor line for Nordlicht Logistics"
[[nodiscard]] std::string make_deal_name(std::string_view product, const Firm& firm);
[[nodiscard]] std::string_view make_lost_reason(base::Random& random);
[[nodiscard]] std::string_view make_note(base::Random& random);

}  // namespace syncline::server::app::seed
