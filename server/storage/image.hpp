// Rows as the commit log keeps them: version, then (field id, value) for every field that is not null. Tagged by field ids,
// not packed slots, so that the log stays readable when a later build adds or drops fields. The before image of an update
// holds only the fields that differ from the after image. All changes of one commit are one blob.
#pragma once

#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/base/result.hpp"
#include "syncline/model/change.hpp"

namespace syncline::server::storage {

// One change with its images as bytes.
struct ChangeImages {
  model::CollectionId collection = model::kNoCollection;
  model::ChangeKind kind = model::ChangeKind::insert;
  base::Id record;
  base::ByteView before;  // empty for insert
  base::ByteView after;   // empty for remove
};

// Writes into `bytes`, whose room is kept from commit to commit.
void encode_changes(const std::vector<model::Change>& changes, base::Bytes& bytes);
// One more change of a commit, from images that are encoded already.
void append_change(const ChangeImages& change, base::Bytes& bytes);
// The changes in their order, as views into `bytes`. Errors: storage_failed (the bytes are damaged).
[[nodiscard]] base::Result<std::vector<ChangeImages>> split_changes(base::ByteView bytes);
// Fields that the collection no longer has are left out. Errors: storage_failed (the bytes are damaged).
[[nodiscard]] base::Result<model::Change> decode_change(const model::Collection& collection,
                                                        const ChangeImages& images);

[[nodiscard]] base::Bytes encode_events(const std::vector<model::DomainEvent>& events);
[[nodiscard]] base::Result<std::vector<model::DomainEvent>> decode_events(base::ByteView bytes);

}  // namespace syncline::server::storage
