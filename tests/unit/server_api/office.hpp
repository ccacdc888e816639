// Office: the API over the real domain, a real Authority and rows in memory, in one thread; and the people who work in it.
// What is not real: sign-in (tokens are names) and the clock.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "domain/collections.hpp"
#include "domain/crm/module.hpp"
#include "domain/domain.hpp"
#include "server/api/api.hpp"
#include "syncline/authority/memory_storage.hpp"
#include "syncline/ivm/relations.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::tests {

using Json = nlohmann::json;
using base::Id;

// Rows and log of a MemoryStorage as a snapshot: nothing writes while a test reads.
class MemorySnapshot final : public server::api::Snapshot {
 public:
  MemorySnapshot(const model::Schema& schema, authority::MemoryStorage& storage,
                 std::uint64_t query_cost_max)
      : schema_(schema), storage_(storage), query_cost_max_(query_cost_max) {}
  model::Version version() const override { return storage_.version(); }
  ivm::SourceProvider& sources() override { return storage_.sources(); }
  authority::Planner& planner() override { return storage_.planner(); }
  std::uint64_t query_cost_max() const override { return query_cost_max_; }
  base::Result<std::uint64_t> count(const query::Query& query) override {
    std::uint64_t rows = 0;
    ivm::FetchRequest request;
    request.where = query.where;
    SYNC_TRY(
        ivm::read(storage_.sources(), query.collection, request, [&rows](const model::Record&) {
          ++rows;
          return true;
        }));
    return rows;
  }
  base::Result<std::vector<ivm::AggregateRow>> aggregate(const query::Query& query) override {
    ivm::Pipeline pipeline(schema_, query, storage_.sources());
    ivm::ResultDelta result;
    SYNC_TRY(pipeline.hydrate(result));
    std::vector<ivm::AggregateRow> rows;
    for (const ivm::GroupDelta& group : result.groups) rows.push_back(group.row);
    return rows;
  }
  base::Status read_log(model::Version after, std::uint32_t limit,
                        const std::function<bool(const authority::LogEntry&)>& visit) override {
    return storage_.read_log(after, limit, visit);
  }

 private:
  const model::Schema& schema_;
  authority::MemoryStorage& storage_;
  const std::uint64_t query_cost_max_;
};

class Office : public server::api::Database,
               public server::api::Engine,
               public server::api::Accounts {
 public:
  Office()
      : domain_(domain::make_domain()),
        storage_(domain_->schema, Id{}),
        authority_(*domain_, storage_,
                   [](const std::string&, base::Timestamp) { return refused(); }, {}) {
    run_as_system(domain::crm::reference_data());
    for (const char* role : {"admin", "manager", "agent", "engineer", "viewer"}) hire(role, role);
    hire("other", "agent");
  }

  // ---- server::api ports
  base::Result<std::unique_ptr<server::api::Snapshot>> snapshot() override {
    if (!available_) return base::Error(base::Code::unavailable, "No reader is free.");
    return std::unique_ptr<server::api::Snapshot>(
        std::make_unique<MemorySnapshot>(domain_->schema, storage_, query_cost_max_));
  }
  void submit(authority::Submission submission,
              std::function<void(authority::Answer)> done) override {
    const authority::Ticket ticket = ++last_ticket_;
    waiting_[ticket] = std::move(done);
    authority_.submit(ticket, std::move(submission));
    drain();
  }
  void login(std::string email, std::string password, std::string, LoginDone done) override {
    if (password != "correct horse")
      return done(base::Error(base::Code::bad_credentials, "E-mail or password is wrong."));
    done(grant(email.substr(0, email.find('@'))));
  }
  void refresh(std::string token, LoginDone done) override {
    if (token.rfind("refresh-", 0) != 0) return done(refused_login());
    done(grant(token.substr(8)));
  }
  void logout(const authority::Identity&, std::function<void()> done) override { done(); }
  base::Result<authority::Identity> verify(const std::string& token) override {
    const auto found = people_.find(token);
    if (found == people_.end()) return refused();
    authority::Identity identity;
    identity.actor = found->second;
    identity.expires_at = now_ + 900'000;
    return identity;
  }
  base::Result<authority::Identity> present(const authority::Identity& identity) const override {
    authority::Identity now = identity;
    for (const auto& [name, actor] : people_) {
      now.actor = actor;
      if (actor.user == identity.actor.user) return now;
    }
    return refused();
  }
  std::string issue_ticket(const authority::Identity& identity) override {
    tickets_["ticket"] = identity;
    return "ticket";
  }
  base::Result<authority::Identity> redeem_ticket(const std::string& ticket) override {
    const auto found = tickets_.find(ticket);
    if (found == tickets_.end()) return refused();
    const authority::Identity identity = found->second;
    tickets_.erase(found);
    return identity;
  }
  void hash_password(std::string password,
                     std::function<void(base::Result<std::string>)> done) override {
    if (while_hashing) while_hashing();
    done(std::move(password));
  }
  base::Status put_password(const Id& user, const std::string& hash, const Id&) override {
    passwords_[user] = hash;
    commits_before_password_ = commits_.size();
    return {};
  }
  void end_sessions(const Id& user, const Id&) override { told_.push_back(user); }

  // ---- for tests
  [[nodiscard]] const mutation::Domain& domain() const { return *domain_; }
  [[nodiscard]] model::Version version() const { return storage_.version(); }
  [[nodiscard]] base::Timestamp now() const { return now_; }
  void wait(std::int64_t ms) { now_ = now_ + ms; }
  [[nodiscard]] const mutation::Actor& actor(const std::string& name) const {
    return people_.at(name);
  }
  [[nodiscard]] const std::map<Id, std::string>& passwords() const { return passwords_; }
  [[nodiscard]] const std::vector<std::shared_ptr<const authority::LogEntry>>& commits() const {
    return commits_;
  }
  [[nodiscard]] std::size_t commits_before_password() const { return commits_before_password_; }
  // Whose sessions were ended.
  [[nodiscard]] const std::vector<Id>& told() const { return told_; }
  // From the next request on, and for those that wait.
  void change_role(const std::string& name, mutation::Role role) { people_.at(name).role = role; }
  void dismiss(const std::string& name) { people_.erase(name); }
  std::function<void()> while_hashing;
  void limit_query_cost(std::uint64_t most) { query_cost_max_ = most; }
  void set_available(bool available) { available_ = available; }

 private:
  static base::Error refused() { return {base::Code::unauthenticated, "No valid access token."}; }
  static base::Error refused_login() { return {base::Code::unauthenticated, "Sign in again."}; }

  base::Result<server::api::LoginAnswer> grant(const std::string& name) {
    const auto found = people_.find(name);
    if (found == people_.end())
      return base::Error(base::Code::bad_credentials, "E-mail or password is wrong.");
    server::api::LoginAnswer answer;
    answer.access_token = name;
    answer.refresh_token = "refresh-" + name;
    answer.expires_in_s = 900;
    answer.user = found->second.user;
    return answer;
  }

  void hire(const std::string& name, const std::string& role) {
    model::Mutation mutation;
    mutation.name = "platform.users.insert";
    const model::Collection& users = domain_->schema.collection(domain::kUsersId);
    const auto set = [&](const char* field, model::Value value) {
      mutation.arguments.set(users.find(field)->spec.id, std::move(value));
    };
    set("email", name + "@example.com");
    set("name", name);
    set("role", static_cast<std::int64_t>(*mutation::role_from_name(role)));
    const authority::SubmissionOutcome outcome = run_as_system({mutation});
    mutation::Actor actor;
    actor.user = outcome.records.front();
    actor.role = *mutation::role_from_name(role);
    people_[name] = actor;
  }

  authority::SubmissionOutcome run_as_system(std::vector<model::Mutation> mutations) {
    authority::Submission submission;
    submission.actor.role = mutation::Role::system;
    submission.mutations = std::move(mutations);
    authority::SubmissionOutcome outcome;
    submit(std::move(submission),
           [&outcome](const authority::Answer& answer) { outcome = answer.outcome; });
    SYNC_CHECK(outcome.verdict.outcome == model::Outcome::applied, "the office is set up");
    return outcome;
  }

  void drain() {
    now_ = now_ + 1;
    while (authority_.turn(now_)) {
    }
    while (auto output = authority_.poll()) {
      if (auto* answer = std::get_if<authority::Answer>(&*output)) {
        auto done = std::move(waiting_.at(answer->ticket));
        waiting_.erase(answer->ticket);
        done(std::move(*answer));
      } else if (auto* committed = std::get_if<authority::Committed>(&*output)) {
        commits_.push_back(committed->entry);
      }
    }
  }

  std::unique_ptr<mutation::Domain> domain_;
  authority::MemoryStorage storage_;
  authority::Authority authority_;
  base::Timestamp now_{1'795'000'000'000};
  authority::Ticket last_ticket_ = 0;
  std::map<authority::Ticket, std::function<void(authority::Answer)>> waiting_;
  std::map<std::string, mutation::Actor> people_;
  std::map<std::string, authority::Identity> tickets_;
  std::map<Id, std::string> passwords_;
  std::size_t commits_before_password_ = 0;
  std::vector<Id> told_;
  std::vector<std::shared_ptr<const authority::LogEntry>> commits_;
  bool available_ = true;
  std::uint64_t query_cost_max_ = authority::kQueryCostMax;
};

struct Reply {
  int status = 0;
  server::http::Headers headers;
  std::string text;
  Json body;  // null when there is none, or it is no JSON

  [[nodiscard]] std::string header(const std::string& name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
  [[nodiscard]] std::string code() const { return body.is_object() ? body.value("code", "") : ""; }
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() : api_(office_.domain(), office_, office_, office_, options()) {}

  // As one of the office's people; "" signs in nobody.
  Reply call(const std::string& who, const std::string& method, const std::string& target,
             const std::string& body = "", server::http::Headers headers = {}) {
    server::http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers = std::move(headers);
    if (!who.empty()) request.headers.emplace_back("authorization", "Bearer " + who);
    Reply reply;
    int answers = 0;
    api_.handle(std::move(request), [&](server::http::Response response) {
      ++answers;
      reply.status = response.status;
      reply.headers = std::move(response.headers);
      reply.text = std::move(response.body);
    });
    EXPECT_EQ(answers, 1) << method << " " << target << ": exactly one answer";
    reply.body = Json::parse(reply.text, nullptr, false);
    if (reply.body.is_discarded()) reply.body = nullptr;
    return reply;
  }
  Reply get(const std::string& target, const std::string& who = "admin") {
    return call(who, "GET", target);
  }
  Reply post(const std::string& target, const Json& body, const std::string& who = "admin") {
    return call(who, "POST", target, body.dump());
  }
  Reply patch(const std::string& target, const Json& body, const std::string& who = "admin",
              server::http::Headers headers = {}) {
    return call(who, "PATCH", target, body.dump(), std::move(headers));
  }
  // A new record; its JSON.
  Json create(const std::string& path, const Json& body, const std::string& who = "admin") {
    const Reply reply = post(path, body, who);
    EXPECT_EQ(reply.status, 201) << reply.text;
    return reply.body;
  }
  Json create_lead(const Json& fields = Json::object(), const std::string& who = "admin") {
    Json body = fields;
    if (!body.contains("name")) body["name"] = "Ada";
    return create("/api/crm/leads", body, who);
  }
  static std::string path_of(const Json& lead) {
    return "/api/crm/leads/" + lead.at("id").get<std::string>();
  }
  std::string user_id(const std::string& name) { return base::to_string(office_.actor(name).user); }

  Office office_;
  server::api::Api api_;

 private:
  server::api::ApiOptions options() {
    server::api::ApiOptions made;
    made.now = [this] { return office_.now(); };
    made.metrics = [] { return std::string("syncline_commits_total 1\n"); };
    return made;
  }
};

// Names of the records in a page, in order.
inline std::vector<std::string> names_in(const Json& page) {
  std::vector<std::string> names;
  for (const Json& each : page.at("data")) names.push_back(each.value("name", "?"));
  return names;
}

}  // namespace syncline::tests
