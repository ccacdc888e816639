#include "tests/bench/server/syncline_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "syncline/protocol/version.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/report.hpp"

namespace syncline::bench {
namespace {

constexpr const char* kEmail = "bench@example.com";
constexpr const char* kPassword = "syncline-bench";

std::string member(const std::string& json, const std::string& name) {
  const std::string start = "\"" + name + "\":\"";
  const auto at = json.find(start);
  if (at == std::string::npos) give_up("no " + name + " in " + json);
  const auto from = at + start.size();
  return json.substr(from, json.find('"', from) - from);
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::uint16_t port_of(const std::string& line) {
  const auto colon = line.rfind(':');
  if (line.find("http://") == std::string::npos) give_up("the server does not start: " + line);
  return static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
}

}  // namespace

Folder::Folder(const std::string& parent, const std::string& name) {
  std::filesystem::create_directories(parent);
  std::string made = parent + "/" + name + "-XXXXXX";
  if (mkdtemp(made.data()) == nullptr) give_up("no folder in " + parent);
  path_ = made;
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

SynclineServer::SynclineServer(const Options& options) : folder_(options.folder, "syncline") {
  const std::string database = folder_.path() + "/bench.db";
  const std::string log = folder_.path() + "/log";
  const auto run = [&](std::vector<std::string> words, const std::string& input) {
    words.insert(words.begin(), options.binary);
    words.insert(words.end(), {"--db", database});
    if (Child::run(words, input, log).wait() != 0) give_up(words[1] + " fails: " + text_of(log));
  };
  run({"migrate"}, "");
  run({"user", "add", "--role", "admin", "--email", kEmail}, std::string(kPassword) + "\n");
  process_ = std::make_unique<Child>(Child::run(
      {options.binary, "serve", "--db", database, "--port", "0", "--limits", "off"}, "", log));
  port_ = port_of(process_->read_line());
  token_ = member(
      http_post(port_, "/api/auth/login",
                std::string(R"({"email":")") + kEmail + R"(","password":")" + kPassword + R"("})"),
      "accessToken");
}

SyncSession::SyncSession(const SynclineServer& server, base::Random& random)
    : socket_(server.port(), "/sync", protocol::kSubprotocol), client_(random_id(random)) {
  protocol::Hello hello;
  hello.protocol = protocol::kProtocolVersion;
  hello.schema_hash = domain().schema.hash();
  hello.client = client_;
  hello.access_token = server.token();
  socket_.send(protocol::encode(protocol::ClientMessage(hello)));
  const auto answer = protocol::decode_server_message(socket_.receive_one());
  const auto* welcome = answer.ok() ? std::get_if<protocol::Welcome>(&*answer) : nullptr;
  if (welcome == nullptr) give_up("the server does not welcome");
  user_ = welcome->user;
  seen_ = welcome->cursor.version;
}

void SyncSession::subscribe(std::uint32_t query_id, query::Query query) {
  protocol::Subscribe message;
  message.query_id = query_id;
  message.query = std::move(query);
  socket_.send(protocol::encode(protocol::ClientMessage(message)));
}

void SyncSession::push(std::vector<model::Mutation> mutations) {
  protocol::Push message;
  message.mutations = std::move(mutations);
  for (model::Mutation& mutation : message.mutations) mutation.id = {client_, ++sequence_};
  socket_.send(protocol::encode(protocol::ClientMessage(std::move(message))));
}

void SyncSession::receive(const std::function<void(const protocol::Poke&, base::ByteView)>& visit,
                          bool wait) {
  socket_.receive(
      [&](base::ByteView frame) {
        const auto message = protocol::decode_server_message(frame);
        if (!message.ok()) give_up("a frame that cannot be read: " + message.error().message);
        const auto* poke = std::get_if<protocol::Poke>(&*message);
        if (poke == nullptr) give_up("the server refuses something");
        for (const auto& [client, verdict] : poke->verdicts) {
          if (verdict.outcome != model::Outcome::applied)
            give_up("a mutation was not applied: " + verdict.error.message);
        }
        seen_ = poke->version;
        visit(*poke, frame);
      },
      wait);
}

protocol::Poke SyncSession::await_poke(base::Bytes* frame) {
  std::optional<protocol::Poke> found;
  while (!found) {
    receive(
        [&](const protocol::Poke& poke, base::ByteView bytes) {
          if (frame != nullptr) frame->assign(bytes.begin(), bytes.end());
          found = poke;
        },
        true);
  }
  return std::move(*found);
}

std::vector<base::Id> insert_leads(SyncSession& session, std::size_t count, base::Random& random) {
  constexpr std::size_t kPerFrame = 400;
  std::vector<base::Id> ids;
  while (ids.size() < count) {
    std::vector<model::Mutation> mutations;
    while (mutations.size() < kPerFrame && ids.size() < count) {
      ids.push_back(random_id(random));
      mutations.push_back(insert_lead(ids.back(), session.user(), ids.size(), random));
    }
    std::size_t waiting = mutations.size();
    session.push(std::move(mutations));
    while (waiting > 0) waiting -= std::min(waiting, session.await_poke().verdicts.size());
  }
  return ids;
}

}  // namespace syncline::bench
