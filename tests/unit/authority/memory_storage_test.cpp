#include "syncline/authority/memory_storage.hpp"

#include "tests/contract/storage_contract.hpp"

namespace syncline::tests {
namespace {

class MemoryHarness : public StorageHarness {
 public:
  authority::Storage& storage() override { return storage_; }
  void reopen() override {}

 private:
  authority::MemoryStorage storage_{test_schema(), test_id(999)};
};

INSTANTIATE_TEST_SUITE_P(Memory, StorageContract, ::testing::Values(StorageFactory([] {
                           return std::make_unique<MemoryHarness>();
                         })));

}  // namespace
}  // namespace syncline::tests
