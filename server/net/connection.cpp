#include "server/net/connection.hpp"

#include <algorithm>

namespace syncline::server::net {

http::Response problem(int status, std::string_view code, std::string_view title,
                       std::string_view detail) {
  // The texts are ours, without quotes and control characters: no JSON library is needed to write them.
  std::string body = R"({"type":"urn:syncline:error:)";
  body.append(code).append(R"(","title":")").append(title);
  body.append(R"(","status":)").append(std::to_string(status));
  body.append(R"(,"detail":")")
      .append(detail)
      .append(R"(","code":")")
      .append(code)
      .append(R"(","errors":[]})");
  return {status,
          {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}},
          std::move(body)};
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

void Audience::add(const std::shared_ptr<Connection>& connection) {
  if (!connection->join(*this)) others_.push_back(connection);
}

void Audience::add(Outlet& outlet, std::shared_ptr<Addressee> addressee) {
  auto lot = std::find_if(lots_.begin(), lots_.end(),
                          [&](const Lot& known) { return known.outlet == &outlet; });
  if (lot == lots_.end()) lot = lots_.insert(lot, Lot{&outlet, std::make_shared<Addressees>()});
  lot->addressees->push_back(std::move(addressee));
}

void Audience::tell(const Message& message) const {
  for (const Lot& lot : lots_) lot.outlet->put(message, lot.addressees);
  for (const auto& connection : others_) connection->send(*message);
}

}  // namespace syncline::server::net
