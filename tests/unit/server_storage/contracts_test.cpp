// SqliteStorage and SqliteSource keep the contracts that the in-memory ones keep.
#include "tests/contract/source_contract.hpp"
#include "tests/contract/storage_contract.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

class SqliteStorageHarness : public StorageHarness {
 public:
  authority::Storage& storage() override { return database_.storage(); }
  void reopen() override { database_.close(); }

 private:
  TemporaryDatabase database_{test_schema()};
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StorageContract, ::testing::Values(StorageFactory([] {
                           return std::make_unique<SqliteStorageHarness>();
                         })));

// Changes stay in one open transaction: what operators see while it runs.
class SqliteSourceHarness : public SourceHarness {
 public:
  SqliteSourceHarness() { EXPECT_TRUE(database_.storage().begin().ok()); }
  ~SqliteSourceHarness() override { database_.storage().rollback(); }
  ivm::Source& source(model::CollectionId collection) override {
    return database_.storage().sources().source(collection);
  }
  void apply(const model::Change& change) override {
    const auto status = database_.storage().apply(change);
    ASSERT_TRUE(status.ok()) << status.error().message << describe(change);
  }

 private:
  TemporaryDatabase database_{test_schema()};
};

INSTANTIATE_TEST_SUITE_P(Sqlite, SourceContract, ::testing::Values(SourceFactory([] {
                           return std::make_unique<SqliteSourceHarness>();
                         })));

}  // namespace
}  // namespace syncline::tests
