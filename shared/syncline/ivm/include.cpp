#include "syncline/ivm/include.hpp"

#include <algorithm>
#include <utility>

#include "syncline/query/predicate.hpp"

namespace syncline::ivm {

using base::Id;
using base::Status;
using model::Change;
using model::Record;

Includer::Includer(const model::Schema& schema, const query::Query& query) {
  collect(schema, schema.collection(query.collection), query.includes, kRoot);
}

void Includer::collect(const model::Schema& schema, const model::Collection& holder,
                       const std::vector<query::Include>& includes, std::size_t parent) {
  for (const query::Include& include : includes) {
    const model::Collection& other = schema.collection(query::related_collection(holder, include));
    if (parent == kRoot && include.from != model::kNoCollection) needs_rows_ = true;
    nodes_.push_back(Node{&include, parent, holder.id(), other.id(), {}});
    collect(schema, other, include.includes, nodes_.size() - 1);
  }
}

void Includer::reset() {
  for (Node& node : nodes_) node.counts.clear();
  rows_.clear();
}

std::size_t Includer::held() const {
  std::size_t held = 0;
  for (const Node& node : nodes_) held += node.counts.size();
  return held;
}

// One change on its way through the tree. Every node gets the holders that can mean something for it, and leaves behind its
// own records that came, went or changed: the holders of the nodes below.
struct Includer::Push {
  Includer& of;
  const Change* change;
  SourceRelations& before;
  SourceRelations& after;
  Holders rows;                  // of the result
  std::vector<Holders> records;  // per node

  // A record may be shown by several nodes; it is sent once.
  struct Sent {
    int was = 0;
    int is = 0;
    Record before;
    Record after;
  };
  std::map<model::CollectionId, std::map<Id, Sent, IdLess>> sent;

  void take_rows(std::span<const RowDelta> deltas) {
    for (const RowDelta& delta : deltas) {
      const Id id = (delta.after ? delta.after : delta.before).id();
      const auto [found, fresh] = rows.try_emplace(id);
      if (fresh) found->second.before = delta.before;
      found->second.after = delta.after;
    }
  }

  // Was and is the record one that brings others along in this place?
  [[nodiscard]] bool is_shown(const Node& node, const Id& id, const Record& record) const {
    return node.counts.contains(id) && record && query::matches(node.include->where, record);
  }

  // Those whose children changed though they themselves did not: parents of the changed row.
  void add_parents(const Node& node, Holders& holders) {
    if (change == nullptr || node.include->from == model::kNoCollection ||
        change->collection().id() != node.target)
      return;
    for (const Record& image : {change->before, change->after}) {
      if (!image || !image.has(node.include->via)) continue;
      const Id parent = image.reference(node.include->via);
      if (holders.contains(parent)) continue;
      Holder holder{before.get(node.holder, parent), after.get(node.holder, parent)};
      // One that came, went or changed is among the holders already.
      const bool there = node.parent == kRoot
                             ? of.rows_.contains(parent)
                             : is_shown(of.nodes_[node.parent], parent, holder.after);
      if (there) holders.emplace(parent, std::move(holder));
    }
  }

  // Ids of related records, dangling ones too: their record may come.
  [[nodiscard]] std::vector<Id> named_by(const Node& node, const Record& row,
                                         SourceRelations& view) const {
    std::vector<Id> ids;
    if (!row) return ids;
    if (node.include->from == model::kNoCollection) {
      if (row.has(node.include->via)) ids.push_back(row.reference(node.include->via));
      return ids;
    }
    for (const Record& child : view.included(*node.include, row)) ids.push_back(child.id());
    return ids;
  }

  void run(std::size_t at) {
    Node& node = of.nodes_[at];
    Holders holders = node.parent == kRoot ? rows : records[node.parent];
    add_parents(node, holders);
    std::map<Id, std::uint32_t, IdLess> touched;  // with the count from before
    const auto touch = [&](const Id& id) -> std::uint32_t& {
      std::uint32_t& count = node.counts[id];
      touched.try_emplace(id, count);
      return count;
    };
    for (const auto& [id, holder] : holders) {
      for (const Id& named : named_by(node, holder.after, after)) ++touch(named);
      if (of.holds_too_many()) return;
    }
    for (const auto& [id, holder] : holders) {
      for (const Id& named : named_by(node, holder.before, before)) {
        std::uint32_t& count = touch(named);
        SYNC_CHECK(count > 0, "a related record was dropped that was never counted");
        --count;
      }
    }
    const bool changed = change != nullptr && change->collection().id() == node.target;
    if (changed && node.counts.contains(change->id())) touch(change->id());
    for (const auto& [id, count] : touched) settle(at, id, count);
  }

  void settle(std::size_t at, const Id& id, std::uint32_t count_before) {
    Node& node = of.nodes_[at];
    const bool counted = node.counts.at(id) > 0;
    if (!counted) node.counts.erase(id);
    const bool is_changed =
        change != nullptr && change->collection().id() == node.target && change->id() == id;
    if (counted == (count_before > 0) && !is_changed) return;
    const query::Predicate& where = node.include->where;
    Holder record{before.get(node.target, id), after.get(node.target, id)};
    Sent& total = sent[node.target][id];
    total.before = record.before;
    total.after = record.after;
    if (count_before == 0 || !record.before || !query::matches(where, record.before))
      record.before = Record();
    if (!counted || !record.after || !query::matches(where, record.after)) record.after = Record();
    total.was += record.before ? 1 : 0;
    total.is += record.after ? 1 : 0;
    if (record.before || record.after) records[at].emplace(id, std::move(record));
  }

  // Nodes that were not touched show a record as they did.
  [[nodiscard]] bool shown_elsewhere(model::CollectionId collection, const Id& id,
                                     const Record& record) const {
    for (std::size_t at = 0; at < of.nodes_.size(); ++at) {
      const Node& node = of.nodes_[at];
      if (node.target == collection && !records[at].contains(id) && is_shown(node, id, record))
        return true;
    }
    return false;
  }

  void send(std::vector<RowDelta>& related) {
    for (auto& [collection, ids] : sent) {
      for (auto& [id, record] : ids) {
        const bool elsewhere = shown_elsewhere(collection, id, record.after);
        const bool was = record.was > 0 || elsewhere;
        const bool is = record.is > 0 || elsewhere;
        if (was && is) {
          if (!(record.before == record.after))
            related.push_back({DeltaKind::edit, record.before, record.after});
        } else if (is) {
          related.push_back({DeltaKind::add, {}, record.after});
        } else if (was) {
          related.push_back({DeltaKind::remove, record.before, {}});
        }
      }
    }
  }
};

Status Includer::push(const Change* change, std::span<const RowDelta> rows, SourceRelations& before,
                      SourceRelations& after, std::vector<RowDelta>& related) {
  if (nodes_.empty()) return {};
  Push push{*this, change, before, after, {}, std::vector<Holders>(nodes_.size()), {}};
  push.take_rows(rows);
  for (std::size_t at = 0; at < nodes_.size(); ++at) {
    push.run(at);
    if (holds_too_many()) return {};
  }
  SYNC_TRY(before.status());
  SYNC_TRY(after.status());
  push.send(related);
  if (!needs_rows_) return {};
  for (const auto& [id, holder] : push.rows) {
    if (holder.after) {
      rows_.insert(id);
    } else {
      rows_.erase(id);
    }
  }
  return {};
}

}  // namespace syncline::ivm
