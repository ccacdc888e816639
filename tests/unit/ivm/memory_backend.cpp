// The suite's rows in memory.
#include "syncline/ivm/memory_source.hpp"
#include "tests/unit/ivm/pipeline_fixture.hpp"

namespace syncline::tests {
namespace {

class MemoryBackend : public PipelineBackend {
 public:
  ivm::SourceProvider& sources() override { return sources_; }
  void apply(const model::Change& change) override { sources_.apply(change); }

 private:
  ivm::MemorySources sources_{test_schema()};
};

}  // namespace

std::unique_ptr<PipelineBackend> make_pipeline_backend() {
  return std::make_unique<MemoryBackend>();
}

}  // namespace syncline::tests
