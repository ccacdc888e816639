#include "server/app/local_writer.hpp"

#include "domain/domain.hpp"
#include "server/app/clock.hpp"
#include "server/app/database_file.hpp"
#include "server/app/seed/completeness.hpp"
#include "server/auth/secret.hpp"

namespace syncline::server::app {
namespace {

authority::Options options_with(std::uint64_t seed) {
  authority::Options options;
  options.seed = seed;
  return options;
}

base::Result<authority::Identity> nobody(const std::string&, base::Timestamp) {
  return base::Error{base::Code::unauthenticated, "No sessions here."};
}

base::Status insert_reference_data(const mutation::Domain& domain,
                                   storage::SqliteStorage& storage) {
  LocalWriter writer(domain, storage, auth::random_word());
  std::vector<authority::Submission> submissions;
  for (auto& mutation : domain::reference_data())
    submissions.push_back(as_system(std::move(mutation)));
  SYNC_ASSIGN(const auto outcomes, writer.write(std::move(submissions)));
  for (const auto& outcome : outcomes) {
    if (outcome.verdict.outcome != model::Outcome::applied) return outcome.verdict.error;
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<storage::SqliteStorage>> open_database(
    const std::string& path, const mutation::Domain& domain) {
  SYNC_TRY(inspect_database(path));
  SYNC_ASSIGN(auto storage, storage::SqliteStorage::open(path, domain.schema));
  SYNC_TRY(seed::require_complete(*storage));
  if (storage->version() == 0) SYNC_TRY(insert_reference_data(domain, *storage));
  return storage;
}

base::Result<std::unique_ptr<LocalWriter>> LocalWriter::open(const std::string& path,
                                                             const mutation::Domain& domain) {
  auth::prepare_crypto();
  SYNC_ASSIGN(auto storage, open_database(path, domain));
  auto writer = std::make_unique<LocalWriter>(domain, *storage, auth::random_word());
  writer->owned_ = std::move(storage);
  return writer;
}

LocalWriter::LocalWriter(const mutation::Domain& domain, storage::SqliteStorage& storage,
                         std::uint64_t seed)
    : storage_(storage), authority_(domain, storage, nobody, options_with(seed)) {}

base::Result<std::vector<WriteOutcome>> LocalWriter::write(
    std::vector<authority::Submission> submissions) {
  return write_at(now(), std::move(submissions));
}

base::Result<std::vector<WriteOutcome>> LocalWriter::write_at(
    base::Timestamp at, std::vector<authority::Submission> submissions) {
  std::vector<WriteOutcome> outcomes(submissions.size());
  for (std::size_t i = 0; i < submissions.size(); ++i)
    authority_.submit(i, std::move(submissions[i]));
  bool more = true;
  while (more) {
    more = authority_.turn(at);
    while (auto output = authority_.poll()) {
      if (auto* answer = std::get_if<authority::Answer>(&*output)) {
        outcomes[answer->ticket] = {std::move(answer->outcome.verdict),
                                    std::move(answer->outcome.records)};
      }
    }
  }
  return outcomes;
}

base::Status LocalWriter::put_password_hash(const base::Id& user, const std::string& hash) {
  return storage::AuthStore(storage_).put_password_hash(user, hash);
}

}  // namespace syncline::server::app
