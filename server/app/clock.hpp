// The one place of the server that asks what time it is.
#pragma once

#include "syncline/base/time.hpp"

namespace syncline::server::app {

// Never goes backwards within a process, though the system's clock may be set back. Thread-safe.
[[nodiscard]] base::Timestamp now();

}  // namespace syncline::server::app
