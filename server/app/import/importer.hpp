// Runs a mapping over CSV files: block by block it reads the rows concerned, plans, writes through mutators and reports. A row
// that already says what the file says is not written, so importing again changes nothing. Thread rule: one thread.
#pragma once

#include <string>
#include <vector>

#include "server/app/import/planner.hpp"
#include "server/app/writer.hpp"
#include "syncline/base/random.hpp"

namespace syncline::server::app::import {

class Importer {
 public:
  // `reader` sees what `writer` wrote before. REQUIRES: all outlive it. `seed` and `now` make the ids of new records.
  Importer(const mutation::Domain& domain, mutation::Reader& reader, Writer& writer, Report& report,
           std::uint64_t seed, base::Timestamp now);

  // Each step takes the files of its name, in the order given. Errors: what ends an import as a whole (a file without a
  // mapped column, a value whose rule says `fail`, a writer that is gone); the rows before it stay written.
  [[nodiscard]] base::Status run(const Mapping& mapping, const std::vector<std::string>& paths);

 private:
  [[nodiscard]] base::Status run_step(const Step& step, const std::string& path);
  [[nodiscard]] base::Status write(std::vector<PlannedWrite> writes, KnownRows& known);
  void remark_on_files(const Mapping& mapping, const std::vector<std::string>& paths);

  const mutation::Domain& domain_;
  mutation::Reader& reader_;
  Writer& writer_;
  Report& report_;
  base::Random random_;
  const base::Timestamp now_;
};

}  // namespace syncline::server::app::import
