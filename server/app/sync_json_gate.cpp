#include "server/app/sync_json_gate.hpp"

#include <deque>

#include "server/api/sync_json.hpp"
#include "syncline/protocol/codec.hpp"

namespace syncline::server::app {

// What the engine sees as the connection. It counts bytes by its own frames, so their sizes are kept until the text is out.
class SyncJsonGate::Translator final : public net::Connection {
 public:
  Translator(const model::Schema& schema, std::shared_ptr<net::Connection> socket)
      : schema_(schema), socket_(std::move(socket)) {}

  void send(std::vector<net::Piece> pieces) override {
    base::Bytes frame;
    for (const auto& piece : pieces) frame.insert(frame.end(), piece->begin(), piece->end());
    const auto message = protocol::decode_server_message(frame);
    if (!message.ok())
      return socket_->close(net::CloseCode::internal_error, message.error().message);
    const std::string text = api::server_message_to_json(schema_, *message);
    {
      const std::lock_guard lock(mutex_);
      sizes_.push_back({text.size(), frame.size()});
    }
    socket_->send({std::make_shared<const base::Bytes>(text.begin(), text.end())});
  }
  void read_on() override { socket_->read_on(); }
  void close(net::CloseCode code, std::string reason) override {
    socket_->close(code, std::move(reason));
  }
  void set_authenticated() override { socket_->set_authenticated(); }

  // Bytes of frames whose text has gone to the network.
  std::size_t frames_sent(std::size_t text_bytes) {
    const std::lock_guard lock(mutex_);
    text_sent_ += text_bytes;
    std::size_t frames = 0;
    while (!sizes_.empty() && sizes_.front().text <= text_sent_) {
      text_sent_ -= sizes_.front().text;
      frames += sizes_.front().frame;
      sizes_.pop_front();
    }
    return frames;
  }

 private:
  struct Size {
    std::size_t text, frame;
  };
  const model::Schema& schema_;
  const std::shared_ptr<net::Connection> socket_;
  std::mutex mutex_;  // the engine's thread and the network's
  std::deque<Size> sizes_;
  std::size_t text_sent_ = 0;
};

std::shared_ptr<SyncJsonGate::Translator> SyncJsonGate::find(net::ConnectionId id) {
  const std::lock_guard lock(mutex_);
  const auto found = translators_.find(id);
  return found == translators_.end() ? nullptr : found->second;
}

void SyncJsonGate::opened(net::ConnectionId id, const net::ConnectionInfo& info,
                          std::shared_ptr<net::Connection> connection) {
  auto translator = std::make_shared<Translator>(schema_, std::move(connection));
  {
    const std::lock_guard lock(mutex_);
    translators_.emplace(id, translator);
  }
  engine_->opened(id, info, std::move(translator));
}

bool SyncJsonGate::received(net::ConnectionId id, base::Bytes message) {
  const auto decoded = api::client_message_from_json(schema_, base::as_text(message));
  if (decoded.ok()) return engine_->received(id, protocol::encode(*decoded));
  if (const auto translator = find(id))
    translator->close(net::CloseCode::policy_violation, decoded.error().message);
  return true;
}

void SyncJsonGate::sent(net::ConnectionId id, std::size_t bytes) {
  if (const auto translator = find(id)) engine_->sent(id, translator->frames_sent(bytes));
}

void SyncJsonGate::closed(net::ConnectionId id, const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    translators_.erase(id);
  }
  engine_->closed(id, reason);
}

}  // namespace syncline::server::app
