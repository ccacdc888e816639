// The sync socket for people who debug: translates the JSON of syncline.sync.v1+json to the frames that the engine speaks,
// and back (server/api/sync_json.hpp). Thread rule: as its calls come (net/connection.hpp).
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "server/net/connection.hpp"
#include "syncline/model/schema.hpp"

namespace syncline::server::app {

class SyncJsonGate final : public net::ConnectionHandler {
 public:
  // `schema` outlives it.
  SyncJsonGate(const model::Schema& schema, std::shared_ptr<net::ConnectionHandler> engine)
      : schema_(schema), engine_(std::move(engine)) {}

  void opened(net::ConnectionId id, const net::ConnectionInfo& info,
              std::shared_ptr<net::Connection> connection) override;
  [[nodiscard]] bool received(net::ConnectionId id, base::Bytes message) override;
  void sent(net::ConnectionId id, std::size_t bytes) override;
  void closed(net::ConnectionId id, const std::string& reason) override;

 private:
  class Translator;
  [[nodiscard]] std::shared_ptr<Translator> find(net::ConnectionId id);

  const model::Schema& schema_;
  const std::shared_ptr<net::ConnectionHandler> engine_;
  std::mutex mutex_;  // connections of several network threads
  std::unordered_map<net::ConnectionId, std::shared_ptr<Translator>> translators_;
};

}  // namespace syncline::server::app
