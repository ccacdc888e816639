#include "syncline/authority/net_delta.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/signature.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::authority {

// ---- Visibility

Visibility::Visibility(const model::Schema& schema, const mutation::AccessRules& access,
                       const mutation::Actor& actor, const query::Query& query) {
  rules_.push_back(
      {query.collection, false, query::always(), access.masked_fields(actor, query.collection)});
  for (const model::CollectionId target : query::included_collections(schema, query)) {
    query::Predicate rows = access.rows(actor, target, mutation::Right::read);
    if (target == query.collection) {
      rules_.front().included = true;
      rules_.front().rows = std::move(rows);
      continue;
    }
    rules_.push_back({target, true, std::move(rows), access.masked_fields(actor, target)});
  }
  depends_on_role_ = std::any_of(rules_.begin(), rules_.end(),
                                 [&](const Rule& r) { return access.masks_any(r.collection); });
}

const Visibility::Rule* Visibility::rule(model::CollectionId collection) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(),
                                  [&](const Rule& r) { return r.collection == collection; });
  return found == rules_.end() ? nullptr : &*found;
}

bool Visibility::shows_related(const model::Record& record) const {
  const Rule* found = rule(record.collection().id());
  return found != nullptr && found->included && query::matches(found->rows, record);
}

model::Record Visibility::stripped(const model::Record& record) const {
  const Rule* found = rule(record.collection().id());
  if (found == nullptr || found->masked.empty()) return record;
  model::RecordBuilder builder(record);
  for (const model::FieldId field : found->masked) builder.set(field, {});
  return builder.build();
}

base::Bytes Visibility::key_bytes() const {
  base::Bytes bytes;
  for (const Rule& rule : rules_) {
    query::Query as_query;
    as_query.collection = rule.collection;
    as_query.where = rule.rows;
    for (const model::FieldId field : rule.masked) as_query.order.push_back({field, false});
    const base::Bytes encoded = protocol::encode_query(as_query);
    bytes.insert(bytes.end(), encoded.begin(), encoded.end());
  }
  return bytes;
}

// ---- NetDelta

void NetDelta::start(const ivm::ResultDelta& result) {
  rows_.clear();
  groups_.clear();
  presence_.clear();
  signature_ = 0;
  for (const ivm::RowDelta& row : result.rows) start_row(row.after, kPrimary);
  for (const ivm::RowDelta& row : result.related) {
    if (visibility_.shows_related(row.after)) start_row(row.after, kRelated);
  }
}

void NetDelta::start_row(const model::Record& record, Lane lane) {
  const model::CollectionId collection = record.collection().id();
  bool is_new = true;
  if (includes_itself_) {
    Presence& presence = presence_[{collection, record.id()}];
    is_new = presence.lanes == 0;
    presence.lanes |= lane;
    presence.version = record.version();
  }
  if (is_new) signature_ ^= protocol::signature_of(collection, record.id(), record.version());
}

void NetDelta::add(const ivm::ResultDelta& delta) {
  for (const ivm::RowDelta& row : delta.rows) add_row(row, kPrimary);
  for (const ivm::RowDelta& row : delta.related) {
    // A related record may come into or go out of sight by an edit.
    ivm::RowDelta seen = row;
    if (seen.before && !visibility_.shows_related(seen.before)) seen.before = {};
    if (seen.after && !visibility_.shows_related(seen.after)) seen.after = {};
    if (seen.before || seen.after) add_row(seen, kRelated);
  }
  for (const ivm::GroupDelta& group : delta.groups) add_group(group);
}

void NetDelta::add_row(const ivm::RowDelta& delta, Lane lane) {
  const model::Record& any = delta.after ? delta.after : delta.before;
  const Key key{any.collection().id(), any.id()};
  const auto [found, is_new] = rows_.try_emplace(key);
  Row& row = found->second;
  if (is_new) {
    if (includes_itself_) {
      const Presence& presence = presence_[key];
      row.lanes = presence.lanes;
      row.was_version = presence.version;
    } else if (delta.before) {
      row.lanes = lane;
      row.was_version = delta.before.version();
    }
    row.was_there = row.lanes != 0;
  }
  const std::uint8_t others = static_cast<std::uint8_t>(row.lanes & ~lane);
  row.lanes = delta.after ? static_cast<std::uint8_t>(others | lane) : others;
  if (delta.after) row.record = delta.after;
  if (!row.record) row.record = delta.before;
  if (!includes_itself_) return;
  if (row.lanes == 0) {
    presence_.erase(key);
  } else {
    presence_[key] = {row.lanes, row.record.version()};
  }
}

void NetDelta::add_group(const ivm::GroupDelta& delta) {
  auto found = std::find_if(groups_.begin(), groups_.end(),
                            [&](const Group& group) { return group.row.key == delta.row.key; });
  if (found == groups_.end()) {
    Group group;
    group.was_there = delta.kind != ivm::DeltaKind::add;
    groups_.push_back(std::move(group));
    found = groups_.end() - 1;
  }
  found->is_there = delta.kind != ivm::DeltaKind::remove;
  found->row = delta.row;
}

std::size_t NetDelta::bytes() const {
  std::size_t sum = rows_.size() * sizeof(*rows_.begin()) + groups_.size() * sizeof(Group) +
                    presence_.size() * sizeof(*presence_.begin());
  for (const auto& [key, row] : rows_) sum += row.record ? row.record.bytes().size() : 0;
  return sum;
}

protocol::SegmentBody NetDelta::take() {
  protocol::SegmentBody body;
  for (const auto& [key, row] : rows_) {
    if (row.was_there)
      signature_ ^= protocol::signature_of(key.collection, key.id, row.was_version);
    if (row.lanes != 0) {
      signature_ ^= protocol::signature_of(key.collection, key.id, row.record.version());
      const model::Record record = visibility_.stripped(row.record);
      body.puts.emplace_back(record.bytes().begin(), record.bytes().end());
    } else if (row.was_there) {
      body.removals.push_back({key.collection, key.id});
    }
  }
  for (const Group& group : groups_) {
    if (group.is_there || group.was_there)
      body.groups.push_back(to_segment(group.row, !group.is_there));
  }
  rows_.clear();
  groups_.clear();
  return body;
}

protocol::SegmentBody::Group to_segment(const ivm::AggregateRow& row, bool removed) {
  return {removed, row};
}

std::vector<model::Record> visible_records(const Visibility& visibility,
                                           const ivm::ResultDelta& result) {
  std::vector<model::Record> records;
  std::unordered_set<base::Id, base::IdHash> primary;
  for (const ivm::RowDelta& row : result.rows) {
    if (!result.related.empty()) primary.insert(row.after.id());
    records.push_back(visibility.stripped(row.after));
  }
  for (const ivm::RowDelta& row : result.related) {
    const bool also_primary =
        !result.rows.empty() && primary.count(row.after.id()) != 0 &&
        row.after.collection().id() == result.rows.front().after.collection().id();
    if (!also_primary && visibility.shows_related(row.after))
      records.push_back(visibility.stripped(row.after));
  }
  return records;
}

}  // namespace syncline::authority
