#include "server/app/seed/vocabulary.hpp"

#include <algorithm>

namespace syncline::server::app::seed {
namespace {

constexpr std::string_view kFirst[] = {
    "Anna",   "Jonas",   "Mia",   "Lukas",     "Sofia",   "Elias",  "Clara",    "Felix",
    "Ingrid", "Mateo",   "Lucía", "Paul",      "Camille", "Hugo",   "Giulia",   "Marco",
    "Ewa",    "Tomasz",  "Zofia", "Erik",      "Astrid",  "Noor",   "Daan",     "Sanne",
    "Oliver", "Emma",    "James", "Charlotte", "Aisha",   "Omar",   "Priya",    "Arjun",
    "Mei",    "Kenji",   "Yuki",  "Chidi",     "Ama",     "Thandi", "Diego",    "Valentina",
    "João",   "Beatriz", "Søren", "Freja",     "Niamh",   "Declan", "Katarína", "Márton"};
constexpr std::string_view kLast[] = {
    "Keller",   "Brandt",    "Vogel",   "Lindner",  "Moreau",    "Lefèvre", "Rossi",  "Bianchi",
    "Kowalska", "Nowak",     "Jansen",  "de Vries", "Lindqvist", "Nyström", "Hansen", "Sørensen",
    "Garcia",   "Ortega",    "Silva",   "Costa",    "Walsh",     "Byrne",   "Hughes", "Whitaker",
    "Okafor",   "Mensah",    "Dlamini", "Sharma",   "Iyer",      "Chen",    "Tanaka", "Sato",
    "Haddad",   "Demir",     "Novák",   "Szabó",    "Petrov",    "Ivanova", "Müller", "Schröder",
    "Fontaine", "Marchetti", "Aalto",   "Virtanen"};
constexpr std::string_view kFirmFirst[] = {
    "Nordlicht", "Alpen",   "Hanse",   "Rhein",   "Baltic",  "Meridian", "Kestrel", "Juniper",
    "Larch",     "Granite", "Harbour", "Sable",   "Cobalt",  "Marigold", "Tideway", "Summit",
    "Orchard",   "Beacon",  "Falcon",  "Linden",  "Aurora",  "Pioneer",  "Quarry",  "Willow",
    "Ember",     "Fjord",   "Saffron", "Compass", "Lantern", "Castle",   "Delta",   "Vega"};
struct Trade {
  std::string_view word, sector;
};
constexpr Trade kTrades[] = {{"Logistics", "Transport"},  {"Foods", "Food and drink"},
                             {"Textiles", "Textiles"},    {"Machine Works", "Machinery"},
                             {"Medical", "Health care"},  {"Energy", "Energy"},
                             {"Timber", "Building"},      {"Robotics", "Machinery"},
                             {"Paper", "Packaging"},      {"Optics", "Electronics"},
                             {"Interiors", "Furniture"},  {"Software", "Software"},
                             {"Marine", "Transport"},     {"Pharma", "Health care"},
                             {"Ceramics", "Building"},    {"Print", "Media"},
                             {"Dairy", "Food and drink"}, {"Electric", "Electronics"}};
constexpr std::string_view kForms[] = {"GmbH", "AG", "Ltd", "SA", "BV", "AB", "Srl", "Inc"};
struct Place {
  std::string_view city, region, postal_code, country;
};
constexpr Place kPlaces[] = {{"Hamburg", "Hamburg", "20457", "Germany"},
                             {"München", "Bayern", "80331", "Germany"},
                             {"Leipzig", "Sachsen", "04109", "Germany"},
                             {"Zürich", "Zürich", "8001", "Switzerland"},
                             {"Wien", "Wien", "1010", "Austria"},
                             {"Lyon", "Rhône", "69002", "France"},
                             {"Lille", "Nord", "59800", "France"},
                             {"Torino", "Piemonte", "10121", "Italy"},
                             {"Bologna", "Emilia-Romagna", "40121", "Italy"},
                             {"Gdańsk", "Pomorskie", "80-831", "Poland"},
                             {"Rotterdam", "Zuid-Holland", "3011", "Netherlands"},
                             {"Göteborg", "Västra Götaland", "411 03", "Sweden"},
                             {"Aarhus", "Midtjylland", "8000", "Denmark"},
                             {"Porto", "Norte", "4050-253", "Portugal"},
                             {"Valencia", "Valencia", "46001", "Spain"},
                             {"Bristol", "England", "BS1 4DJ", "United Kingdom"},
                             {"Leeds", "England", "LS1 4DY", "United Kingdom"},
                             {"Cork", "Munster", "T12 W8XK", "Ireland"}};
constexpr std::string_view kStreets[] = {
    "Harbour Street", "Mill Lane",   "Station Road", "Market Square", "Foundry Way",
    "Canal Street",   "Park Avenue", "Orchard Road", "North Quay",    "Bridge Street"};
constexpr std::string_view kJobs[] = {
    "Head of purchasing", "Operations manager", "Managing director",
    "Plant manager",      "IT manager",         "Buyer",
    "Finance director",   "Logistics planner",  "Technical director",
    "Office manager",     "Project lead",       "Quality manager"};
constexpr std::string_view kProducts[] = {
    "Conveyor line",     "Pallet scanner",    "Cold storage",     "Packing robot",
    "Fleet tracking",    "Label printers",    "Service contract", "Sorting system",
    "Warehouse shelves", "Energy monitoring", "Dock levellers",   "Handheld terminals"};
constexpr std::string_view kLostReasons[] = {"Price", "Chose a competitor", "Budget cut",
                                             "Project postponed", "No answer"};
constexpr std::string_view kNotes[] = {
    "Wants a quotation before the end of the quarter.",
    "Asked for two references from the same sector.",
    "Decision is made by the board; next meeting in three weeks.",
    "Prefers to be called in the morning.",
    "Has a running contract that ends next spring.",
    "Interested in a pilot at one site first.",
    "Compares us with one competitor; delivery time matters most.",
    "Needs an offer in two lots.",
    "Budget is approved, details of the installation are open.",
    "Would like to visit a customer of ours."};

std::string to_domain(std::string_view text) {
  std::string domain;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) domain += c;
    if (c >= 'A' && c <= 'Z') domain += static_cast<char>(c - 'A' + 'a');
    if (c == ' ' && !domain.empty() && domain.back() != '-') domain += '-';
  }
  return domain;
}

// The letters that an e-mail address keeps: "Lefèvre" becomes "lefvre".
std::string to_mailbox(std::string_view text) {
  std::string mailbox = to_domain(text);
  mailbox.erase(std::remove(mailbox.begin(), mailbox.end(), '-'), mailbox.end());
  return mailbox;
}

}  // namespace

Person make_person(base::Random& random) {
  const auto first = pick(random, kFirst);
  return {std::string(first), std::string(pick(random, kLast))};
}

Firm make_firm(base::Random& random, std::size_t number) {
  // Walks through all combinations before any comes back.
  constexpr std::size_t kCombinations = std::size(kFirmFirst) * std::size(kTrades);
  const std::size_t combination = number * 7 % kCombinations;
  const Trade& trade = kTrades[combination / std::size(kFirmFirst)];
  const Place& place = pick(random, kPlaces);
  Firm firm;
  std::string stem =
      std::string(kFirmFirst[combination % std::size(kFirmFirst)]) + " " + std::string(trade.word);
  if (number >= kCombinations) stem += " " + std::string(place.city);
  if (number >= 2 * kCombinations) stem += " " + std::to_string(number / kCombinations);
  firm.domain = to_domain(stem) + ".example";
  firm.name = stem + " " + std::string(pick(random, kForms));
  firm.sector = trade.sector;
  firm.street = std::string(pick(random, kStreets)) + " " + std::to_string(1 + random.below(140));
  firm.city = place.city;
  firm.region = place.region;
  firm.postal_code = place.postal_code;
  firm.country = place.country;
  return firm;
}

std::string make_phone(base::Random& random) {
  const std::string digits = std::to_string(100 + random.below(900));
  return "+44 20 7946 0" + digits;
}

std::string make_email(const Person& person, std::string_view domain) {
  return to_mailbox(person.first) + "." + to_mailbox(person.last) + "@" + std::string(domain);
}

std::string_view make_job_title(base::Random& random) { return pick(random, kJobs); }
std::string_view make_product(base::Random& random) { return pick(random, kProducts); }
std::string_view make_lost_reason(base::Random& random) { return pick(random, kLostReasons); }
std::string_view make_note(base::Random& random) { return pick(random, kNotes); }

std::string make_deal_name(std::string_view product, const Firm& firm) {
  return std::string(product) + " for " + firm.name.substr(0, firm.name.rfind(' '));
}

}  // namespace syncline::server::app::seed
