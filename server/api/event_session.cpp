#include "server/api/event_session.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kTooBig = 1009;

Result<std::vector<std::string>> rooms_of(const ParsedJson& message) {
  const Error broken(Code::malformed, "rooms is an array of strings.");
  const auto found = message.find("rooms");
  if (found == message.end() || !found->is_array()) return broken;
  std::vector<std::string> rooms;
  for (const ParsedJson& room : *found) {
    if (!room.is_string()) return broken;
    rooms.push_back(room.get<std::string>());
  }
  return rooms;
}

std::string text_field(const ParsedJson& message, const char* name) {
  const auto found = message.find(name);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

base::Status check_members(const ParsedJson& message,
                           std::initializer_list<std::string_view> known) {
  for (const auto& entry : message.items()) {
    if (std::find(known.begin(), known.end(), entry.key()) != known.end()) continue;
    return Error(Code::unknown_parameter, "This message has no member \"" + entry.key() + "\".",
                 entry.key());
  }
  return {};
}

}  // namespace

EventSession::EventSession(const mutation::Domain& domain, Database& database, Accounts& accounts,
                           Options options, base::Timestamp now)
    : accounts_(accounts),
      options_(options),
      auth_deadline_(now + options.auth_timeout_ms),
      feed_(domain, database, options.feed) {}

void EventSession::on_text(std::string_view text, base::Timestamp now) {
  if (closing_) return;
  if (text.size() > options_.message_bytes_max) {
    return close_with(kTooBig, Error(Code::too_large, "A message has at most 64 KiB."));
  }
  const Result<ParsedJson> message = parse_json(text);
  const bool readable = message.ok() && message->is_object();
  const std::string type = readable ? text_field(*message, "type") : std::string();
  if (type == "auth") return authenticate(*message, now);
  if (!identity_) {
    return close_with(
        kPolicyViolation,
        Error(Code::unauthenticated, "The first message is {\"type\": \"auth\", \"token\"}."));
  }
  if (!readable) return send_error(Error(Code::malformed, "A message is a JSON object in UTF-8."));
  if (type == "subscribe") return subscribe(*message);
  if (type == "unsubscribe") return unsubscribe(*message);
  send_error(Error(Code::unknown_parameter, "There is no message of type \"" + type + "\"."));
}

void EventSession::authenticate(const ParsedJson& message, base::Timestamp) {
  if (const auto known = check_members(message, {"type", "token"}); !known.ok())
    return identity_ ? send_error(known.error()) : close_with(kPolicyViolation, known.error());
  const Result<authority::Identity> verified = accounts_.verify(text_field(message, "token"));
  if (!verified.ok()) return close_with(kPolicyViolation, verified.error());
  if (identity_ && !(identity_->actor.user == verified->actor.user)) {
    return close_with(kPolicyViolation,
                      Error(Code::unauthenticated, "This connection is somebody else's."));
  }
  identity_ = *verified;
  feed_.set_actor(verified->actor);
}

void EventSession::subscribe(const ParsedJson& message) {
  if (const auto known = check_members(message, {"type", "rooms", "since"}); !known.ok())
    return send_error(known.error());
  const Result<std::vector<std::string>> rooms = rooms_of(message);
  if (!rooms.ok()) return send_error(rooms.error());
  std::optional<model::Version> since;
  const auto found = message.find("since");
  if (found != message.end() && !found->is_null()) {
    if (!found->is_number_unsigned())
      return send_error(Error(Code::malformed, "since is a version number."));
    since = found->get<model::Version>();
  }
  const Result<model::Version> version = feed_.subscribe(*rooms, since);
  if (!version.ok()) return send_error(version.error());
  replies_.push_back(
      dump(OutJson{{"type", "subscribed"}, {"rooms", *rooms}, {"version", *version}}));
}

void EventSession::unsubscribe(const ParsedJson& message) {
  if (const auto known = check_members(message, {"type", "rooms"}); !known.ok())
    return send_error(known.error());
  const Result<std::vector<std::string>> rooms = rooms_of(message);
  if (!rooms.ok()) return send_error(rooms.error());
  feed_.unsubscribe(*rooms);
  replies_.push_back(dump(OutJson{{"type", "unsubscribed"}, {"rooms", *rooms}}));
}

void EventSession::on_commit(const authority::LogEntry& entry) {
  if (!identity_ || closing_) return;
  const bool removed = feed_.on_commit(entry);
  if (removed)
    close_with(kPolicyViolation, Error(Code::unauthenticated, "Your account was removed."));
}

void EventSession::on_timeout(base::Timestamp now) {
  if (closing_) return;
  if (!identity_ && auth_deadline_ <= now) {
    close_with(kPolicyViolation,
               Error(Code::unauthenticated, "Nobody signed in within 5 seconds."));
  } else if (identity_ && identity_->expires_at <= now) {
    close_with(
        kPolicyViolation,
        Error(Code::token_expired, "The access token has expired. Connect again with a new one."));
  }
}

void EventSession::set_actor(const mutation::Actor& actor) {
  if (!identity_) return;
  identity_->actor = actor;
  feed_.set_actor(actor);
}

void EventSession::end(const base::Error& reason) {
  if (!closing_) close_with(kPolicyViolation, reason);
}

std::optional<std::string> EventSession::poll_text() {
  if (!closing_ && !replies_.empty()) {
    std::string reply = std::move(replies_.front());
    replies_.pop_front();
    return reply;
  }
  // Once closing, events that are queued (a removed user's farewell) go first, the reason last.
  if (identity_) {
    if (auto item = feed_.poll()) return std::move(item->json);
  }
  if (replies_.empty()) return std::nullopt;
  std::string reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

std::optional<base::Timestamp> EventSession::next_timeout() const {
  if (closing_) return std::nullopt;
  if (identity_) return identity_->expires_at;
  return auth_deadline_;
}

void EventSession::send_error(const Error& error) {
  replies_.push_back(dump(OutJson{
      {"type", "error"}, {"code", base::to_string(error.code)}, {"detail", error.message}}));
}

void EventSession::close_with(std::uint16_t code, const Error& error) {
  send_error(error);
  feed_.stop();
  Closing closing;
  closing.code = code;
  closing.reason = std::string(base::to_string(error.code));
  closing_ = std::move(closing);
}

}  // namespace syncline::server::api
