#include "server/app/poll_hub.hpp"

#include <algorithm>
#include <utility>

#include "server/app/clock.hpp"
#include "syncline/protocol/version.hpp"

namespace syncline::server::app {
namespace {

constexpr std::string_view kPath = "/api/sync";
// The network numbers its connections from 1, and the engine knows connections by their numbers alone. (The log's numbers are
// signed.)
constexpr net::ConnectionId kFirstId = net::ConnectionId{1} << 62;

http::Response answer_of(std::string body) {
  return {200,
          {{"content-type", "application/octet-stream"}, {"cache-control", "no-store"}},
          std::move(body)};
}

http::Response stopping() {
  return net::problem(503, "unavailable", "Service unavailable",
                      "The server is shutting down. Try again in a few seconds.");
}

}  // namespace

// What the engine sees as the connection.
class PollHub::PolledConnection final : public net::Connection {
 public:
  PolledConnection(std::shared_ptr<PollHub> hub, net::ConnectionId id)
      : hub_(std::move(hub)), id_(id) {}
  void send(std::vector<net::Piece> pieces) override {
    hub_->mailbox_.post([hub = hub_, id = id_, pieces = std::move(pieces)]() mutable {
      hub->push(id, std::move(pieces));
    });
  }
  void read_on() override {
    hub_->mailbox_.post([hub = hub_, id = id_] { hub->read_on(id); });
  }
  void close(net::CloseCode, std::string reason) override {
    hub_->mailbox_.post(
        [hub = hub_, id = id_, reason = std::move(reason)] { hub->end(id, reason); });
  }
  void set_authenticated() override {
    hub_->mailbox_.post([hub = hub_, id = id_] {
      if (Polled* polled = hub->find(id)) hub->set_known(*polled);
    });
  }

 private:
  const std::shared_ptr<PollHub> hub_;
  const net::ConnectionId id_;
};

PollHub::PollHub(std::shared_ptr<net::ConnectionHandler> engine, PollLimits limits)
    : engine_(std::move(engine)),
      limits_(limits),
      addresses_(limits.addresses),
      last_id_(kFirstId) {}

PollHub::~PollHub() { stop(); }

void PollHub::start() {
  thread_ = std::thread([this] { run(); });
}

void PollHub::stop() {
  mailbox_.stop();
  if (thread_.joinable()) thread_.join();
}

void PollHub::run() {
  while (true) {
    const auto until =
        due_.empty() ? std::optional<base::Timestamp>() : base::Timestamp{due_.begin()->first};
    const Mailbox::Delivery delivery = mailbox_.wait(until);
    for (const auto& task : delivery.tasks) task();
    if (delivery.stopping) break;
    answer_all_with_news();
    expire();
  }
  while (!by_key_.empty()) {
    Polled& polled = *by_key_.begin()->second;
    if (const ExchangePtr waiting = std::exchange(polled.waiting, nullptr))
      waiting->respond(stopping());
    forget(polled, "The server is shutting down.");
  }
}

bool PollHub::is_for(const http::Request& request) { return net::path_of(request.target) == kPath; }

void PollHub::handle(const http::Request& request, std::shared_ptr<net::Exchange> exchange) {
  if (request.method != "POST") {
    auto refusal = net::problem(405, "method_not_allowed", "Method not allowed",
                                "This address takes POST only.");
    refusal.headers.emplace_back("allow", "POST");
    return exchange->respond(std::move(refusal));
  }
  auto decoded = protocol::decode_poll_request(base::as_bytes(request.body));
  if (!decoded.ok() || decoded->session.is_nil()) {
    return exchange->respond(net::problem(400, "malformed", "Bad request",
                                          "The body is no poll of /sync, see PROTOCOL.md."));
  }
  net::ConnectionInfo info{std::string(kPath), protocol::kSubprotocol, request.address,
                           std::string(request.header("user-agent"))};
  const bool taken =
      mailbox_.post([this, polled = std::move(*decoded), info = std::move(info),
                     exchange]() mutable { poll(polled, info, std::move(exchange)); });
  if (!taken) exchange->respond(stopping());
}

void PollHub::poll(protocol::PollRequest& request, const net::ConnectionInfo& info,
                   ExchangePtr exchange) {
  const auto found = by_key_.find(request.session);
  Polled* const polled =
      found == by_key_.end() ? open(request, info, *exchange) : found->second.get();
  if (polled == nullptr) return;
  auto taken = polled->session.take(request);
  if (!taken.ok()) {
    exchange->respond(net::problem(400, "malformed", "Bad request", taken.error().message));
    return forget(*polled, taken.error().message);
  }
  if (!polled->over) {
    if (taken->acknowledged > 0) engine_->sent(polled->id, taken->acknowledged);
    hand_on(*polled, std::move(taken->frames));
  }
  // Whoever asks once more has given the request before up, or has something to say meanwhile.
  answer(*polled, polled->session.empty_answer());
  polled->waiting = std::move(exchange);
  if (request.ended) {
    answer(*polled, polled->session.empty_answer());
    return forget(*polled, "Closed by the client.");
  }
  set_due(*polled, later(std::min<std::int64_t>(request.wait_ms, limits_.wait_ms_max)));
  moved_.push_back(polled->id);
}

PollHub::Polled* PollHub::open(const protocol::PollRequest& request,
                               const net::ConnectionInfo& info, net::Exchange& exchange) {
  const bool is_first = request.first == 1 && request.received == 0 && !request.frames.empty();
  if (!is_first || request.ended) {
    exchange.respond(
        net::problem(404, "not_found", "Not found", "This connection is over. Open another one."));
    return nullptr;
  }
  const bool admitted = addresses_.add_connection(info.address);
  if (!admitted || !addresses_.add_stranger(info.address)) {
    if (admitted) addresses_.remove_connection(info.address);
    auto refusal = net::problem(429, "rate_limited", "Too many connections",
                                "This address holds too many connections.");
    refusal.headers.emplace_back("retry-after", "10");
    exchange.respond(std::move(refusal));
    return nullptr;
  }
  auto made = std::make_unique<Polled>(limits_.queued_bytes, ++last_id_, request.session);
  Polled* const polled = made.get();
  polled->address = info.address;
  by_key_.emplace(request.session, std::move(made));
  by_id_.emplace(polled->id, polled);
  session_count_ = by_key_.size();
  engine_->opened(polled->id, info,
                  std::make_shared<PolledConnection>(shared_from_this(), polled->id));
  return polled;
}

PollHub::Polled* PollHub::find(net::ConnectionId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

void PollHub::hand_on(Polled& polled, std::vector<base::Bytes> frames) {
  std::size_t count = 0;
  while (count < frames.size() && !polled.full)
    polled.full = !engine_->received(polled.id, std::move(frames[count++]));
  polled.session.give_back(frames.size() - count);
  polled.refused = count < frames.size();
}

void PollHub::read_on(net::ConnectionId id) {
  Polled* const polled = find(id);
  if (polled == nullptr) return;
  polled->full = false;
  // Who hears that some were not taken says them again at once.
  if (std::exchange(polled->refused, false) && polled->waiting != nullptr) answer_with_all(*polled);
}

void PollHub::push(net::ConnectionId id, std::vector<net::Piece> pieces) {
  Polled* const polled = find(id);
  if (polled == nullptr || polled->over) return;
  if (!polled->session.push(std::move(pieces))) return forget(*polled, "The client does not read.");
  moved_.push_back(id);
}

void PollHub::end(net::ConnectionId id, const std::string& reason) {
  Polled* const polled = find(id);
  if (polled == nullptr) return;
  polled->session.end();
  close(*polled, reason);
  moved_.push_back(id);
}

void PollHub::set_known(Polled& polled) {
  if (std::exchange(polled.stranger, false)) addresses_.remove_stranger(polled.address);
}

void PollHub::close(Polled& polled, const std::string& reason) {
  if (std::exchange(polled.over, true)) return;
  set_known(polled);  // it is nobody any more: no reason to keep others of its address out
  engine_->closed(polled.id, reason);
}

void PollHub::forget(Polled& polled, const std::string& reason) {
  answer(polled, polled.session.empty_answer());
  addresses_.remove_connection(polled.address);
  due_.erase({polled.due.ms, polled.id});
  by_id_.erase(polled.id);
  const auto gone = by_key_.extract(polled.key);
  session_count_ = by_key_.size();
  // Last: whoever is told finds it gone.
  close(*gone.mapped(), reason);
}

void PollHub::answer(Polled& polled, std::string body) {
  if (polled.waiting == nullptr) return;
  std::exchange(polled.waiting, nullptr)->respond(answer_of(std::move(body)));
  set_due(polled, later(limits_.forget_ms));
}

void PollHub::answer_with_all(Polled& polled) {
  const bool is_last = polled.session.is_last_answer();
  answer(polled, polled.session.answer());
  if (is_last) set_due(polled, later(limits_.repeat_ms));
}

void PollHub::set_due(Polled& polled, base::Timestamp at) {
  due_.erase({polled.due.ms, polled.id});
  polled.due = at;
  due_.emplace(at.ms, polled.id);
}

void PollHub::answer_all_with_news() {
  for (const net::ConnectionId id : std::exchange(moved_, {})) {
    Polled* const polled = find(id);
    if (polled != nullptr && polled->waiting != nullptr && polled->session.has_news())
      answer_with_all(*polled);
  }
}

void PollHub::expire() {
  const base::Timestamp at = now();
  while (!due_.empty() && due_.begin()->first <= at.ms) {
    Polled& polled = *find(due_.begin()->second);
    if (polled.waiting != nullptr) {
      answer_with_all(polled);
    } else {
      forget(polled, "No request came.");
    }
  }
}

base::Timestamp PollHub::later(std::int64_t ms) const { return now() + ms; }

}  // namespace syncline::server::app
