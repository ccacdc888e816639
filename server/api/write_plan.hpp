// WritePlan: what a REST write asks of the engine and how its answer looks. submit_write() runs it; the answer is rendered
// inside the transaction, so that an Idempotency-Key replays exactly what was said the first time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/api/call.hpp"

namespace syncline::server::api {

struct WritePlan {
  enum class Answer : std::uint8_t {
    created,  // 201, Location, the record
    record,   // 200, the record
    removed,  // 204
    result,   // 200, {version, result}
    results,  // 200, {version, result: […]}
  };
  std::vector<model::Mutation> mutations;
  Answer answer = Answer::result;
  const model::Collection* collection = nullptr;  // created, record, removed
  base::Id record;                                // record, removed
  bool must_exist = false;                        // If-Match: *  → 412 instead of 404
  bool must_be_absent = false;          // If-None-Match: * of a new record → 412 instead of 403
  bool version_must_match = false;      // DELETE with If-Match: a conflict is 412
  std::optional<std::string> password;  // of the user; stored in the same transaction
};

// Answers the call, now or later. Takes Idempotency-Key from the request.
void submit_write(const std::shared_ptr<const Service>& service, const CallPtr& call,
                  WritePlan plan);

}  // namespace syncline::server::api
