#include "server/auth/tokens.hpp"

#include <nlohmann/json.hpp>

namespace syncline::server::auth {
namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::size_t kTokenSizeMax = 2'048;
constexpr std::size_t kRefreshBodySize = 16 + 4;

base::Error refused() {
  return {base::Code::unauthenticated, "The token is not valid. Sign in again."};
}

std::optional<std::int64_t> seconds(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  if (value < 0 || value > 253'402'300'799) return std::nullopt;  // the year 9999
  return value;
}

std::string text(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string();
}

base::Result<Claims> parse_claims(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return refused();
  const auto user = base::parse_id(text(parsed, "sub"));
  const auto session = base::parse_id(text(parsed, "sid"));
  const auto issued = seconds(parsed, "iat");
  const auto expires = seconds(parsed, "exp");
  if (!user || !session || !issued || !expires) return refused();
  return Claims{*user, *session, text(parsed, "role"), {*issued * 1000}, {*expires * 1000}};
}

}  // namespace

Tokens::Tokens(const Key& signing_key) {
  prepare_crypto();
  access_key_ = derive_key(signing_key, "syncline access token v1");
  refresh_key_ = derive_key(signing_key, "syncline refresh token v1");
}

std::string Tokens::sign(const Claims& claims) const {
  const nlohmann::json body = {{"sub", base::to_string(claims.user)},
                               {"sid", base::to_string(claims.session)},
                               {"role", claims.role},
                               {"iat", claims.issued_at.ms / 1000},
                               {"exp", claims.expires_at.ms / 1000}};
  std::string token =
      to_base64url(base::as_bytes(kHeader)) + "." + to_base64url(base::as_bytes(body.dump()));
  const Mac signature = mac(access_key_, base::as_bytes(token));
  return token + "." + to_base64url(signature);
}

base::Result<Claims> Tokens::verify(std::string_view token, base::Timestamp now) const {
  if (token.size() > kTokenSizeMax) return refused();
  const auto last = token.rfind('.');
  if (last == std::string_view::npos) return refused();
  const std::string_view body = token.substr(0, last);
  const auto signature = from_base64url(token.substr(last + 1));
  if (!signature || !equal(*signature, mac(access_key_, base::as_bytes(body)))) return refused();
  const std::string header = to_base64url(base::as_bytes(kHeader)) + ".";
  if (body.substr(0, header.size()) != header) return refused();
  const auto json = from_base64url(body.substr(header.size()));
  if (!json) return refused();
  auto claims = parse_claims(base::as_text(*json));
  if (claims.ok() && claims->expires_at <= now) {
    return base::Error{base::Code::token_expired, "The access token has expired. Refresh it."};
  }
  return claims;
}

std::string Tokens::sign_refresh(const RefreshClaims& claims) const {
  base::Bytes body(kRefreshBodySize);
  std::memcpy(body.data(), claims.session.bytes.data(), 16);
  base::store_le(body.data() + 16, claims.generation);
  const Mac signature = mac(refresh_key_, body);
  body.insert(body.end(), signature.begin(), signature.end());
  return to_base64url(body);
}

base::Result<RefreshClaims> Tokens::verify_refresh(std::string_view token) const {
  const auto bytes = token.size() > kTokenSizeMax ? std::nullopt : from_base64url(token);
  if (!bytes || bytes->size() != kRefreshBodySize + kMacSize) return refused();
  const base::ByteView body(bytes->data(), kRefreshBodySize);
  const base::ByteView signature(bytes->data() + kRefreshBodySize, kMacSize);
  if (!equal(signature, mac(refresh_key_, body))) return refused();
  return RefreshClaims{base::id_from_bytes(body.data()),
                       base::load_le<std::uint32_t>(body.data() + 16)};
}

}  // namespace syncline::server::auth
