#include "server/app/log.hpp"

#include <cstdio>
#include <mutex>

#include <nlohmann/json.hpp>

#include "server/app/clock.hpp"

namespace syncline::server::app {

void log(Level level, std::string_view event,
         std::initializer_list<std::pair<std::string_view, LogValue>> fields) {
  constexpr std::string_view kLevels[] = {"info", "warning", "error"};
  nlohmann::ordered_json line;
  line["at"] = base::to_string(now());
  line["level"] = kLevels[static_cast<std::size_t>(level)];
  line["event"] = event;
  for (const auto& [name, value] : fields) {
    if (value.is_number()) {
      line[std::string(name)] = std::stoll(value.text());
    } else {
      line[std::string(name)] = value.text();
    }
  }
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace syncline::server::app
