#include "syncline/ivm/related_filter.hpp"

#include <utility>
#include <vector>

namespace syncline::ivm {

using base::Id;
using base::Status;
using model::Change;
using model::Record;
using query::Predicate;

// One change on its way to the rows that it concerns.
struct RelatedFilter::Push {
  const Change& change;
  SourceRelations& before;
  SourceRelations& after;

  [[nodiscard]] bool is_of(model::CollectionId collection) const {
    return change.collection().id() == collection;
  }

  // The rows whose answer to the link's question the changed row can have changed; none when it counts for the same rows as
  // before.
  [[nodiscard]] Ids holders(const Link& link) {
    const Predicate& inner = link.leaf->children.front();
    const bool was = change.before && query::matches(inner, change.before, &before);
    const bool is = change.after && query::matches(inner, change.after, &after);
    Ids ids;
    if (link.leaf->from == model::kNoCollection) {
      if (was != is) add_referring(link.holder, link.leaf->field, change.id(), ids);
      return ids;
    }
    const Id from = was ? change.before.reference(link.leaf->field) : Id();
    const Id to = is ? change.after.reference(link.leaf->field) : Id();
    if (from == to) return ids;
    if (was) ids.insert(from);
    if (is) ids.insert(to);
    return ids;
  }

  // From rows that hold this question to the rows that hold the one in which it stands.
  [[nodiscard]] Ids climb(const Link& link, const Ids& rows) {
    Ids ids;
    for (const Id& id : rows) {
      if (link.leaf->from == model::kNoCollection) {
        add_referring(link.holder, link.leaf->field, id, ids);
        continue;
      }
      // The changed row itself may have moved: both of its parents.
      for (SourceRelations* view : {&before, &after}) {
        const Record row = view->get(link.other, id);
        if (row && row.has(link.leaf->field)) ids.insert(row.reference(link.leaf->field));
      }
    }
    return ids;
  }

  // The rows for which the changed one gives another group key.
  [[nodiscard]] Ids regrouped(const Key& key, model::CollectionId collection) {
    Ids ids;
    const model::Value was = change.before ? change.before.get(key.field) : model::Value();
    const model::Value is = change.after ? change.after.get(key.field) : model::Value();
    if (!(was == is)) add_referring(collection, key.via, change.id(), ids);
    return ids;
  }

  void add_referring(model::CollectionId holder, model::FieldId via, const Id& target, Ids& ids) {
    const auto add = [&ids](const Record& row) {
      ids.insert(row.id());
      return true;
    };
    after.fetch_by(holder, via, target, query::always(), add);
    // Only the changed row can have referred to it before and not now.
    if (is_of(holder)) ids.insert(change.id());
  }
};

RelatedFilter::RelatedFilter(const query::Query& query, SourceProvider& sources,
                             RelatedSource& window, Operator& next)
    : query_(query), sources_(sources), window_(window), next_(next) {
  collect(query.where, window.collection(), nullptr);
  if (!query.aggregate) return;
  for (const query::GroupKey& key : query.aggregate->group_by) {
    if (key.via == model::kNoField) continue;
    keys_.push_back({key.via, window.collection().field(key.via).spec.target, key.field});
  }
}

void RelatedFilter::collect(const Predicate& predicate, const model::Collection& holder,
                            const Link* parent) {
  if (predicate.kind != Predicate::Kind::exists) {
    for (const Predicate& child : predicate.children) collect(child, holder, parent);
    return;
  }
  const model::CollectionId other = query::related_collection(holder, predicate);
  const Link& link = links_.emplace_back(Link{&predicate, holder.id(), other, parent});
  collect(predicate.children.front(), sources_.source(other).collection(), &link);
}

bool RelatedFilter::accepts(const Record& row, query::Relations& relations) const {
  if (!row || !query::matches(query_.where, row, &relations)) return false;
  return !query_.after ||
         model::compare_record_to_key(window_.collection(), query_.order, row, *query_.after) > 0;
}

Status RelatedFilter::push(const Change& change, SourceRelations& before, SourceRelations& after) {
  Push push{change, before, after};
  Ids concerned;
  if (push.is_of(query_.collection)) concerned.insert(change.id());
  for (const Link& link : links_) {
    if (!push.is_of(link.other)) continue;
    Ids ids = push.holders(link);
    for (const Link* up = link.parent; up != nullptr && !ids.empty(); up = up->parent)
      ids = push.climb(*up, ids);
    concerned.merge(ids);
  }
  Ids moved;  // to another group, though they are the same
  for (const Key& key : keys_) {
    if (push.is_of(key.other)) moved.merge(push.regrouped(key, query_.collection));
  }
  concerned.insert(moved.begin(), moved.end());
  std::vector<RowDelta> deltas;
  for (const Id& id : concerned) {
    RowDelta delta{DeltaKind::edit, before.get(query_.collection, id),
                   after.get(query_.collection, id)};
    if (!accepts(delta.before, before)) delta.before = Record();
    if (!accepts(delta.after, after)) delta.after = Record();
    if (!delta.before && !delta.after) continue;
    if (delta.before && delta.after && delta.before == delta.after && !moved.contains(id)) continue;
    if (!delta.before) delta.kind = DeltaKind::add;
    if (!delta.after) delta.kind = DeltaKind::remove;
    deltas.push_back(std::move(delta));
  }
  SYNC_TRY(before.status());
  SYNC_TRY(after.status());
  window_.let_all_go();
  for (const RowDelta& delta : deltas)
    window_.hold_back((delta.after ? delta.after : delta.before).id(), delta.before);
  for (const RowDelta& delta : deltas) {
    window_.let_go((delta.after ? delta.after : delta.before).id());
    SYNC_TRY(next_.push(delta));
  }
  return {};
}

}  // namespace syncline::ivm
