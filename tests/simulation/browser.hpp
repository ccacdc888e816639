// Browser: one profile of a user: a disk with outbox and rows, tabs, and the one core that serves them. The core lives in the
// tab that leads: it starts anew from the disk in another one when that closes or crashes. What the disk has not written is
// lost with the core; it writes in order.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/editor.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/queries.hpp"

namespace syncline::simulation {

struct Tab {
  struct Reader {
    std::size_t wanted = 0;  // query_for()
    client::QueryId id = 0;
  };
  std::uint64_t id = 0;
  std::vector<Reader> queries;
};

class Browser {
 public:
  // `network` and `server` outlive the browser.
  Browser(World& world, Network& network, Server& server, std::size_t number, const base::Id& user);
  Browser(const Browser&) = delete;

  // ---- people
  void open_tab();
  // The first one leads; with the last one the core goes. A crash leaves no time for anything.
  void close_tab(std::size_t index, bool crash);
  void crash();
  void subscribe(Tab& tab, std::size_t wanted);
  void unsubscribe(Tab& tab, std::size_t index);
  client::MutateAnswer mutate(const std::string& name, const model::Patch& writes,
                              const std::vector<model::BaseVersion>& bases);
  // `then` runs before anybody compares what the browser says with what it should.
  [[nodiscard]] std::optional<client::DraftId> open_draft(const base::Id& item);
  void change_draft(client::ClientCore::DraftAction action, client::DraftId draft,
                    model::FieldId field, const model::Value& value, model::Version version,
                    const std::function<void()>& then);
  client::MutateAnswer commit_draft(client::DraftId draft,
                                    const std::function<void(const client::MutateAnswer&)>& then);
  // `about`: what shall be taken back, as far as the person knows.
  client::MutateAnswer undo(bool redo, const HistoryModel::Deed* about);
  void jump(std::int64_t ms) { machine_ahead_ms_ += ms; }
  // As an application does with a query that failed: it asks again.
  void ask_again();

  // ---- the network
  void opened(ConnectionId connection);
  void received(ConnectionId connection, base::ByteView frame);
  void closed(ConnectionId connection);

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] const base::Id& user() const { return user_; }
  [[nodiscard]] ConnectionId connection() const { return connection_; }
  [[nodiscard]] const client::ClientCore* core() const { return core_.get(); }
  [[nodiscard]] std::vector<Tab>& tabs() { return tabs_; }
  [[nodiscard]] Editor& editor() { return editor_; }
  [[nodiscard]] base::Timestamp clock();
  [[nodiscard]] bool is_quiet() const;
  [[nodiscard]] std::string describe() const;
  void check();

 private:
  struct DiskWrite {
    enum class Kind { put, remove, rows } kind = Kind::put;
    model::MutationId id;
    base::Bytes bytes;
  };
  using Key = std::pair<base::Id, std::uint64_t>;

  void say(const std::string& what);
  void start_core();
  void stop_core(bool crash);
  void drain(const std::function<void()>& then = {});
  // Nothing but what waits for the server's word lies over what it has said.
  [[nodiscard]] bool all_answered() const;
  void note_role(base::ByteView frame);
  void check_signatures();
  void perform(client::Effect& effect);
  void send(base::Bytes frame);
  void store(const client::StoreMutation& effect);
  void follow(const client::ViewUpdate& update);
  void write(DiskWrite write);
  void written();
  void save_rows_soon();
  void arm();
  void fetch_token(std::int64_t in_ms);

  World& world_;
  Network& network_;
  Server& server_;
  const std::size_t number_;
  const base::Id user_;

  std::map<Key, base::Bytes> outbox_;
  std::vector<base::Id> earlier_;  // ids of the cores that worked on it
  base::Bytes rows_;
  std::deque<DiskWrite> writing_;

  std::unique_ptr<client::ClientCore> core_;
  std::uint64_t life_ = 0;  // of the core; what was planned for an earlier one is void
  base::Id client_;
  ConnectionId connection_ = 0;
  std::optional<base::Timestamp> timer_;
  bool saving_ = false;
  std::string token_;
  mutation::Role last_role_ = mutation::Role::viewer;
  std::int64_t machine_ahead_ms_ = 0;  // of the agenda's time
  std::int64_t clock_ahead_ms_ = 0;    // of the machine's clock
  base::Timestamp last_clock_;
  base::Timestamp last_tick_;  // when that was said

  // When the core last had to ask for its queries: what is settled may be shown a little longer.
  base::Timestamp asked_;
  mutation::Role role_of_core_ = mutation::Role::viewer;
  bool same_role_ = true;  // since the core began
  Editor editor_;
  std::vector<Tab> tabs_;
  std::uint64_t last_tab_ = 0;
  // Lists as the edits alone make them; a row that an edit inserted is named at the end of its update.
  std::map<client::QueryId, std::vector<std::optional<base::Id>>> lists_;
};

}  // namespace syncline::simulation
