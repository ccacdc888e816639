// The ivm suite's rows in SQLite, in one open transaction: what operators see while it runs.
#include "tests/unit/ivm/pipeline_fixture.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

class SqliteBackend : public PipelineBackend {
 public:
  SqliteBackend() { EXPECT_TRUE(database_.storage().begin().ok()); }
  ~SqliteBackend() override { database_.storage().rollback(); }
  ivm::SourceProvider& sources() override { return database_.storage().sources(); }
  void apply(const model::Change& change) override {
    const base::Status applied = database_.storage().apply(change);
    EXPECT_TRUE(applied.ok()) << applied.error().message;
  }

 private:
  TemporaryDatabase database_{test_schema()};
};

}  // namespace

std::unique_ptr<PipelineBackend> make_pipeline_backend() {
  return std::make_unique<SqliteBackend>();
}

}  // namespace syncline::tests
