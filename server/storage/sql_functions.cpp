#include "server/storage/sql_functions.hpp"

#include <string_view>

#include <sqlite3.h>

#include "syncline/model/order.hpp"

namespace syncline::server::storage {

namespace {

std::string_view view(const void* data, int size) {
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string_view view(sqlite3_value* value) {
  const auto* text = sqlite3_value_text(value);  // before bytes(): it may convert
  return text == nullptr ? std::string_view{} : view(text, sqlite3_value_bytes(value));
}

int compare(void*, int a_size, const void* a, int b_size, const void* b) {
  return model::compare_text(view(a, a_size), view(b, b_size));
}

void like(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL ||
      sqlite3_value_type(arguments[1]) == SQLITE_NULL) {
    sqlite3_result_null(context);
    return;
  }
  sqlite3_result_int(context, model::like(view(arguments[0]), view(arguments[1])) ? 1 : 0);
}

}  // namespace

bool register_functions(sqlite3* connection) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return sqlite3_create_collation_v2(connection, "SYNCLINE", SQLITE_UTF8, nullptr, compare,
                                     nullptr) == SQLITE_OK &&
         sqlite3_create_function_v2(connection, "syncline_like", 2, flags, nullptr, like, nullptr,
                                    nullptr, nullptr) == SQLITE_OK;
}

}  // namespace syncline::server::storage
