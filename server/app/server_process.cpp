#include "server/app/server_process.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>

#include "domain/domain.hpp"
#include "server/app/clock.hpp"
#include "server/app/local_writer.hpp"
#include "server/app/log.hpp"
#include "server/app/seed/demo_accounts.hpp"
#include "server/app/sync_json_gate.hpp"
#include "server/auth/signing_key.hpp"
#include "syncline/protocol/version.hpp"

namespace syncline::server::app {
namespace {

constexpr std::size_t kReaders = 4;
constexpr std::size_t kRequestsWaitingMax = 2'000;
// Some ten milliseconds of work: those who write much share their pages and one fsync, those who wait behind do not notice.
constexpr std::uint32_t kMutationsPerCommitMax = 400;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

bool is_api(std::string_view path) {
  return path == "/api" || path.substr(0, 5) == "/api/" || path == "/healthz" ||
         path == "/readyz" || path == "/metrics";
}

// Once, however many writes are refused in between.
void tell_health(const base::Status& health) {
  if (health.ok()) return log(Level::info, "storage_recovered");
  log(Level::error, "storage_failed", {{"error", health.error().message}});
}

net::Limits limits_of(const ServeOptions& options) {
  net::Limits limits;
  const std::size_t files = net::raise_file_limit();
  // Some descriptors are the database's; and one address gets at most half of the rest.
  constexpr std::size_t kReserve = 128;
  limits.addresses.connections =
      std::min<std::size_t>(files > 2 * kReserve ? files - kReserve : files / 2, 50'000);
  limits.addresses.connections_per_address = limits.addresses.connections / 2;
  limits.addresses.enabled = options.limits;
  return limits;
}

}  // namespace

ServerProcess::ServerProcess(ServeOptions options)
    : options_(std::move(options)), domain_(domain::make_domain()), files_(options_.web) {}

base::Result<std::unique_ptr<ServerProcess>> ServerProcess::start(ServeOptions options) {
  std::unique_ptr<ServerProcess> process(new ServerProcess(std::move(options)));
  SYNC_TRY(process->open());
  process->connect();
  SYNC_TRY(process->listen());
  process->ready_ = true;
  return process;
}

base::Status ServerProcess::open() {
  auth::prepare_crypto();
  SYNC_ASSIGN(storage_, open_database(options_.database, *domain_));
  storage_->health().listen(tell_health);
  auth_store_ = std::make_unique<storage::AuthStore>(*storage_);
  SYNC_ASSIGN(is_demo_, seed::is_demo(*storage_));
  if (is_demo_ && !is_loopback(options_.host) && !options_.demo_public) {
    return base::Error{base::Code::forbidden,
                       "This database has demo accounts with a known password, so it is served on "
                       "this machine only. "
                       "Change their passwords or add --demo-public."};
  }
  SYNC_ASSIGN(readers_, storage::ReaderPool::open(options_.database, domain_->schema, kReaders));
  SYNC_ASSIGN(const auth::Key key,
              auth::load_or_create_key(storage::beside(options_.database, ".key")));
  accounts_ =
      std::make_unique<Accounts>(key, *auth_store_, AccountsOptions{.limits = options_.limits});
  return accounts_->load(storage_->sources());
}

void ServerProcess::connect() {
  authority::Options options;
  options.seed = auth::random_word();
  options.mutations_per_commit_max = kMutationsPerCommitMax;
  options.query_cost_max = options_.query_cost_max;
  options.stopwatch = [] {
    const auto at = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(at).count());
  };
  const auto authenticate = [this](const std::string& token, base::Timestamp) {
    return accounts_->verify(token);
  };
  engine_ = std::make_shared<EngineThread>(*domain_, *storage_, authenticate, options);
  database_ = std::make_unique<Database>(*readers_, options_.query_cost_max);
  events_ = std::make_shared<EventHub>(*domain_, *database_, *accounts_);
  engine_->set_on_applied([this](const authority::LogEntry& entry) { follow_users(entry); });
  engine_->set_on_undone([this](const authority::LogEntry& entry) { take_back_users(entry); });
  engine_->set_on_committed(
      [this](EngineThread::Commits entries) { announce(std::move(entries)); });
  accounts_->set_on_session_ended([this](const auth::Session& session) {
    engine_->set_actor(session.user, session.id, std::nullopt);
    events_->end_session(session.id);
  });
  api::ApiOptions api_options;
  api_options.now = now;
  api_options.ready = [this] { return is_ready(); };
  api_options.metrics = [this] { return metrics(); };
  api_ = std::make_unique<api::Api>(*domain_, *database_, *engine_, *accounts_,
                                    std::move(api_options));
  requests_ = std::make_unique<TaskQueue>(kReaders, kRequestsWaitingMax);
  polls_ =
      std::make_shared<PollHub>(engine_, PollLimits{.addresses = limits_of(options_).addresses});
  events_->start();
  engine_->start();
  polls_->start();
}

// Live queries feel a changed role before anything later leaves; the listeners of events hear of the commit first.
void ServerProcess::follow_users(const authority::LogEntry& entry) {
  // What is left of this version belongs to a transaction that failed.
  std::erase_if(user_changes_,
                [&entry](const auto& change) { return change.first >= entry.version; });
  for (auto& change : accounts_->apply(entry)) {
    engine_->set_actor(change.user, {}, change.actor);
    user_changes_.emplace_back(entry.version, std::move(change));
  }
}

void ServerProcess::take_back_users(const authority::LogEntry& entry) {
  std::vector<auth::Session> ended;
  for (const auto& [version, change] : user_changes_)
    if (version == entry.version)
      ended.insert(ended.end(), change.ended.begin(), change.ended.end());
  for (const UserChange& change : accounts_->undo(entry, ended))
    engine_->set_actor(change.user, {}, change.actor);
}

void ServerProcess::announce(EngineThread::Commits entries) {
  std::vector<EventHub::Commit> commits;
  commits.reserve(entries.size());
  for (auto& entry : entries) {
    std::vector<UserChange> users;
    std::erase_if(user_changes_, [&](auto& change) {
      if (change.first != entry->version) return false;
      users.push_back(std::move(change.second));
      return true;
    });
    commits.push_back({std::move(entry), std::move(users)});
  }
  events_->committed(std::move(commits));
}

base::Status ServerProcess::listen() {
  net::ServerOptions options;
  options.host = options_.host;
  options.port = options_.port;
  options.allow_origins = options_.allow_origins;
  options.trusted_proxies = options_.trusted_proxies;
  options.limits = limits_of(options_);
  net_ = std::make_unique<net::Server>(
      std::move(options),
      [this](http::Request request, std::shared_ptr<net::Exchange> exchange) {
        route(std::move(request), std::move(exchange));
      },
      std::vector<net::SocketRoute>{{"/sync", protocol::kSubprotocol, true, engine_},
                                    {"/sync", protocol::kJsonSubprotocol, false,
                                     std::make_shared<SyncJsonGate>(domain_->schema, engine_)},
                                    {"/events", "syncline.events.v1", false, events_}});
  SYNC_ASSIGN(port_, net_->start());
  explainer_ =
      std::make_unique<Explainer>(*domain_, *readers_, engine_.get(), options_.query_cost_max);
  SYNC_ASSIGN(control_,
              ControlServer::start(options_.database, *engine_, *auth_store_, *explainer_));
  log(Level::info, "listening",
      {{"host", options_.host}, {"port", std::uint64_t{port_}}, {"database", options_.database}});
  return {};
}

void ServerProcess::route(http::Request request, std::shared_ptr<net::Exchange> exchange) {
  const std::string_view path = net::path_of(request.target);
  if (!is_api(path)) return exchange->respond(files_.answer(request));
  if (api::EventStream::is_for(request))
    return events_->stream(std::move(request), std::move(exchange));
  if (PollHub::is_for(request)) return polls_->handle(request, std::move(exchange));
  const bool taken = requests_->post([this, request = std::move(request), exchange]() mutable {
    api_->handle(std::move(request),
                 [exchange](http::Response response) { exchange->respond(std::move(response)); });
  });
  if (taken) return;
  auto busy = net::problem(503, "unavailable", "Service unavailable",
                           "The server is busy. Try again in a few seconds.");
  busy.headers.emplace_back("retry-after", "2");
  exchange->respond(std::move(busy));
}

// Who asks finds out whether a disk that refused a write takes one again: nobody else may want to write.
base::Status ServerProcess::is_ready() {
  if (!ready_.load())
    return base::Error{base::Code::unavailable, "The server is starting or stopping."};
  if (!storage_->health().is_refusing()) return {};
  const std::lock_guard lock(storage_->write_mutex());
  return storage_->check_writable();
}

std::string ServerProcess::metrics() const {
  std::ostringstream out;
  const auto put = [&out](const char* name, const char* type, std::uint64_t value) {
    out << "# TYPE syncline_" << name << ' ' << type << "\nsyncline_" << name << ' ' << value
        << '\n';
  };
  const EngineStatistics engine = engine_->statistics();
  put("sync_sessions", "gauge", engine.authority.sessions);
  put("sync_sessions_behind", "gauge", engine.authority.sessions_behind);
  put("sync_unread_bytes", "gauge", engine.authority.unread_bytes);
  put("sync_untaken_bytes", "gauge", engine.intake.bytes);
  put("sync_sessions_waiting", "gauge", engine.intake.full);
  put("query_groups", "gauge", engine.authority.groups);
  put("subscriptions", "gauge", engine.authority.subscriptions);
  put("commits_total", "counter", engine.authority.commits);
  put("mutations_total", "counter", engine.authority.mutations);
  put("mutations_rejected_total", "counter", engine.authority.rejected);
  put("mutation_conflicts_total", "counter", engine.authority.conflicts);
  put("groups_evaluated_total", "counter", engine.authority.groups_evaluated);
  put("segments_encoded_total", "counter", engine.authority.segments_encoded);
  put("pokes_total", "counter", engine.authority.pokes);
  put("result_mismatches_total", "counter", engine.authority.mismatches);
  put("engine_lag_milliseconds", "gauge", static_cast<std::uint64_t>(engine.lag_ms));
  put("engine_lag_max_milliseconds", "gauge", static_cast<std::uint64_t>(engine.lag_max_ms));
  put("storage_refuses_writes", "gauge", storage_->health().is_refusing() ? 1 : 0);
  put("login_sessions", "gauge", accounts_->sessions());
  put("event_sessions", "gauge", events_->sessions());
  put("polled_sessions", "gauge", polls_->sessions());
  const net::Counters& net = net_->counters();
  put("connections", "gauge", net_->connections());
  put("connections_total", "counter", net.connections_accepted);
  put("connections_refused_total", "counter", net.connections_refused);
  put("http_requests_total", "counter", net.requests);
  put("sockets_opened_total", "counter", net.sockets_opened);
  put("sockets_closed_total", "counter", net.sockets_closed);
  put("sockets_refused_total", "counter", net.sockets_refused);
  put("bytes_received_total", "counter", net.bytes_received);
  put("bytes_sent_total", "counter", net.bytes_sent);
  return out.str();
}

void ServerProcess::stop() {
  if (!ready_.exchange(false)) return;
  log(Level::info, "stopping");
  control_.reset();
  polls_->stop();  // the network waits for what is unanswered
  net_->stop();
  requests_->stop();
  engine_->stop();
  events_->stop();
  log(Level::info, "stopped", {{"version", std::uint64_t{storage_->version()}}});
}

// Whatever still holds a connection is let go before the loops that it belongs to.
ServerProcess::~ServerProcess() {
  stop();
  control_.reset();
  if (polls_) polls_->stop();
  if (net_) net_->stop();
  if (requests_) requests_->stop();
  if (engine_) engine_->stop();
  if (events_) events_->stop();
}

}  // namespace syncline::server::app
