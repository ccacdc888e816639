#include "tests/simulation/browser.hpp"

#include <algorithm>

#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/poke_reader.hpp"
#include "tests/simulation/server.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

namespace {

std::string summary(const model::Mutation& mutation) {
  std::string text = mutation.name + " " + std::to_string(mutation.id.sequence) + ":";
  for (const model::FieldWrite& write : mutation.arguments.writes()) {
    text += " " + std::to_string(write.field) +
            (write.kind == model::WriteKind::assign ? "=" : "+=") + tests::describe(write.value);
  }
  for (const model::BaseVersion& base : mutation.bases)
    text += "; field " + std::to_string(base.field) + " seen of version " +
            std::to_string(base.version);
  return text;
}

// By so much two clocks may differ that nobody has set.
constexpr std::int64_t kClockToleranceMs = 1'000;
// Queries of an earlier core for which nobody asks are given up after 10 s.
constexpr std::int64_t kAnsweredAfterMs = 12'000;

}  // namespace

Browser::Browser(World& world, Network& network, Server& server, std::size_t number,
                 const base::Id& user)
    : world_(world),
      network_(network),
      server_(server),
      number_(number),
      user_(user),
      editor_(world, *this) {}

// As the host's (clock.ts): it goes on while the machine's clock is behind what it said before.
base::Timestamp Browser::clock() {
  const base::Timestamp ticks = world_.agenda.now();
  const base::Timestamp ticked =
      last_clock_.ms == 0 ? last_clock_ : last_clock_ + (ticks - last_tick_);
  const base::Timestamp told = ticks + machine_ahead_ms_ + clock_ahead_ms_;
  const bool is_set_back = told < ticked + -kClockToleranceMs;
  if (is_set_back) clock_ahead_ms_ += ticked - told;
  const base::Timestamp now = is_set_back ? ticked : told;
  if (last_clock_ < now) {
    last_clock_ = now;
    last_tick_ = ticks;
  }
  return last_clock_;
}

void Browser::say(const std::string& what) {
  if (world_.tell) world_.say("browser " + std::to_string(number_) + " " + what);
}

// ---- tabs and the core

void Browser::open_tab() {
  Tab& tab = tabs_.emplace_back();
  tab.id = ++last_tab_;
  const std::size_t count = 1 + world_.random.index(3);
  for (std::size_t i = 0; i < count; ++i)
    tab.queries.push_back({world_.random.index(kQueryCount), 0});
  if (!core_) return start_core();
  for (Tab::Reader& reader : tab.queries)
    reader.id = *core_->subscribe(query_for(reader.wanted), clock());
  drain();
}

void Browser::close_tab(std::size_t index, bool crash) {
  const bool led = index == 0;
  if (led) {
    stop_core(crash);
  } else {
    while (!tabs_[index].queries.empty()) unsubscribe(tabs_[index], 0);
  }
  tabs_.erase(tabs_.begin() + static_cast<std::ptrdiff_t>(index));
  if (led && !tabs_.empty()) start_core();
}

void Browser::crash() {
  if (!core_) return;
  world_.fault("browser " + std::to_string(number_) + " crashes");
  stop_core(true);
  tabs_.clear();
}

void Browser::subscribe(Tab& tab, std::size_t wanted) {
  tab.queries.push_back({wanted, *core_->subscribe(query_for(wanted), clock())});
  drain();
}

void Browser::unsubscribe(Tab& tab, std::size_t index) {
  const client::QueryId id = tab.queries[index].id;
  tab.queries.erase(tab.queries.begin() + static_cast<std::ptrdiff_t>(index));
  lists_.erase(id);
  core_->unsubscribe(id, clock());
  drain();
}

void Browser::ask_again() {
  if (!core_) return;
  for (Tab& tab : tabs_) {
    for (Tab::Reader& reader : tab.queries) {
      if (core_->status(reader.id) != client::QueryStatus::failed) continue;
      core_->unsubscribe(reader.id, clock());
      lists_.erase(reader.id);
      reader.id = *core_->subscribe(query_for(reader.wanted), clock());
      drain();
    }
  }
}

void Browser::start_core() {
  ++life_;
  last_clock_ = {};
  clock_ahead_ms_ = 0;
  client_ = base::make_id_v7(world_.agenda.now(), world_.random.next(), world_.random.next());
  client::CoreOptions options;
  options.client = client_;
  options.seed = world_.random.next();
  options.user = user_;
  options.role = role_of_core_ = last_role_;
  same_role_ = true;
  say("starts client " + base::to_string(client_) + " with " + std::to_string(outbox_.size()) +
      " mutations of before");
  const auto& rules = world_.hooks.browser_domain;
  core_ = std::make_unique<client::ClientCore>(rules ? *rules : world_.domain, options);
  if (!rows_.empty()) {
    const base::Status restored = core_->restore_rows(rows_, clock());
    if (!restored.ok()) world_.checker.violated("rows of our own making cannot be read");
  }
  std::vector<model::Mutation> outbox;
  for (const auto& [key, bytes] : outbox_) outbox.push_back(*protocol::decode_mutation(bytes));
  if (world_.hooks.outbox) world_.hooks.outbox(outbox, client_);
  core_->restore(outbox, earlier_, clock());
  earlier_.push_back(client_);
  editor_.starts_with(client_, outbox);
  asked_ = world_.agenda.now();
  for (Tab& tab : tabs_) {
    for (Tab::Reader& reader : tab.queries)
      reader.id = *core_->subscribe(query_for(reader.wanted), clock());
  }
  if (token_.empty()) {
    fetch_token(world_.up_to(200));
  } else {
    core_->set_token(token_, clock());
  }
  drain();
}

void Browser::stop_core(bool crash) {
  if (!core_) return;
  ++life_;
  writing_.clear();
  lists_.clear();
  check_signatures();
  timer_.reset();
  saving_ = false;
  editor_.forget();
  world_.checker.lost_unstored(number_);
  core_.reset();
  if (world_.hooks.newest_is_lost && crash && !outbox_.empty())
    outbox_.erase(std::prev(outbox_.end()));
  const ConnectionId left = std::exchange(connection_, 0);
  if (left != 0) network_.browser_left(left, !crash || world_.random.below(2) == 0);
}

client::MutateAnswer Browser::mutate(const std::string& name, const model::Patch& writes,
                                     const std::vector<model::BaseVersion>& bases) {
  client::MutateAnswer answer = editor_.mutate(*core_, name, writes, bases, clock());
  drain();
  return answer;
}

std::optional<client::DraftId> Browser::open_draft(const base::Id& item) {
  const auto draft = core_->edit(tests::kItemsId, item);
  drain();
  if (!draft.ok()) return std::nullopt;
  return *draft;
}

void Browser::change_draft(client::ClientCore::DraftAction action, client::DraftId draft,
                           model::FieldId field, const model::Value& value, model::Version version,
                           const std::function<void()>& then) {
  const base::Status status = core_->change_draft(action, draft, field, value, version);
  if (world_.tell)
    say("draft " + std::to_string(draft) + ": action " + std::to_string(static_cast<int>(action)) +
        " on field " + std::to_string(field) + " with " + tests::describe(value));
  if (!status.ok()) world_.checker.violated("a draft cannot be edited: " + status.error().message);
  drain(then);
}

client::MutateAnswer Browser::commit_draft(
    client::DraftId draft, const std::function<void(const client::MutateAnswer&)>& then) {
  const client::MutateAnswer answer = core_->commit(draft, clock());
  drain([&] { then(answer); });
  return answer;
}

client::MutateAnswer Browser::undo(bool redo, const HistoryModel::Deed* about) {
  const bool blindly = world_.hooks.blind_undo && about != nullptr && about->before && about->after;
  client::MutateAnswer answer;
  if (blindly) {
    model::Patch writes = tests::patch({{model::kIdField, about->record}});
    for (const model::FieldId field : about->fields)
      writes.push_back(tests::assignment(field, (redo ? about->after : about->before).get(field)));
    const char* name =
        about->collection == tests::kItemsId ? "shop.items.update" : "shop.shelves.update";
    answer = core_->mutate(name, model::Arguments(writes), {}, clock());
  } else {
    answer = core_->undo(redo, clock());
  }
  if (!answer.status.ok())
    say(std::string(redo ? "redo" : "undo") + " is refused: " + answer.status.error().message);
  if (world_.hooks.undo_bounces && answer.status.ok()) (void)core_->undo(redo, clock());
  drain();
  return answer;
}

// ---- the core's effects

void Browser::drain(const std::function<void()>& then) {
  while (auto effect = core_->poll_effect()) {
    if (world_.hooks.effect && !world_.hooks.effect(*effect)) continue;
    perform(*effect);
  }
  if (then) then();
  bool moved = false;
  while (auto update = core_->poll_view()) {
    moved = true;
    if (!world_.hooks.view_update || world_.hooks.view_update(*update)) follow(*update);
  }
  if (moved) save_rows_soon();
  arm();
  world_.checker.speak_of("browser " + std::to_string(number_) + ": ");
  editor_.look(*core_, all_answered());
  world_.checker.speak_of({});
}

bool Browser::all_answered() const {
  for (const Tab& tab : tabs_) {
    for (const Tab::Reader& reader : tab.queries) {
      const client::QueryStatus status = core_->status(reader.id);
      if (status != client::QueryStatus::complete && status != client::QueryStatus::failed)
        return false;
    }
  }
  return same_role_ && role_of_core_ != mutation::Role::viewer &&
         core_->connection() == client::ConnectionState::connected &&
         world_.agenda.now() - asked_ > kAnsweredAfterMs;
}

void Browser::perform(client::Effect& effect) {
  if (std::holds_alternative<client::Connect>(effect)) {
    connection_ = network_.connect(*this);
    say("opens connection " + std::to_string(connection_));
  } else if (const auto* end = std::get_if<client::Disconnect>(&effect)) {
    say("disconnects: " + end->reason);
    world_.checker.disconnected(end->reason);
    const ConnectionId left = std::exchange(connection_, 0);
    if (left != 0) network_.browser_left(left, true);
  } else if (auto* frame = std::get_if<client::SendFrame>(&effect)) {
    send(std::move(frame->frame));
  } else if (const auto* made = std::get_if<client::StoreMutation>(&effect)) {
    store(*made);
  } else if (const auto* forgotten = std::get_if<client::ForgetMutation>(&effect)) {
    write({DiskWrite::Kind::remove, forgotten->id, {}});
  } else if (std::holds_alternative<client::TokenWanted>(effect)) {
    token_.clear();
    fetch_token(world_.up_to(500));
  } else if (const auto* settled = std::get_if<client::Settled>(&effect)) {
    world_.checker.settled(settled->id, settled->verdict);
    editor_.settled(*settled);
    say("hears of " + settled->mutator + " " + base::to_string(settled->id.client) + ":" +
        std::to_string(settled->id.sequence) + ": outcome " +
        std::to_string(static_cast<int>(settled->verdict.outcome)) + " " +
        settled->verdict.error.message);
  } else if (const auto* news = std::get_if<client::DraftChanged>(&effect)) {
    editor_.told(*news);
  } else if (std::holds_alternative<client::ReloadWanted>(effect)) {
    world_.checker.violated("a browser shall be reloaded");
  }
}

void Browser::send(base::Bytes frame) {
  if (connection_ == 0) return world_.checker.violated("a frame without a connection");
  world_.checker.leaves_browser(frame);
  if (world_.hooks.towards_server && !world_.hooks.towards_server(frame, connection_)) return;
  network_.towards_server(connection_, std::move(frame));
}

void Browser::store(const client::StoreMutation& effect) {
  const auto mutation = protocol::decode_mutation(effect.mutation);
  if (!mutation.ok()) return world_.checker.violated("a mutation that nobody can read");
  if (world_.tell) say("makes " + summary(*mutation));
  world_.checker.made(number_, *mutation);
  editor_.made(*mutation);
  base::Bytes bytes = effect.mutation;
  if (world_.hooks.stored_as) world_.hooks.stored_as(effect.id, bytes);
  write({DiskWrite::Kind::put, effect.id, std::move(bytes)});
  if (world_.hooks.stored_too_early) core_->stored(effect.id, clock());
}

void Browser::follow(const client::ViewUpdate& update) {
  auto& list = lists_[update.query];
  for (const ivm::ViewEdit& edit : update.edits) {
    const auto at = list.begin() +
                    static_cast<std::ptrdiff_t>(std::min<std::size_t>(edit.position, list.size()));
    if (edit.kind == ivm::ViewEdit::Kind::insert) list.insert(at, std::nullopt);
    if (edit.kind == ivm::ViewEdit::Kind::remove && at != list.end()) list.erase(at);
  }
  const ivm::OrderedView* view = core_->view(update.query);
  if (view == nullptr) return;
  const auto& rows = view->rows();
  bool is_right = list.size() == rows.size();
  list.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (list[i] && !(*list[i] == rows[i].id())) is_right = false;
    list[i] = rows[i].id();
  }
  if (!is_right) world_.checker.violated("a list is not what its edits say");
}

// ---- the disk

void Browser::write(DiskWrite write) {
  writing_.push_back(std::move(write));
  world_.agenda.in(world_.up_to(world_.swarm.disk_ms_max), [this, life = life_] {
    if (life == life_) written();
  });
}

// One write is done; they are done in order, whichever was waited for.
void Browser::written() {
  if (writing_.empty()) return;
  const DiskWrite done = std::move(writing_.front());
  writing_.pop_front();
  switch (done.kind) {
    case DiskWrite::Kind::put:
      outbox_[{done.id.client, done.id.sequence}] = done.bytes;
      world_.checker.stored(done.id);
      core_->stored(done.id, clock());
      return drain();
    case DiskWrite::Kind::remove: outbox_.erase({done.id.client, done.id.sequence}); return;
    case DiskWrite::Kind::rows: rows_ = done.bytes; return;
  }
}

void Browser::save_rows_soon() {
  if (std::exchange(saving_, true)) return;
  world_.agenda.in(1'000, [this, life = life_] {
    if (life != life_) return;
    saving_ = false;
    write({DiskWrite::Kind::rows, {}, core_->persist()});
  });
}

// ---- time, tokens, network

// As a browser's timers do: armed by the clock, they run by time that passes.
void Browser::arm() {
  const auto next = core_->next_timeout();
  if (!next || world_.hooks.timers_are_lost || (timer_ && *timer_ <= *next)) return;
  timer_ = next;
  world_.agenda.in(*next - clock(), [this, at = *next, life = life_] {
    if (life != life_ || !timer_ || !(*timer_ == at)) return;
    timer_.reset();
    core_->timeout(clock());
    drain();
  });
}

void Browser::fetch_token(std::int64_t in_ms) {
  world_.agenda.in(in_ms, [this, life = life_] {
    if (life != life_) return;
    if (!server_.is_up() || network_.is_cut_off(*this)) return fetch_token(1'000);
    token_ = server_.token_of(user_);
    if (token_.empty()) return fetch_token(3'000);
    last_role_ = server_.role_of(user_).value_or(last_role_);
    core_->set_token(token_, clock());
    drain();
  });
}

void Browser::opened(ConnectionId connection) {
  if (connection != connection_ || !core_) return;
  asked_ = world_.agenda.now();
  core_->opened(clock());
  drain();
}

void Browser::received(ConnectionId connection, base::ByteView frame) {
  if (!core_ || (connection != connection_ && !world_.hooks.old_connections_are_heard)) return;
  note_role(frame);
  core_->received(frame, clock());
  drain();
}

void Browser::note_role(base::ByteView frame) {
  if (protocol::is_poke(frame)) return;
  const auto message = protocol::decode_server_message(frame);
  if (!message.ok()) return;
  const auto* welcome = std::get_if<protocol::Welcome>(&*message);
  if (welcome == nullptr) return;
  if (welcome->role != static_cast<std::uint8_t>(role_of_core_)) same_role_ = false;
  role_of_core_ = static_cast<mutation::Role>(welcome->role);
}

void Browser::closed(ConnectionId connection) {
  if (connection != connection_ || !core_) return;
  connection_ = 0;
  core_->closed(clock());
  drain();
}

// ---- looking at it

bool Browser::is_quiet() const {
  if (!core_) return tabs_.empty();
  const bool done = core_->connection() == client::ConnectionState::connected &&
                    core_->pending_count() == 0 && outbox_.empty();
  if (!done) return false;
  for (const DiskWrite& write : writing_) {
    if (write.kind != DiskWrite::Kind::rows) return false;
  }
  for (const Tab& tab : tabs_) {
    for (const Tab::Reader& reader : tab.queries) {
      const client::QueryStatus status = core_->status(reader.id);
      if (status != client::QueryStatus::complete && status != client::QueryStatus::failed)
        return false;
    }
  }
  return true;
}

std::string Browser::describe() const {
  std::string text = "browser " + std::to_string(number_) + ": " + std::to_string(tabs_.size()) +
                     " tabs, outbox " + std::to_string(outbox_.size());
  if (!core_) return text + ", no core";
  text += ", pending " + std::to_string(core_->pending_count()) + ", connection state " +
          std::to_string(static_cast<int>(core_->connection())) + ", writing " +
          std::to_string(writing_.size()) + ", queries";
  for (const Tab& tab : tabs_) {
    for (const Tab::Reader& reader : tab.queries)
      text += " " + std::to_string(static_cast<int>(core_->status(reader.id)));
  }
  return text;
}

// Whatever was lost or swapped on the way: frames come in order or not at all, so what a core holds is what it should.
void Browser::check_signatures() {
  if (core_->mismatches() == 0) return;
  world_.checker.violated("browser " + std::to_string(number_) + " held other rows than it should");
}

void Browser::check() {
  if (!core_) return;
  check_signatures();
  world_.checker.speak_of("browser " + std::to_string(number_) + ": ");
  for (const Tab& tab : tabs_) {
    for (const Tab::Reader& reader : tab.queries)
      world_.checker.check_view(*core_, reader.id,
                                checked(world_.domain.schema, reader.wanted, user_), user_);
  }
  world_.checker.check_core(*core_, user_);
  world_.checker.speak_of({});
}

}  // namespace syncline::simulation
