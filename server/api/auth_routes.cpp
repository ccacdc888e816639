#include "server/api/auth_routes.hpp"

#include <nlohmann/json.hpp>

#include "domain/collections.hpp"
#include "server/api/problem.hpp"
#include "server/api/record_reader.hpp"
#include "syncline/mutation/complaints.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kCookieName = "syncline_refresh";
constexpr std::int64_t kCookieSeconds = std::int64_t{30} * 24 * 60 * 60;

std::string cookie(const http::Request& request, std::string_view value, std::int64_t seconds) {
  std::string text =
      std::string(kCookieName) + "=" + std::string(value) +
      "; Path=/api/auth; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
  if (request.secure) text += "; Secure";
  return text;
}

std::string refresh_cookie(const http::Request& request) {
  std::string_view rest = request.header("cookie");
  while (!rest.empty()) {
    std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == kCookieName) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return {};
}

// The text of a body's field; "" when absent. Errors: wrong_type.
Result<std::string> text_of(const ParsedJson& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end()) return std::string();
  if (!found->is_string()) return Error(Code::wrong_type, "This needs to be a string.", name);
  return found->get<std::string>();
}

base::Status check_fields(const ParsedJson& body, std::initializer_list<std::string_view> known) {
  mutation::Complaints complaints;
  for (const auto& entry : body.items()) {
    if (std::find(known.begin(), known.end(), entry.key()) != known.end()) continue;
    complaints.add(
        Error(Code::unknown_field, "There is no field named " + entry.key() + ".", entry.key()));
  }
  if (complaints.empty()) return {};
  return std::move(complaints).error();
}

bool wants_cookie(const http::Request& request, const ParsedJson& body) {
  const auto asked = body.find("cookie");
  const bool in_body = asked != body.end() && asked->is_boolean() && asked->get<bool>();
  return in_body || request.header("x-syncline-app") == "1";
}

// The user's own record: nothing of it is masked.
Result<OutJson> own_record(const Service& service, const base::Id& user, model::Version& version) {
  mutation::Actor self;
  self.user = user;
  self.role = mutation::Role::system;
  SYNC_ASSIGN(RecordReader reader, RecordReader::open(service.domain, service.database, self));
  version = reader.version();
  SYNC_ASSIGN(const model::Record record,
              reader.find(service.domain.schema.collection(domain::kUsersId), user));
  return reader.plain(record);
}

void answer_login(const ServicePtr& service, const CallPtr& call, bool with_cookie,
                  const Result<LoginAnswer>& granted) {
  if (!granted.ok()) {
    http::Response refused = problem(granted.error());
    const bool over = with_cookie && refused.status == 401;
    if (over) set_header(refused, "set-cookie", cookie(call->request, "", 0));
    return call->respond(std::move(refused));
  }
  model::Version version = 0;
  auto user = own_record(*service, granted->user, version);
  if (!user.ok()) return call->respond(problem(user.error()));
  OutJson body{{"accessToken", granted->access_token}};
  if (!with_cookie) body["refreshToken"] = granted->refresh_token;
  body["expiresIn"] = granted->expires_in_s;
  body["user"] = std::move(user).value();
  http::Response response = json_answer(200, body);
  if (with_cookie)
    set_header(response, "set-cookie",
               cookie(call->request, granted->refresh_token, kCookieSeconds));
  set_header(response, "syncline-version", std::to_string(version));
  call->respond(std::move(response));
}

struct Credentials {
  std::string email;
  std::string password;
  bool cookie = false;
};

Result<Credentials> parse_credentials(const http::Request& request) {
  SYNC_ASSIGN(const ParsedJson body, parse_object(request.body));
  SYNC_TRY(check_fields(body, {"email", "password", "cookie"}));
  Credentials credentials;
  SYNC_ASSIGN(credentials.email, text_of(body, "email"));
  SYNC_ASSIGN(credentials.password, text_of(body, "password"));
  credentials.cookie = wants_cookie(request, body);
  mutation::Complaints complaints;
  if (credentials.email.empty())
    complaints.add(Error(Code::required, "Enter your e-mail address.", "email"));
  if (credentials.password.empty())
    complaints.add(Error(Code::required, "Enter your password.", "password"));
  if (!complaints.empty()) return std::move(complaints).error();
  return credentials;
}

struct Renewal {
  std::string token;
  bool cookie = false;
};

Result<Renewal> parse_renewal(const http::Request& request) {
  SYNC_ASSIGN(const ParsedJson body, parse_object(request.body));
  SYNC_TRY(check_fields(body, {"refreshToken", "cookie"}));
  Renewal renewal;
  SYNC_ASSIGN(renewal.token, text_of(body, "refreshToken"));
  renewal.cookie = wants_cookie(request, body);
  // A cookie alone never answers a token that the page could read.
  if (renewal.token.empty() && renewal.cookie) renewal.token = refresh_cookie(request);
  if (renewal.token.empty()) return Error(Code::unauthenticated, "Sign in first.");
  return renewal;
}

}  // namespace

void login(const ServicePtr& service, const CallPtr& call) {
  Result<Credentials> credentials = parse_credentials(call->request);
  if (!credentials.ok()) return call->respond(problem(credentials.error()));
  const bool with_cookie = credentials->cookie;
  service->accounts.login(std::move(credentials->email), std::move(credentials->password),
                          call->request.address,
                          [service, call, with_cookie](const Result<LoginAnswer>& granted) {
                            answer_login(service, call, with_cookie, granted);
                          });
}

void refresh(const ServicePtr& service, const CallPtr& call) {
  Result<Renewal> renewal = parse_renewal(call->request);
  if (!renewal.ok()) return call->respond(problem(renewal.error()));
  const bool with_cookie = renewal->cookie;
  service->accounts.refresh(std::move(renewal->token),
                            [service, call, with_cookie](const Result<LoginAnswer>& granted) {
                              answer_login(service, call, with_cookie, granted);
                            });
}

void logout(const ServicePtr& service, const CallPtr& call) {
  service->accounts.logout(call->identity, [call] {
    http::Response response;
    response.status = 204;
    set_header(response, "set-cookie", cookie(call->request, "", 0));
    call->respond(std::move(response));
  });
}

void show_me(const ServicePtr& service, const CallPtr& call) {
  model::Version version = 0;
  const auto user = own_record(*service, call->actor().user, version);
  if (!user.ok()) return call->respond(problem(user.error()));
  http::Response response = json_answer(200, *user);
  set_header(response, "syncline-version", std::to_string(version));
  call->respond(std::move(response));
}

void issue_ticket(const ServicePtr& service, const CallPtr& call) {
  call->respond(json_answer(
      200, OutJson{{"ticket", service->accounts.issue_ticket(call->identity)}, {"expiresIn", 30}}));
}

}  // namespace syncline::server::api
