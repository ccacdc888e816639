#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "domain/crm/leads.hpp"
#include "tests/bench/server/cases.hpp"
#include "tests/bench/server/syncline_server.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/stopwatch.hpp"

namespace syncline::bench {
namespace {

constexpr std::int64_t kScore = 7;  // of the leads that the query shows

// A process that sends one frame to all its receivers whenever it is told to.
class Sender {
 public:
  Sender() = default;
  virtual ~Sender() = default;
  Sender(const Sender&) = delete;
  [[nodiscard]] virtual const Child& process() const = 0;
  virtual void tell() = 0;
  // After everybody has it.
  virtual void settle() {}
  // Receivers; their frames are counted, not read.
  [[nodiscard]] virtual WebSocket& receiver(std::size_t i) = 0;
};

class Syncline final : public Sender {
 public:
  explicit Syncline(const Options& options) : server_(options), writer_(server_, random_) {
    constexpr std::size_t kRows = 500;
    const std::vector<base::Id> ids = insert_leads(writer_, kRows, random_);
    // insert_lead() numbers from 1 and gives each a score by its number.
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (static_cast<std::int64_t>((i + 1) % 101) == kScore) ids_.push_back(ids[i]);
    }
    query::Query query;
    query.collection = domain::kLeadsId;
    query.where = query::compare(domain::crm::Lead::score, query::Op::eq, kScore);
    for (std::size_t i = 0; i < options.subscribers; ++i) {
      receivers_.push_back(std::make_unique<SyncSession>(server_, random_));
      receivers_.back()->subscribe(1, query);
      if (receivers_.back()->await_poke().segments.size() != 1) give_up("no snapshot arrives");
    }
  }
  [[nodiscard]] const Child& process() const override { return server_.process(); }
  void tell() override {
    writer_.push({update_value(ids_[random_.index(ids_.size())], writer_.seen(), random_)});
  }
  void settle() override {
    if (writer_.await_poke().verdicts.size() != 1) give_up("no verdict arrives");
  }
  [[nodiscard]] WebSocket& receiver(std::size_t i) override { return receivers_[i]->socket(); }

 private:
  base::Random random_{1};
  SynclineServer server_;
  SyncSession writer_;
  std::vector<base::Id> ids_;
  std::vector<std::unique_ptr<SyncSession>> receivers_;
};

// The least that any server must do: the same bytes, one send() each.
[[noreturn]] void send_in_a_loop(int listening, std::size_t receivers, const base::Bytes& frame) {
  const int trigger = accept(listening, nullptr, nullptr);
  std::vector<int> sockets;
  for (std::size_t i = 0; i < receivers; ++i) {
    sockets.push_back(accept(listening, nullptr, nullptr));
    const int on = 1;
    setsockopt(sockets.back(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  char told = 0;
  while (read(trigger, &told, 1) == 1) {
    for (const int socket : sockets) {
      if (send(socket, frame.data(), frame.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(frame.size()))
        _exit(1);
    }
  }
  _exit(0);
}

class CSend final : public Sender {
 public:
  CSend(const Options& options, const base::Bytes& message) {
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(listening, plain, size) != 0 || listen(listening, 128) != 0 ||
        getsockname(listening, plain, &size) != 0)
      give_up("cannot listen");
    const std::uint16_t port = ntohs(address.sin_port);
    process_ = std::make_unique<Child>(Child::fork(
        [&] { send_in_a_loop(listening, options.subscribers, server_frame(message)); }));
    close(listening);
    trigger_ = std::make_unique<Connection>(port);
    for (std::size_t i = 0; i < options.subscribers; ++i) receivers_.emplace_back(port, "", "");
  }
  [[nodiscard]] const Child& process() const override { return *process_; }
  void tell() override { trigger_->write(base::as_bytes("!")); }
  [[nodiscard]] WebSocket& receiver(std::size_t i) override { return receivers_[i]; }

 private:
  std::unique_ptr<Child> process_;
  std::unique_ptr<Connection> trigger_;
  std::vector<WebSocket> receivers_;
};

class NpmWs final : public Sender {
 public:
  NpmWs(const Options& options, base::Bytes message)
      : message_(std::move(message)),
        process_(Child::run({options.node, options.ws_script}, "", "/dev/stderr")) {
    const std::string line = process_.read_line();
    if (line.rfind(':') == std::string::npos) give_up("npm ws does not start: " + line);
    const auto port = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
    for (std::size_t i = 0; i < options.subscribers; ++i) receivers_.emplace_back(port, "/", "");
    trigger_ = std::make_unique<WebSocket>(port, "/trigger", "");
  }
  [[nodiscard]] const Child& process() const override { return process_; }
  void tell() override { trigger_->send(message_); }
  [[nodiscard]] WebSocket& receiver(std::size_t i) override { return receivers_[i]; }

 private:
  base::Bytes message_;
  Child process_;
  std::vector<WebSocket> receivers_;
  std::unique_ptr<WebSocket> trigger_;
};

struct Fanout {
  Line all;   // by user and system time
  Line user;  // by user time alone
};

class Audience {
 public:
  Audience(Sender& sender, std::size_t size) : sender_(sender), size_(size) {
    for (std::size_t i = 0; i < size; ++i) poller_.add(sender.receiver(i).fd(), i);
  }
  // One change to everybody.
  void round(Latencies* latencies, base::Bytes* message = nullptr) {
    const Stopwatch since;
    std::size_t arrived = 0;
    sender_.tell();
    while (arrived < size_) {
      poller_.wait([&](std::size_t i) {
        sender_.receiver(i).receive([&](base::ByteView frame) {
          ++arrived;
          if (latencies != nullptr) latencies->add(since.us());
          if (message != nullptr) message->assign(frame.begin(), frame.end());
        });
      });
    }
    if (arrived != size_) give_up("somebody was told twice");
    sender_.settle();
  }

 private:
  Sender& sender_;
  const std::size_t size_;
  Poller poller_;
};

Fanout measure(const char* engine, Sender& sender, const Options& options, base::Bytes* message) {
  Audience audience(sender, options.subscribers);
  const double warm_up = std::min(1.0, options.seconds / 4);
  for (const Stopwatch warming; warming.seconds() < warm_up;) audience.round(nullptr, message);
  Latencies latencies;
  std::size_t rounds = 0;
  const CpuTime before = sender.process().cpu();
  for (const Stopwatch all; all.seconds() < options.seconds; ++rounds) audience.round(&latencies);
  const CpuTime after = sender.process().cpu();

  const auto frames = static_cast<double>(rounds * options.subscribers);
  const double user_us = after.user_us - before.user_us;
  const double all_us = user_us + after.system_us - before.system_us;
  const double bytes = message == nullptr ? 0 : static_cast<double>(message->size());
  const Line line{
      "fanout", engine, latencies.quantile(0.5), latencies.quantile(0.99), frames / all_us * 1e6,
      bytes};
  Line user = line;
  user.name = "fanout-user";
  user.ops_per_s = frames / std::max(user_us, 1.0) * 1e6;
  return {line, user};
}

}  // namespace

std::vector<Line> run_fanout(const Options& options) {
  std::map<std::string, std::vector<Line>> all;
  std::map<std::string, std::vector<Line>> user;
  const auto keep = [&](const Fanout& fanout) {
    all[fanout.all.engine].push_back(fanout.all);
    user[fanout.all.engine].push_back(fanout.user);
  };
  base::Bytes message;  // of the server; the others send the same
  for (std::size_t run = 1; run <= options.runs; ++run) {
    std::fprintf(stderr, "fanout: run %zu of %zu\n", run, options.runs);
    {
      Syncline syncline(options);
      keep(measure("syncline", syncline, options, &message));
    }
    {
      CSend c_send(options, message);
      keep(measure("c-send", c_send, options, &message));
    }
    if (!options.ws_script.empty()) {
      NpmWs ws(options, message);
      keep(measure("ws", ws, options, &message));
    }
  }
  std::vector<Line> lines;
  for (const auto& lot : {all, user}) {
    for (const char* engine : {"syncline", "c-send", "ws"}) {
      if (lot.contains(engine)) lines.push_back(median(lot.at(engine)));
    }
  }
  return lines;
}

}  // namespace syncline::bench
