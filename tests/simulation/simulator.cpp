#include "tests/simulation/simulator.hpp"

#include <algorithm>
#include <utility>

#include "syncline/protocol/codec.hpp"

namespace syncline::tests {

namespace {

base::Id made_id(std::uint64_t kind, std::uint64_t number) {
  base::Id id;
  base::store_le(id.bytes.data(), kind);
  base::store_le(id.bytes.data() + 8, number);
  return id;
}

// "<role>:<user>", as a token.
std::string token_for(const Profile& profile) {
  return std::to_string(static_cast<int>(profile.role)) + ":" + base::to_string(profile.user);
}
base::Result<authority::Identity> read_token(const std::string& token, base::Timestamp now) {
  authority::Identity identity;
  identity.actor.role = static_cast<mutation::Role>(token.at(0) - '0');
  identity.actor.user = *base::parse_id(token.substr(2));
  identity.session = identity.actor.user;
  identity.expires_at = now + 86'400'000;
  return identity;
}

}  // namespace

Simulator::Simulator(const mutation::Domain& domain, std::uint64_t seed)
    : domain_(domain), random_(seed), storage_(domain.schema, made_id(1, seed)) {
  start_server();
}

void Simulator::start_server() {
  authority::Options options;
  options.seed = random_.next();
  options.mutations_per_commit_max = 1 + static_cast<std::uint32_t>(random_.below(5));
  authority_ = std::make_unique<authority::Authority>(domain_, storage_, read_token, options);
}

Profile& Simulator::add(const base::Id& user, mutation::Role role,
                        std::vector<query::Query> wanted) {
  Profile& profile = profiles_.emplace_back();
  profile.user = user;
  profile.role = role;
  profile.wanted = std::move(wanted);
  start_core(profile);
  return profile;
}

void Simulator::start_core(Profile& profile) {
  profile.client = made_id(2, ++last_client_);
  client::CoreOptions options;
  options.client = profile.client;
  options.seed = random_.next();
  options.user = profile.user;
  options.role = profile.role;
  profile.core = std::make_unique<client::ClientCore>(domain_, options);
  if (!profile.rows.empty()) {
    const base::Status restored = profile.core->restore_rows(profile.rows, now_);
    SYNC_CHECK(restored.ok(), "rows of our own making are read back");
  }
  std::vector<model::Mutation> outbox;
  for (const auto& [id, bytes] : profile.outbox)
    outbox.push_back(*protocol::decode_mutation(bytes));
  profile.core->restore(outbox, now_);
  profile.queries.clear();
  profile.lists.clear();
  for (const query::Query& query : profile.wanted)
    profile.queries.push_back(*profile.core->subscribe(query, now_));
  profile.core->set_token(token_for(profile), now_);
  drain(profile);
}

void Simulator::crash(Profile& profile) {
  cut(profile, false);
  if (random_.below(2) == 0) profile.rows = profile.core->persist();
  profile.writing.clear();  // what was not on the disk is lost
  start_core(profile);
}

void Simulator::cut(Profile& profile, bool tell_core) {
  if (profile.session == 0) return;
  if (profile.session_open) authority_->close(profile.session);
  profile.session = 0;
  profile.session_open = false;
  profile.up.clear();
  profile.down.clear();
  if (!tell_core) return;
  profile.core->closed(now_);
  drain(profile);
}

base::Timestamp Simulator::arrival(base::Timestamp& last) {
  const base::Timestamp at = now_ + static_cast<std::int64_t>(random_.below(
                                        static_cast<std::uint64_t>(weather_.latency_ms_max) + 1));
  if (last < at) last = at;
  return last;
}

void Simulator::drain(Profile& profile) {
  while (auto effect = profile.core->poll_effect()) {
    if (std::holds_alternative<client::Connect>(*effect)) {
      profile.session = ++last_session_;
      profile.opens_at = arrival(profile.last_arrival_up);
    } else if (std::holds_alternative<client::Disconnect>(*effect)) {
      cut(profile, false);
    } else if (auto* send = std::get_if<client::SendFrame>(&*effect)) {
      profile.up.emplace_back(arrival(profile.last_arrival_up), std::move(send->frame));
    } else if (auto* store = std::get_if<client::StoreMutation>(&*effect)) {
      profile.writing.emplace_back(now_ + static_cast<std::int64_t>(random_.below(30)),
                                   std::move(*store));
    } else if (auto* forget = std::get_if<client::ForgetMutation>(&*effect)) {
      profile.outbox.erase({forget->id.client, forget->id.sequence});
    } else if (std::holds_alternative<client::Settled>(*effect)) {
      ++profile.settled;
    }
  }
  while (const auto update = profile.core->poll_view()) follow(profile, *update);
}

void Simulator::follow(Profile& profile, const client::ViewUpdate& update) {
  auto& list = profile.lists[update.query];
  for (const ivm::ViewEdit& edit : update.edits) {
    const auto at = list.begin() + static_cast<std::ptrdiff_t>(edit.position);
    if (edit.kind == ivm::ViewEdit::Kind::insert) list.insert(at, std::nullopt);
    if (edit.kind == ivm::ViewEdit::Kind::remove) list.erase(at);
  }
  const auto& rows = profile.core->view(update.query)->rows();
  if (list.size() != rows.size()) {
    profile.edits_are_right = false;
    list.resize(rows.size());
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (list[i] && !(*list[i] == rows[i].id())) profile.edits_are_right = false;
    list[i] = rows[i].id();
  }
}

void Simulator::run_browser(Profile& profile) {
  if (profile.session != 0 && !profile.session_open && profile.opens_at <= now_) {
    profile.session_open = true;
    authority_->open(profile.session, now_);
    profile.core->opened(now_);
    drain(profile);
  }
  while (!profile.writing.empty() && profile.writing.front().first <= now_) {
    const client::StoreMutation store = std::move(profile.writing.front().second);
    profile.writing.pop_front();
    profile.outbox[{store.id.client, store.id.sequence}] = store.mutation;
    profile.core->stored(store.id, now_);
    drain(profile);
  }
  while (!profile.down.empty() && profile.down.front().first <= now_) {
    const base::Bytes frame = std::move(profile.down.front().second);
    profile.down.pop_front();
    profile.core->received(frame, now_);
    drain(profile);
  }
  if (const auto due = profile.core->next_timeout(); due && *due <= now_) {
    profile.core->timeout(now_);
    drain(profile);
  }
}

void Simulator::run_server() {
  for (Profile& profile : profiles_) {
    while (profile.session_open && !profile.up.empty() && profile.up.front().first <= now_) {
      const base::Bytes frame = std::move(profile.up.front().second);
      profile.up.pop_front();
      authority_->receive(profile.session, frame, now_);
    }
  }
  authority_->turn(now_);
  while (auto output = authority_->poll()) {
    if (auto* send = std::get_if<authority::SendFrame>(&*output)) {
      base::Bytes frame;
      for (const authority::Piece& piece : send->pieces)
        frame.insert(frame.end(), piece->begin(), piece->end());
      for (const authority::SessionId session : send->sessions) {
        authority_->sent(session, frame.size());
        for (Profile& profile : profiles_) {
          if (profile.session == session)
            profile.down.emplace_back(arrival(profile.last_arrival_down), frame);
        }
      }
    } else if (auto* close = std::get_if<authority::CloseSession>(&*output)) {
      // The frames on their way still arrive; the browser hears of the end with them.
      for (Profile& profile : profiles_) {
        if (profile.session == close->session) profile.up.clear();
      }
    }
  }
}

void Simulator::step(const Weather& weather) {
  weather_ = weather;
  now_ = now_ + 1 + static_cast<std::int64_t>(random_.below(20));
  for (Profile& profile : profiles_) {
    if (random_.unit() < weather.break_connection) cut(profile, true);
    if (random_.unit() < weather.crash_browser) crash(profile);
    run_browser(profile);
  }
  if (random_.unit() < weather.crash_server) {
    for (Profile& profile : profiles_) cut(profile, true);
    start_server();
  }
  run_server();
}

bool Simulator::is_quiet() const {
  return std::all_of(profiles_.begin(), profiles_.end(), [](const Profile& profile) {
    if (profile.core->pending_count() > 0 || !profile.outbox.empty() || !profile.up.empty() ||
        !profile.down.empty()) {
      return false;
    }
    if (profile.core->connection() != client::ConnectionState::connected) return false;
    return std::all_of(profile.queries.begin(), profile.queries.end(), [&](client::QueryId query) {
      return profile.core->status(query) == client::QueryStatus::complete;
    });
  });
}

std::string Simulator::who_waits() const {
  std::string text;
  for (const Profile& profile : profiles_) {
    text += base::to_string(profile.user) + ": pending " +
            std::to_string(profile.core->pending_count()) + ", outbox " +
            std::to_string(profile.outbox.size()) + ", connection " +
            std::to_string(static_cast<int>(profile.core->connection())) + ", queries";
    for (const client::QueryId query : profile.queries) {
      text += " " + std::to_string(static_cast<int>(profile.core->status(query)));
    }
    text += "\n";
  }
  return text;
}

bool Simulator::settle() {
  const base::Timestamp until = now_ + 60'000;
  const Weather calm;
  // Quiet once may be quiet before a poke that is due; quiet for a while is not.
  int quiet_steps = 0;
  while (now_ < until && quiet_steps < 20) {
    step(calm);
    quiet_steps = is_quiet() ? quiet_steps + 1 : 0;
  }
  return quiet_steps >= 20;
}

}  // namespace syncline::tests
