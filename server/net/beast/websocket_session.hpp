// One WebSocket, from the accepted upgrade request to its end.
#pragma once

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "server/net/beast/shared.hpp"

namespace syncline::server::net {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

// Completes the handshake and serves. REQUIRES: the request was checked (origin, protocol, limits).
void start_websocket(boost::beast::tcp_stream stream, LeasePtr lease, UpgradeRequest request,
                     ConnectionInfo info, const SocketRoute& route);

}  // namespace syncline::server::net
