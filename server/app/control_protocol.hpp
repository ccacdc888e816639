// What commands and the running server say to each other over the Unix socket beside the database: length-prefixed frames,
// request and reply in turns. Both ends are this program; the version byte refuses another build's command.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/app/writer.hpp"

namespace syncline::server::app {

inline constexpr std::size_t kControlFrameMax = 64u << 20;

struct ControlWrite {
  std::vector<authority::Submission> submissions;
};
struct ControlPassword {
  base::Id user;
  std::string hash;
};
struct ControlExplain {
  std::string ask;  // JSON (server/api/explain.hpp)
};
using ControlRequest = std::variant<ControlWrite, ControlPassword, ControlExplain>;
struct ControlReply {
  base::Error error;  // code ok: none
  std::vector<WriteOutcome> outcomes;
  std::string text = {};  // of an explanation
};

// "<database>.sock", beside the file itself.
[[nodiscard]] std::string control_path(const std::string& database);

[[nodiscard]] base::Bytes encode(const ControlRequest& request);
[[nodiscard]] base::Bytes encode(const ControlReply& reply);
// Errors: malformed, upgrade_required.
[[nodiscard]] base::Result<ControlRequest> decode_control_request(base::ByteView frame);
[[nodiscard]] base::Result<ControlReply> decode_control_reply(base::ByteView frame);

// Blocking, whole frames. False, nullopt: the other end is gone, or sends no frame of ours.
[[nodiscard]] bool write_frame(int socket, const base::Bytes& frame);
[[nodiscard]] std::optional<base::Bytes> read_frame(int socket);

}  // namespace syncline::server::app
