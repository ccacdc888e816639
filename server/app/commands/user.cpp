#include <cstdio>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "domain/declare.hpp"
#include "domain/domain.hpp"
#include "domain/platform/users.hpp"
#include "server/app/commands/commands.hpp"
#include "server/app/database_file.hpp"
#include "server/app/writer.hpp"
#include "server/auth/passwords.hpp"

namespace syncline::server::app {
namespace {

using domain::platform::User;

struct UserOptions {
  std::string database = "syncline.db";
  std::string email, name, role = "viewer", password;
};

base::Status add(const UserOptions& options) {
  SYNC_TRY(require_database(options.database));  // an account in a stray new file would help nobody
  SYNC_TRY(auth::check_password(options.password));
  SYNC_ASSIGN(const std::string hash, auth::hash_password(options.password));
  const auto domain = domain::make_domain();
  SYNC_ASSIGN(const auto writer, open_writer(options.database, *domain));
  domain::PatchBuilder user;
  user.set(User::email, options.email)
      .set(User::name, options.name.empty() ? options.email : options.name);
  user.set(User::role, static_cast<std::int64_t>(*mutation::role_from_name(options.role)));
  SYNC_ASSIGN(const auto outcomes,
              writer->write({as_system(insertion(*domain, domain::kUsersId, user.take()))}));
  const WriteOutcome& outcome = outcomes.front();
  if (outcome.verdict.outcome != model::Outcome::applied) return outcome.verdict.error;
  return writer->put_password_hash(outcome.records.front(), hash);
}

}  // namespace

void add_user(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<UserOptions>();
  CLI::App* user = program.add_subcommand("user", "Manage users")->require_subcommand(1);
  CLI::App* command = user->add_subcommand("add", "Add a user; a running server takes it at once");
  add_database_option(*command, options->database);
  command->add_option("--email", options->email, "What the user signs in with")->required();
  command->add_option("--name", options->name, "Name; the e-mail address by default");
  command->add_option("--role", options->role, "Rights")
      ->check(CLI::IsMember({"admin", "manager", "agent", "engineer", "viewer"}))
      ->capture_default_str();
  command->add_option("--password", options->password,
                      "At least 10 characters; read from standard input when absent");
  command->callback([options, &exit_code] {
    if (options->password.empty()) std::getline(std::cin, options->password);
    const auto status = add(*options);
    if (!status.ok()) {
      exit_code = report(status.error());
      return;
    }
    std::printf("%s may sign in as %s\n", options->email.c_str(), options->role.c_str());
  });
}

}  // namespace syncline::server::app
