#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "domain/domain.hpp"
#include "server/app/clock.hpp"
#include "server/app/commands/commands.hpp"
#include "server/app/database_file.hpp"
#include "server/app/import/database_reader.hpp"
#include "server/app/import/dry_run.hpp"
#include "server/app/import/importer.hpp"
#include "server/app/writer.hpp"
#include "server/auth/secret.hpp"

namespace syncline::server::app {
namespace {

struct ImportOptions {
  std::string database = "syncline.db";
  std::string mapping, report;
  std::vector<std::string> files;
  bool dry_run = false;
};

base::Result<std::ofstream> open_report(const std::string& path) {
  std::ofstream file;
  if (path.empty()) return file;
  file.open(path, std::ios::binary | std::ios::trunc);
  if (!file) return base::Error{base::Code::invalid, "Cannot write the report " + path + "."};
  return file;
}

// The number of refused rows.
base::Result<std::uint64_t> import_files(const ImportOptions& options) {
  SYNC_TRY(require_database(options.database));
  const auto domain = domain::make_domain();
  SYNC_ASSIGN(const std::string json, import::read_text_file(options.mapping));
  const auto mapping = import::parse_mapping(domain->schema, json);
  if (!mapping.ok())
    return base::Error{mapping.error().code, options.mapping + ": " + mapping.error().message};
  SYNC_ASSIGN(std::ofstream lines, open_report(options.report));

  std::unique_ptr<Writer> writer;
  if (!options.dry_run) {
    SYNC_ASSIGN(writer, open_writer(options.database, *domain));
  }
  SYNC_ASSIGN(const auto reader, import::DatabaseReader::open(options.database, domain->schema));
  import::DryRun dry_run(*domain, *reader, now());
  import::Report report(options.report.empty() ? nullptr : &lines);
  import::Importer importer(
      *domain, options.dry_run ? static_cast<mutation::Reader&>(dry_run) : *reader,
      options.dry_run ? dry_run : *writer, report, auth::random_word(), now());
  const base::Status status = importer.run(*mapping, options.files);
  report.print_summary(std::cout);
  if (options.dry_run) std::cout << "This was a dry run: nothing was written.\n";
  std::cout.flush();
  if (!status.ok()) return status.error();
  lines.flush();
  if (!options.report.empty() && !lines) {
    return base::Error{base::Code::unavailable,
                       "The report " + options.report + " could not be written to its end."};
  }
  return report.total().refused;
}

}  // namespace

void add_import(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command = program.add_subcommand("import",
                                             "Import CSV files by a mapping; open browsers see it "
                                             "arrive. Exit code 3: some rows were refused");
  add_database_option(*command, options->database);
  command
      ->add_option("--mapping", options->mapping,
                   "JSON: which column is which field (docs/import/README.md)")
      ->required();
  command->add_flag("--dry-run", options->dry_run,
                    "Write nothing; say what would become of every row");
  command->add_option("--report", options->report,
                      "File for the report by row: one JSON object a line");
  command->add_option("files", options->files, "CSV files, each taken by the steps that name it")
      ->required();
  command->callback([options, &exit_code] {
    const auto refused = import_files(*options);
    if (!refused.ok()) {
      exit_code = report(refused.error());
    } else if (*refused > 0) {
      exit_code = 3;
    }
  });
}

}  // namespace syncline::server::app
