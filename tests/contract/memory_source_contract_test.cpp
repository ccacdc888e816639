#include "syncline/ivm/memory_source.hpp"
#include "tests/contract/source_contract.hpp"

namespace syncline::tests {
namespace {

class MemoryHarness : public SourceHarness {
 public:
  MemoryHarness() : sources_(test_schema()) {}
  ivm::Source& source(model::CollectionId collection) override {
    return sources_.source(collection);
  }
  void apply(const model::Change& change) override { sources_.apply(change); }

 private:
  ivm::MemorySources sources_;
};

INSTANTIATE_TEST_SUITE_P(Memory, SourceContract, ::testing::Values(SourceFactory([] {
                           return std::make_unique<MemoryHarness>();
                         })));

}  // namespace
}  // namespace syncline::tests
