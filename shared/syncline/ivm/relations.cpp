#include "syncline/ivm/relations.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "syncline/base/sort.hpp"

namespace syncline::ivm {

using base::Status;
using model::Record;
using query::Predicate;

// ---- SourceRelations

bool SourceRelations::holds(const Predicate& leaf, const Record& record, bool negated) {
  return exists(leaf, record) != negated;
}

bool SourceRelations::exists(const Predicate& leaf, const Record& record) {
  const Predicate& inner = leaf.children.front();
  const model::CollectionId other = query::related_collection(record.collection(), leaf);
  if (leaf.from == model::kNoCollection) {
    if (!record.has(leaf.field)) return false;
    const Record row = get(other, record.reference(leaf.field));
    return row && query::matches(inner, row, this);
  }
  bool found = false;
  fetch_by(other, leaf.field, record.id(), inner, [&](const Record&) {
    found = true;
    return false;
  });
  return found;
}

Record SourceRelations::get(model::CollectionId collection, const base::Id& id) {
  if (is_undone(collection, id)) return undone_->before;
  auto row = sources_.source(collection).get(id);
  if (row.ok()) return std::move(*row);
  status_ = row.error();
  return {};
}

void SourceRelations::fetch_by(model::CollectionId collection, model::FieldId field,
                               const base::Id& value, const Predicate& where,
                               const RowVisitor& visit) {
  bool stopped = false;
  const auto offer = [&](const Record& row) {
    if (query::matches(where, row, this)) stopped = !visit(row);
    return !stopped;
  };
  if (undone_ != nullptr && undone_->before && undone_->collection().id() == collection &&
      undone_->before.reference(field) == value && undone_->before.has(field)) {
    if (!offer(undone_->before)) return;
  }
  FetchRequest request;
  request.where = query::compare(field, query::Op::eq, value);
  Predicate plain = query::without_relations(where);
  if (plain.kind != Predicate::Kind::always)
    request.where = query::all_of({std::move(request.where), std::move(plain)});
  const Status read = sources_.source(collection).fetch(request, [&](const Record& row) {
    return is_undone(collection, row.id()) || offer(row);
  });
  if (!read.ok()) status_ = read;
}

std::vector<Record> SourceRelations::included(const query::Include& include, const Record& row) {
  std::vector<Record> found;
  const model::CollectionId other = query::related_collection(row.collection(), include);
  if (include.from == model::kNoCollection) {
    if (!row.has(include.via)) return found;
    Record named = get(other, row.reference(include.via));
    if (named && query::matches(include.where, named)) found.push_back(std::move(named));
    return found;
  }
  FetchRequest request;
  request.where = query::compare(include.via, query::Op::eq, row.id());
  if (include.where.kind != Predicate::Kind::always)
    request.where = query::all_of({std::move(request.where), include.where});
  request.order = include.order;
  // The undone row may be one of them, as it is now or as it was.
  const bool concerned = undone_ != nullptr && undone_->collection().id() == other;
  request.limit = include.limit == 0 ? 0 : include.limit + (concerned ? 1 : 0);
  Source& source = sources_.source(other);
  const Status read = source.fetch(request, [&](const Record& child) {
    if (!is_undone(other, child.id())) found.push_back(child);
    return true;
  });
  if (!read.ok()) status_ = read;
  if (concerned && undone_->before && query::matches(request.where, undone_->before)) {
    const auto place = std::find_if(found.begin(), found.end(), [&](const Record& child) {
      return model::compare_records(source.collection(), include.order, undone_->before, child) < 0;
    });
    found.insert(place, undone_->before);
  }
  if (include.limit != 0 && found.size() > include.limit) found.resize(include.limit);
  return found;
}

// ---- RelatedSource

// One fetch: rows of the inner source, and between them those that are shown as before.
class RelatedSource::Merge {
 public:
  Merge(RelatedSource& of, const FetchRequest& request, const RowVisitor& visit)
      : of_(of), request_(request), visit_(visit) {
    for (const auto& [id, row] : of.held_back_) {
      if (row && (!request.after || place(row, *request.after) > 0)) as_before_.push_back(row);
    }
    base::sort(as_before_.begin(), as_before_.end(),
               [&](const Record& a, const Record& b) { return compare(a, b) < 0; });
  }

  // false: enough.
  bool offer(const Record& row) {
    if (of_.held_back_.contains(row.id())) return true;
    if (!query::matches(request_.where, row, &of_.relations_)) return true;
    while (next_ < as_before_.size() && compare(as_before_[next_], row) < 0) {
      if (!give(as_before_[next_++])) return false;
    }
    return give(row);
  }
  void finish() {
    while (!done_ && next_ < as_before_.size()) give(as_before_[next_++]);
  }
  [[nodiscard]] bool done() const { return done_; }

 private:
  [[nodiscard]] int compare(const Record& a, const Record& b) const {
    const int sign = model::compare_records(of_.collection(), request_.order, a, b);
    return request_.reverse ? -sign : sign;
  }
  [[nodiscard]] int place(const Record& row, const model::OrderKey& key) const {
    const int sign = model::compare_record_to_key(of_.collection(), request_.order, row, key);
    return request_.reverse ? -sign : sign;
  }
  bool give(const Record& row) {
    done_ = !visit_(row) || ++given_ == request_.limit;
    return !done_;
  }

  RelatedSource& of_;
  const FetchRequest& request_;
  const RowVisitor& visit_;
  std::vector<Record> as_before_;
  std::size_t next_ = 0;
  std::uint32_t given_ = 0;
  bool done_ = false;
};

Status RelatedSource::fetch(const FetchRequest& request, const RowVisitor& visit) {
  Merge merge(*this, request, visit);
  FetchRequest part = request;
  part.where = query::without_relations(request.where);
  // How many rows the relations will refuse is unknown: a limited reading goes on in growing pieces.
  part.limit = request.limit == 0 ? 0 : request.limit + 16;
  for (;;) {
    Record last;
    std::uint32_t read = 0;
    SYNC_TRY(inner_.fetch(part, [&](const Record& row) {
      ++read;
      last = row;
      return merge.offer(row);
    }));
    if (merge.done()) return {};
    if (part.limit == 0 || read < part.limit) break;
    part.after = model::key_of(part.order, last);
    part.limit *= 4;
  }
  merge.finish();
  return {};
}

Status read(SourceProvider& sources, model::CollectionId collection, const FetchRequest& request,
            const RowVisitor& visit) {
  Source& source = sources.source(collection);
  if (!query::has_relations(request.where)) return source.fetch(request, visit);
  SYNC_ASSIGN(const bool is_read, source.fetch_related(request, visit));
  if (is_read) return {};
  SourceRelations relations(sources);
  RelatedSource related(source, relations);
  SYNC_TRY(related.fetch(request, visit));
  return relations.status();
}

}  // namespace syncline::ivm
