#include "syncline/ivm/ordered_view.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "syncline/base/sort.hpp"

namespace syncline::ivm {

using model::Record;

namespace {

constexpr std::size_t kLookedThroughMax = 512;

// < 0, 0, > 0: a related record against a place in the list.
int compare_related(const Record& record, model::CollectionId collection, const base::Id& id) {
  const model::CollectionId own = record.collection().id();
  if (own != collection) return own < collection ? -1 : 1;
  return base::Id::compare(record.id(), id);
}

std::size_t related_position(const std::vector<Record>& list, model::CollectionId collection,
                             const base::Id& id) {
  const auto found = std::partition_point(list.begin(), list.end(), [&](const Record& record) {
    return compare_related(record, collection, id) < 0;
  });
  return static_cast<std::size_t>(found - list.begin());
}

template <class T>
void insert_at(std::vector<T>& list, std::size_t position, T item) {
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(position), std::move(item));
}
template <class T>
void erase_at(std::vector<T>& list, std::size_t position) {
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(position));
}

void apply_related(std::vector<Record>& list, const RowDelta& delta) {
  const Record& any = delta.after ? delta.after : delta.before;
  const std::size_t at = related_position(list, any.collection().id(), any.id());
  const bool there =
      at < list.size() && compare_related(list[at], any.collection().id(), any.id()) == 0;
  SYNC_CHECK(there == (delta.kind != DeltaKind::add),
             "a related record enters once and leaves once");
  switch (delta.kind) {
    case DeltaKind::add: insert_at(list, at, delta.after); return;
    case DeltaKind::remove: erase_at(list, at); return;
    case DeltaKind::edit: list[at] = delta.after; return;
  }
}

void apply_group(std::vector<AggregateRow>& list, const query::GroupKeys& keys,
                 GroupDelta&& delta) {
  const auto found = std::partition_point(list.begin(), list.end(), [&](const AggregateRow& row) {
    return keys.compare(row.key, delta.row.key) < 0;
  });
  const auto at = static_cast<std::size_t>(found - list.begin());
  const bool there = found != list.end() && found->key == delta.row.key;
  SYNC_CHECK(there == (delta.kind != DeltaKind::add), "a group enters once and leaves once");
  switch (delta.kind) {
    case DeltaKind::add: insert_at(list, at, std::move(delta.row)); return;
    case DeltaKind::remove: erase_at(list, at); return;
    case DeltaKind::edit: list[at] = std::move(delta.row); return;
  }
}

}  // namespace

OrderedView::OrderedView(const model::Schema& schema, const query::Query& query)
    : schema_(schema), query_(query) {
  if (query.aggregate) group_keys_.emplace(schema, query);
}

void OrderedView::apply(const ResultDelta& delta, std::vector<ViewEdit>& edits) {
  using Kind = ViewEdit::Kind;
  const auto edited = [&edits](Kind kind, std::size_t position) {
    edits.push_back(ViewEdit{kind, static_cast<std::uint32_t>(position)});
  };
  for (const RowDelta& row : delta.rows) {
    std::size_t from = 0;
    if (row.before) {
      from = place_of(row.before);
      SYNC_CHECK(from < rows_.size() && rows_[from].id() == row.before.id(),
                 "a row leaves that is not in the view");
      if (row.after && fits(from, row.before, row.after)) {
        rows_.replace(from, row.after);
        edited(Kind::replace, from);
        continue;
      }
      rows_.erase(from);
      edited(Kind::remove, from);
    }
    if (row.after) {
      const std::size_t to = position_of(row.after);
      rows_.insert(to, row.after);
      edited(Kind::insert, to);
    }
  }
  for (const RowDelta& related : delta.related) apply_related(related_, related);
  if (!delta.groups.empty()) apply_groups(delta.groups);
}

void OrderedView::apply_groups(std::vector<GroupDelta> deltas) {
  for (GroupDelta& group : deltas) apply_group(groups_, *group_keys_, std::move(group));
}

namespace {

// Removals first: a result never exceeds its limit.
template <class Records>
void add_difference(const Records& from, const std::vector<RowDelta>& to,
                    std::vector<RowDelta>& out) {
  using Key = std::pair<model::CollectionId, base::Id>;
  const auto before = [](const Key& a, const Key& b) {
    return a.first != b.first ? a.first < b.first : base::Id::compare(a.second, b.second) < 0;
  };
  std::map<Key, Record, decltype(before)> coming(before);
  for (const RowDelta& row : to)
    coming.emplace(Key{row.after.collection().id(), row.after.id()}, row.after);
  std::vector<RowDelta> staying;
  for (const Record& row : from) {
    const auto found = coming.find({row.collection().id(), row.id()});
    if (found == coming.end()) {
      out.push_back({DeltaKind::remove, row, {}});
      continue;
    }
    if (!(found->second == row)) staying.push_back({DeltaKind::edit, row, found->second});
    found->second = Record();
  }
  out.insert(out.end(), staying.begin(), staying.end());
  for (const RowDelta& row : to) {
    if (coming.at({row.after.collection().id(), row.after.id()})) out.push_back(row);
  }
}

}  // namespace

ResultDelta OrderedView::difference(const ResultDelta& whole) const {
  ResultDelta delta;
  add_difference(rows_, whole.rows, delta.rows);
  add_difference(related_, whole.related, delta.related);
  return delta;
}

void OrderedView::fill(const ResultDelta& whole) {
  clear();
  for (const RowDelta& row : whole.rows) rows_.append(row.after);
  for (const RowDelta& row : whole.related) related_.push_back(row.after);
  base::sort(related_.begin(), related_.end(), [](const Record& a, const Record& b) {
    return compare_related(a, b.collection().id(), b.id()) < 0;
  });
  if (!whole.groups.empty()) apply_groups(whole.groups);
}

void OrderedView::clear() {
  rows_.clear();
  related_.clear();
  groups_.clear();
}

Record OrderedView::related(model::CollectionId collection, const base::Id& id) const {
  const std::size_t at = related_position(related_, collection, id);
  const bool there = at < related_.size() && compare_related(related_[at], collection, id) == 0;
  return there ? related_[at] : Record();
}

bool OrderedView::fits(std::size_t position, const Record& before, const Record& record) const {
  const model::Collection& collection = schema_.collection(query_.collection);
  const auto ordered = [&](const Record& a, const Record& b) {
    return model::compare_records(collection, query_.order, a, b) < 0;
  };
  // Where nothing that it is ordered by has changed, its neighbours need not be asked.
  if (model::compare_records(collection, query_.order, before, record) == 0) return true;
  return (position == 0 || ordered(rows_[position - 1], record)) &&
         (position + 1 == rows_.size() || ordered(record, rows_[position + 1]));
}

std::size_t OrderedView::place_of(const Record& record) const {
  // To look at some hundred addresses costs less than to look into seven rows that nobody has touched for long.
  const std::size_t found =
      rows_.size() <= kLookedThroughMax ? rows_.find_same(record) : rows_.size();
  return found < rows_.size() ? found : position_of(record);
}

std::size_t OrderedView::position_of(const Record& record) const {
  const model::Collection& collection = schema_.collection(query_.collection);
  return rows_.partition([&](const Record& row) {
    return model::compare_records(collection, query_.order, row, record) < 0;
  });
}

}  // namespace syncline::ivm
