// One TCP connection speaking HTTP: request after request, until it becomes a socket or a stream, or closes.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "server/net/beast/shared.hpp"

namespace syncline::server::net {

// Starts serving; returns at once. The connection lives by its pending operations.
void start_http_session(boost::asio::ip::tcp::socket socket, LeasePtr lease);

}  // namespace syncline::server::net
