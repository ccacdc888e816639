// The errors that a transaction gives, each worded once; and several fields' complaints as one Error.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "syncline/base/error.hpp"

namespace syncline::mutation {

[[nodiscard]] inline base::Error not_found() {
  return {base::Code::not_found, "This record does not exist, or you may not see it."};
}
[[nodiscard]] inline base::Error needs_server() {
  return {base::Code::needs_server, "Only the server can tell; waiting for it."};
}
[[nodiscard]] inline base::Error forbidden() {
  return {base::Code::forbidden, "Your role does not allow this."};
}
// One answer for a missing right and for an id that is taken: it must not tell which (SEMANTICS 10).
[[nodiscard]] inline base::Error may_not_insert() {
  return {base::Code::forbidden,
          "This record cannot be created: your role does not allow it, or its id is not free."};
}

class Complaints {
 public:
  void add(const base::Error& error) {
    if (error.fields.empty()) {
      base::FieldError complaint;
      complaint.code = error.code;
      complaint.message = error.message;
      fields_.push_back(std::move(complaint));
    }
    fields_.insert(fields_.end(), error.fields.begin(), error.fields.end());
  }
  [[nodiscard]] bool empty() const { return fields_.empty(); }
  // One complaint: its own code. Several: Code::invalid and the list. REQUIRES: !empty()
  [[nodiscard]] base::Error error() && {
    base::Error error(base::Code::invalid, "Several fields need attention.");
    if (fields_.size() == 1) error = base::Error(fields_.front().code, fields_.front().message);
    error.fields = std::move(fields_);
    return error;
  }

 private:
  std::vector<base::FieldError> fields_;
};

}  // namespace syncline::mutation
