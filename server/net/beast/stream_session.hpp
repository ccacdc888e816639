// One event stream: an HTTP answer whose body goes on until either side ends it.
#pragma once

#include <boost/beast/core/tcp_stream.hpp>

#include "server/net/beast/shared.hpp"

namespace syncline::server::net {

// Writes the head and serves.
void start_stream(boost::beast::tcp_stream stream, LeasePtr lease, http::Response head,
                  ConnectionInfo info, std::shared_ptr<ConnectionHandler> handler);

}  // namespace syncline::server::net
