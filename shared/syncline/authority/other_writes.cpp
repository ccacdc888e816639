#include "syncline/authority/other_writes.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace syncline::authority {

namespace {

class OtherWritesReader {
 public:
  OtherWritesReader(Storage& storage, std::vector<base::Id> own, MayRead may_read)
      : storage_(storage), own_(std::move(own)), may_read_(std::move(may_read)) {}

  base::Result<std::optional<mutation::OtherWrite>> find(model::CollectionId collection,
                                                         const base::Id& record,
                                                         model::FieldId field,
                                                         model::Version base) {
    SYNC_ASSIGN(const auto* writes, writes_after(collection, record, base));
    std::optional<mutation::OtherWrite> last;
    for (const RecordWrite& write : *writes) {
      if (is_own(write.client) || !touches(write.change, field)) continue;
      if (write.change.kind == model::ChangeKind::remove && !may_read_(write.change.before)) {
        last.reset();  // for its author the record was never there; it may have come back since
        continue;
      }
      last.emplace();
      last->version = write.version;
      last->by = write.user;
      last->at = write.at;
      last->deleted = write.change.kind == model::ChangeKind::remove;
      const model::Record& before = writes->front().change.before;
      last->base_known = before && may_read_(before);
      if (last->base_known) last->base = before.get(field);
    }
    return last;
  }

 private:
  struct Known {
    model::CollectionId collection;
    base::Id record;
    model::Version base;
    std::vector<RecordWrite> writes;
  };

  base::Result<const std::vector<RecordWrite>*> writes_after(model::CollectionId collection,
                                                             const base::Id& record,
                                                             model::Version base) {
    for (const auto& known : known_) {
      if (known->collection == collection && known->record == record && known->base == base)
        return &known->writes;
    }
    auto known = std::make_unique<Known>();
    SYNC_ASSIGN(known->writes, storage_.writes_after(collection, record, base));
    known->collection = collection;
    known->record = record;
    known->base = base;
    known_.push_back(std::move(known));
    return &known_.back()->writes;
  }

  bool is_own(const base::Id& client) const {
    return std::find(own_.begin(), own_.end(), client) != own_.end();
  }

  // Inserting or removing the row touches all of its fields.
  static bool touches(const model::Change& change, model::FieldId field) {
    if (change.kind != model::ChangeKind::update) return true;
    return !(change.before.get(field) == change.after.get(field));
  }

  Storage& storage_;
  const std::vector<base::Id> own_;
  const MayRead may_read_;
  std::vector<std::unique_ptr<Known>> known_;
};

}  // namespace

mutation::OtherWrites other_writes(Storage& storage, std::vector<base::Id> own, MayRead may_read) {
  auto reader = std::make_shared<OtherWritesReader>(storage, std::move(own), std::move(may_read));
  return [reader](model::CollectionId collection, const base::Id& record, model::FieldId field,
                  model::Version base) { return reader->find(collection, record, field, base); };
}

base::Result<mutation::Lookup> RememberingReader::deleted(model::CollectionId collection,
                                                          const base::Id& id) {
  SYNC_ASSIGN(std::vector<RecordWrite> writes, storage_.writes_after(collection, id, 0));
  mutation::Lookup lookup;
  if (writes.empty() || writes.back().change.kind != model::ChangeKind::remove) return lookup;
  lookup.state = mutation::Lookup::State::present;
  lookup.record = std::move(writes.back().change.before);
  return lookup;
}

}  // namespace syncline::authority
