#include "server/api/event_stream.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "server/api/call.hpp"
#include "server/api/json.hpp"
#include "server/api/problem.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::int64_t kKeepAliveMs = 15'000;

struct Wish {
  std::vector<std::string> rooms;
  std::string ticket;
  std::optional<model::Version> since;
};

Result<model::Version> version_from(std::string_view text, const char* name) {
  model::Version version = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) return version;
  return Error(Code::malformed, std::string(name) + " is a version number.", name);
}

Result<Wish> parse_wish(const http::Request& request) {
  SYNC_ASSIGN(const Target target, parse_target(request.target));
  Wish wish;
  for (const auto& [name, value] : target.parameters) {
    if (name == "ticket") {
      wish.ticket = value;
    } else if (name == "since") {
      SYNC_ASSIGN(wish.since, version_from(value, "since"));
    } else if (name == "rooms") {
      std::size_t start = 0;
      while (start < value.size()) {
        const std::size_t comma = std::min(value.find(',', start), value.size());
        if (comma > start) wish.rooms.push_back(value.substr(start, comma - start));
        start = comma + 1;
      }
    } else {
      return Error(Code::unknown_parameter, "There is no parameter named " + name + ".", name);
    }
  }
  const std::string_view last = request.header("last-event-id");
  if (!last.empty()) {
    SYNC_ASSIGN(wish.since, version_from(last, "Last-Event-ID"));
  }
  return wish;
}

std::string message(const std::string& json, std::optional<model::Version> id) {
  std::string text;
  if (id) text = "id: " + std::to_string(*id) + "\n";
  return text + "data: " + json + "\n\n";
}

}  // namespace

bool EventStream::is_for(const http::Request& request) {
  const std::string_view target = request.target;
  return request.method == "GET" && target.substr(0, target.find('?')) == "/api/events";
}

Result<std::unique_ptr<EventStream>> EventStream::open(const mutation::Domain& domain,
                                                       Database& database, Accounts& accounts,
                                                       const http::Request& request,
                                                       base::Timestamp now) {
  SYNC_ASSIGN(const Wish wish, parse_wish(request));
  auto identity =
      wish.ticket.empty() ? identify(accounts, request) : accounts.redeem_ticket(wish.ticket);
  if (!identity.ok()) return identity.error();
  std::unique_ptr<EventStream> stream(new EventStream(domain, database, *identity, now));
  SYNC_ASSIGN(const model::Version version, stream->feed_.subscribe(wish.rooms, wish.since));
  // The id is where a client that hears nothing else goes on from.
  const bool from_here = !wish.since || *wish.since == version;
  stream->prelude_ =
      "retry: 2000\n\n" +
      message(dump(OutJson{{"type", "subscribed"}, {"rooms", wish.rooms}, {"version", version}}),
              from_here ? std::optional(version) : std::nullopt);
  return stream;
}

EventStream::EventStream(const mutation::Domain& domain, Database& database,
                         const authority::Identity& identity, base::Timestamp now)
    : identity_(identity), feed_(domain, database, {}), next_timeout_(now + kKeepAliveMs) {
  feed_.set_actor(identity_.actor);
}

http::Response EventStream::refusal(const Error& error) { return problem(error); }

http::Response EventStream::head() {
  http::Response response;
  response.headers = {{"content-type", "text/event-stream"},
                      {"cache-control", "no-store"},
                      {"x-accel-buffering", "no"}};
  return response;
}

void EventStream::on_commit(const authority::LogEntry& entry) {
  if (!ended_ && feed_.on_commit(entry)) end();
}

void EventStream::end() {
  feed_.stop();
  ended_ = true;
}

base::Timestamp EventStream::next_timeout() const {
  return identity_.expires_at < next_timeout_ ? identity_.expires_at : next_timeout_;
}

void EventStream::on_timeout(base::Timestamp now) {
  if (identity_.expires_at <= now) end();
  if (now < next_timeout_) return;
  next_timeout_ = now + kKeepAliveMs;
  prelude_ += ": \n\n";
}

void EventStream::set_actor(const mutation::Actor& actor) {
  identity_.actor = actor;
  feed_.set_actor(actor);
}

std::optional<std::string> EventStream::poll_text() {
  if (!prelude_.empty()) return std::exchange(prelude_, std::string());
  const auto item = feed_.poll();
  if (!item) return std::nullopt;
  return message(item->json, item->resume_at);
}

}  // namespace syncline::server::api
