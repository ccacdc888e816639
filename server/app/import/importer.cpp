#include "server/app/import/importer.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace syncline::server::app::import {
namespace {

// Rows per block: what the engine takes in one go before it looks after its users again (SEMANTICS 14).
constexpr std::size_t kRowsPerBlock = 100;

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

bool takes(const Step& step, const std::string& path) {
  return step.file.empty() || step.file == name_of(path);
}

authority::Submission by_the_system(model::Mutation mutation) {
  authority::Submission submission;
  submission.actor.role = mutation::Role::system;
  submission.mutations.push_back(std::move(mutation));
  return submission;
}

base::Error in_file(const std::string& path, const base::Error& error) {
  base::Error named = error;
  named.message = path + ": " + error.message;
  return named;
}

}  // namespace

Importer::Importer(const mutation::Domain& domain, mutation::Reader& reader, Writer& writer,
                   Report& report, std::uint64_t seed, base::Timestamp now)
    : domain_(domain),
      reader_(reader),
      writer_(writer),
      report_(report),
      random_(seed),
      now_(now) {}

base::Status Importer::run(const Mapping& mapping, const std::vector<std::string>& paths) {
  remark_on_files(mapping, paths);
  bool any = false;
  for (const Step& step : mapping.steps) {
    for (const std::string& path : paths) {
      if (!takes(step, path)) continue;
      any = true;
      SYNC_TRY(run_step(step, path));
    }
  }
  if (any) return {};
  return base::Error{base::Code::malformed, "The mapping has no step for any of these files."};
}

void Importer::remark_on_files(const Mapping& mapping, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const bool taken = std::any_of(mapping.steps.begin(), mapping.steps.end(),
                                   [&path](const Step& step) { return takes(step, path); });
    if (!taken) report_.remark("No step of the mapping takes " + name_of(path) + ".");
  }
  for (const Step& step : mapping.steps) {
    const bool given = std::any_of(paths.begin(), paths.end(),
                                   [&step](const std::string& path) { return takes(step, path); });
    if (!given) report_.remark(step.title + ": left out, " + step.file + " was not given.");
  }
}

base::Status Importer::run_step(const Step& step, const std::string& path) {
  SYNC_ASSIGN(const CsvTable table, read_csv(path, step.delimiter));
  report_.begin_step(step.title, name_of(path));
  KnownRows known(domain_.schema, reader_);
  Planner planner(domain_, step, known, [this] {
    const std::uint64_t high = random_.next();
    return base::make_id_v7(now_, high, random_.next());
  });
  const base::Status header = planner.set_header(table);
  if (!header.ok()) return in_file(path, header.error());
  for (std::size_t from = 0; from < table.rows.size(); from += kRowsPerBlock) {
    const std::size_t to = std::min(table.rows.size(), from + kRowsPerBlock);
    std::vector<PreparedRow> block;
    for (std::size_t i = from; i < to; ++i) {
      base::Result<PreparedRow> row = planner.prepare(table.rows[i]);
      if (!row.ok()) return in_file(path, row.error());
      if (!row->repeated) block.push_back(std::move(row).value());
    }
    SYNC_TRY(known.load());
    std::vector<PlannedWrite> writes;
    for (PreparedRow& row : block) {
      auto planned = planner.plan(std::move(row));
      if (!planned.ok()) return in_file(path, planned.error());
      writes.insert(writes.end(), std::make_move_iterator(planned->begin()),
                    std::make_move_iterator(planned->end()));
    }
    SYNC_TRY(write(std::move(writes), known));
  }
  return {};
}

base::Status Importer::write(std::vector<PlannedWrite> writes, KnownRows& known) {
  std::vector<authority::Submission> submissions;
  for (PlannedWrite& write : writes) {
    if (!write.mutation.name.empty()) {
      submissions.push_back(by_the_system(write.mutation));
    }
  }
  std::vector<WriteOutcome> outcomes;
  if (!submissions.empty()) {
    const std::size_t sent = submissions.size();
    SYNC_ASSIGN(outcomes, writer_.write(std::move(submissions)));
    SYNC_CHECK(outcomes.size() == sent, "an outcome for every submission");
  }
  auto outcome = outcomes.begin();
  for (PlannedWrite& write : writes) {
    if (!write.mutation.name.empty()) {
      const model::Verdict& verdict = (outcome++)->verdict;
      const bool written =
          verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
      if (!written) {
        write.report.outcome = Outcome::refused;
        write.report.error = verdict.error;
        known.take_back(write.planned, write.before);
      }
    }
    report_.add(write.report);
  }
  return {};
}

}  // namespace syncline::server::app::import
