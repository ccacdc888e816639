// Rows as the commit log keeps them: version, then (field id, value) for every field that is not null. Tagged by field ids,
// not packed slots, so that the log stays readable when a later build adds or drops fields. The before image of an update
// holds only the fields that differ from the after image.
#pragma once

#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/base/result.hpp"
#include "syncline/model/change.hpp"

namespace syncline::server::storage {

struct ChangeImages {
  base::Bytes before;  // empty for insert
  base::Bytes after;   // empty for remove
};
[[nodiscard]] ChangeImages encode_change(const model::Change& change);
// Fields that the collection no longer has are left out. Errors: storage_failed (the bytes are damaged).
[[nodiscard]] base::Result<model::Change> decode_change(const model::Collection& collection,
                                                        const base::Id& id, model::ChangeKind kind,
                                                        base::ByteView before,
                                                        base::ByteView after);

[[nodiscard]] base::Bytes encode_events(const std::vector<model::DomainEvent>& events);
[[nodiscard]] base::Result<std::vector<model::DomainEvent>> decode_events(base::ByteView bytes);

}  // namespace syncline::server::storage
