// A pipeline over two collections, driven by hand; what it sends as short text. The rows are kept by whoever the test binary
// brings along: unit_ivm keeps them in memory, unit_server_storage in SQLite, and both run the same tests.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "syncline/ivm/pipeline.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {

using ivm::DeltaKind;
using query::Op;

// Where a test's rows are.
class PipelineBackend {
 public:
  virtual ~PipelineBackend() = default;
  virtual ivm::SourceProvider& sources() = 0;
  virtual void apply(const model::Change& change) = 0;
};
// Over test_schema(). Defined once per test binary.
[[nodiscard]] std::unique_ptr<PipelineBackend> make_pipeline_backend();

// A source whose reads can be made to fail.
class BreakableSource : public ivm::Source {
 public:
  explicit BreakableSource(ivm::Source& inner) : inner_(inner) {}
  const model::Collection& collection() const override { return inner_.collection(); }
  base::Result<model::Record> get(const base::Id& id) override {
    if (broken) return failure();
    return inner_.get(id);
  }
  base::Status fetch(const ivm::FetchRequest& request, const ivm::RowVisitor& visit) override {
    ++fetches;
    return broken ? base::Status(failure()) : inner_.fetch(request, visit);
  }
  base::Result<bool> fetch_related(const ivm::FetchRequest& request,
                                   const ivm::RowVisitor& visit) override {
    if (broken) return failure();
    return inner_.fetch_related(request, visit);
  }
  base::Status fetch_by(model::FieldId field, const model::Value& value,
                        const ivm::RowVisitor& visit) override {
    return broken ? base::Status(failure()) : inner_.fetch_by(field, value, visit);
  }
  bool broken = false;
  int fetches = 0;

 private:
  static base::Error failure() { return {base::Code::storage_failed, "The disk is gone."}; }
  ivm::Source& inner_;
};

class PipelineTest : public ::testing::Test, public ivm::SourceProvider {
 protected:
  PipelineTest()
      : backend_(make_pipeline_backend()),
        items_(backend_->sources().source(kItems)),
        groups_(backend_->sources().source(kGroups)) {
    query_.collection = kItems;
    query_.order = {{kScore, false}};
  }
  ivm::Source& source(model::CollectionId collection) override {
    return collection == kItems ? items_ : groups_;
  }

  void put(const model::Record& row) { apply({model::ChangeKind::insert, {}, row}); }
  void open() {
    pipeline_ = std::make_unique<ivm::Pipeline>(test_schema(), query_, *this);
    ivm::ResultDelta delta;
    ASSERT_TRUE(pipeline_->hydrate(delta).ok());
    hydrated_ = text(delta);
  }

  // "+3" row 3 enters, "-3" leaves, "=3" changes; related records in (), groups as key:rows in [].
  static std::string text(const ivm::ResultDelta& delta) {
    const auto sign = [](DeltaKind kind) {
      return kind == DeltaKind::add ? "+" : kind == DeltaKind::edit ? "=" : "-";
    };
    const auto line = [&](const std::vector<ivm::RowDelta>& rows) {
      std::string out;
      for (const auto& row : rows) {
        out += sign(row.kind) + std::to_string((row.after ? row.after : row.before).id().bytes[15]);
      }
      return out;
    };
    std::string out = line(delta.rows);
    if (!delta.related.empty()) out += "(" + line(delta.related) + ")";
    for (const auto& group : delta.groups) {
      out += std::string("[") + sign(group.kind);
      for (std::size_t i = 0; i < group.row.key.size(); ++i)
        out += (i == 0 ? "" : ",") + describe(group.row.key[i]);
      out += ":" + std::to_string(group.row.rows);
      for (const model::Value& value : group.row.values) out += " " + describe(value);
      if (group.row.previous) {
        out += " before " + std::to_string(group.row.previous->rows);
        for (const model::Value& value : group.row.previous->values) out += " " + describe(value);
      }
      out += "]";
    }
    return out;
  }

  std::string change(model::ChangeKind kind, const model::Record& before,
                     const model::Record& after) {
    const model::Change change{kind, before, after};
    apply(change);
    ivm::ResultDelta delta;
    const auto status = pipeline_->push(change, delta);
    return status.ok() ? text(delta) : std::string(to_string(status.error().code)) + text(delta);
  }
  std::string insert(const model::Record& row) {
    return change(model::ChangeKind::insert, {}, row);
  }
  std::string update(const model::Record& row) {
    return change(model::ChangeKind::update, stored(row.collection().id(), row.id()), row);
  }
  std::string remove(model::CollectionId collection, std::uint32_t id) {
    return change(model::ChangeKind::remove, stored(collection, test_id(id)), {});
  }
  void apply(const model::Change& change) { backend_->apply(change); }
  [[nodiscard]] model::Record stored(model::CollectionId collection, const base::Id& id) {
    return backend_->sources().source(collection).get(id).value();
  }

  std::unique_ptr<PipelineBackend> backend_;
  BreakableSource items_;
  BreakableSource groups_;
  query::Query query_;
  std::unique_ptr<ivm::Pipeline> pipeline_;
  std::string hydrated_;
};

inline model::Record scored(std::uint32_t id, int score) {
  return make_item(id, {{kScore, score}});
}
inline model::Record grouped(std::uint32_t id, std::uint32_t group, int score = 0) {
  return make_item(id, {{kScore, score}, {kGroup, test_id(group)}});
}

}  // namespace syncline::tests
