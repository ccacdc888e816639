// Accounts joined with their tables: what is stored is what a restarted server knows, and users' changes act at once.
#include "server/app/accounts.hpp"

#include <future>

#include <gtest/gtest.h>

#include "server/app/clock.hpp"
#include "world.hpp"

namespace syncline::server::app {
namespace {

constexpr const char* kEmail = "ada@example.com";
constexpr const char* kPassword = "correct horse";

class AccountsTest : public testing::World {
 protected:
  void SetUp() override {
    auto opened = LocalWriter::open(path_, *domain_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    writer_ = std::move(*opened);
    const auto outcomes = writer_->write({as_system(new_user(kEmail, 2))});
    ASSERT_TRUE(outcomes.ok());
    user_ = outcomes->front().records.front();
    store_ = std::make_unique<storage::AuthStore>(writer_->storage());
    start();
    ASSERT_TRUE(set_password(kPassword, {}));
  }
  void start() {
    accounts_ =
        std::make_unique<Accounts>(auth::Key{7}, *store_, AccountsOptions{.password_threads = 1});
    ASSERT_TRUE(accounts_->load(writer_->storage().sources()).ok());
  }
  bool set_password(const std::string& password, const base::Id& keep) {
    std::promise<base::Result<std::string>> hashed;
    accounts_->hash_password(
        password, [&](base::Result<std::string> hash) { hashed.set_value(std::move(hash)); });
    const auto hash = hashed.get_future().get();
    if (!hash.ok() || !accounts_->put_password(user_, *hash, keep).ok()) return false;
    accounts_->end_sessions(user_, keep);
    return true;
  }
  base::Result<api::LoginAnswer> login(const std::string& email, const std::string& password) {
    std::promise<base::Result<api::LoginAnswer>> answer;
    accounts_->login(email, password, "1.2.3.4",
                     [&](base::Result<api::LoginAnswer> a) { answer.set_value(std::move(a)); });
    return answer.get_future().get();
  }
  base::Result<api::LoginAnswer> refresh(const std::string& token) {
    std::promise<base::Result<api::LoginAnswer>> answer;
    accounts_->refresh(token,
                       [&](base::Result<api::LoginAnswer> a) { answer.set_value(std::move(a)); });
    return answer.get_future().get();
  }
  [[nodiscard]] base::Id add_user(const std::string& email) {
    return writer_->write({as_system(new_user(email, 2))})->front().records.front();
  }
  [[nodiscard]] model::Record stored_user(const base::Id& id) {
    return writer_->storage().sources().source(domain::kUsersId).get(id).value();
  }
  // A commit that changed the user so, as the engine would tell it.
  std::vector<UserChange> change(const std::function<void(model::RecordBuilder&)>& edit) {
    const auto before = stored_user(user_);
    authority::LogEntry entry;
    if (edit) {
      model::RecordBuilder after(before);
      edit(after);
      entry.changes.changes.push_back({model::ChangeKind::update, before, after.build()});
    } else {
      entry.changes.changes.push_back({model::ChangeKind::remove, before, {}});
    }
    return accounts_->apply(entry);
  }

  std::unique_ptr<LocalWriter> writer_;
  std::unique_ptr<storage::AuthStore> store_;
  std::unique_ptr<Accounts> accounts_;
  base::Id user_;
};

TEST_F(AccountsTest, LoginWorksInAnyCaseAndWithNothingElse) {
  const auto answer = login("ADA@Example.com", kPassword);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->user, user_);
  EXPECT_EQ(accounts_->verify(answer->access_token)->actor,
            (mutation::Actor{user_, mutation::Role::agent}));
  EXPECT_EQ(login(kEmail, "wrong").error().code, base::Code::bad_credentials);
  EXPECT_EQ(login("bob@example.com", kPassword).error().code, base::Code::bad_credentials);
}

TEST_F(AccountsTest, ALostRefreshIsAnsweredWordForWord) {
  const auto first = login(kEmail, kPassword);
  const auto rotated = refresh(first->refresh_token), again = refresh(first->refresh_token);
  ASSERT_TRUE(rotated.ok() && again.ok());
  EXPECT_EQ(rotated->access_token, again->access_token);
  EXPECT_EQ(rotated->refresh_token, again->refresh_token);
  start();  // the server was restarted, and still knows
  const auto restarted = refresh(first->refresh_token);
  ASSERT_TRUE(restarted.ok()) << restarted.error().message;
  EXPECT_EQ(restarted->refresh_token, rotated->refresh_token);
  EXPECT_EQ(restarted->access_token, rotated->access_token);
}

TEST_F(AccountsTest, LogoutIsStoredAndTold) {
  const auto answer = login(kEmail, kPassword);
  const auto identity = accounts_->verify(answer->access_token);
  base::Id told;
  accounts_->set_on_session_ended([&](const auth::Session& session) { told = session.id; });
  accounts_->logout(*identity, [] {});
  EXPECT_EQ(told, identity->session);
  EXPECT_FALSE(accounts_->verify(answer->access_token).ok());
  start();
  EXPECT_FALSE(accounts_->verify(answer->access_token).ok());
  EXPECT_FALSE(refresh(answer->refresh_token).ok());
}

TEST_F(AccountsTest, ANewPasswordEndsTheOtherSessions) {
  const auto mine = login(kEmail, kPassword), other = login(kEmail, kPassword);
  const base::Id keep = accounts_->verify(mine->access_token)->session;
  const base::Id lost = accounts_->verify(other->access_token)->session;
  std::vector<base::Id> told;
  accounts_->set_on_session_ended(
      [&](const auth::Session& session) { told.push_back(session.id); });
  ASSERT_TRUE(set_password("battery staple", keep));
  EXPECT_EQ(told, std::vector<base::Id>{lost});
  EXPECT_TRUE(accounts_->verify(mine->access_token).ok());
  EXPECT_FALSE(accounts_->verify(other->access_token).ok());
  start();
  EXPECT_FALSE(refresh(other->refresh_token).ok()) << "nor after a restart";
  EXPECT_TRUE(refresh(mine->refresh_token).ok());
}

TEST_F(AccountsTest, ANewPasswordIsStoredWithItsTransactionOrNotAtAll) {
  const auto answer = login(kEmail, kPassword);
  const std::string hash = *auth::hash_password("battery staple");
  ASSERT_TRUE(writer_->storage().begin().ok());
  ASSERT_TRUE(accounts_->put_password(user_, hash, {}).ok());
  writer_->storage().rollback();
  start();
  EXPECT_TRUE(accounts_->verify(answer->access_token).ok());
  ASSERT_TRUE(writer_->storage().begin().ok());
  ASSERT_TRUE(accounts_->put_password(user_, hash, {}).ok());
  ASSERT_TRUE(writer_->storage().commit().ok());
  start();  // killed before anybody was told
  EXPECT_FALSE(accounts_->verify(answer->access_token).ok());
  EXPECT_FALSE(login(kEmail, kPassword).ok());
  EXPECT_TRUE(login(kEmail, "battery staple").ok());
}

TEST_F(AccountsTest, ALoginThatWaitedWhileThePasswordChangedIsRefused) {
  std::promise<void> asked;
  std::promise<base::Code> answer;
  // There is one password thread: it is busy until the login has read the old hash and waits behind the change.
  accounts_->hash_password("battery staple", [&](const base::Result<std::string>& hash) {
    asked.get_future().wait();
    EXPECT_TRUE(accounts_->put_password(user_, *hash, {}).ok());
    accounts_->end_sessions(user_, {});
  });
  accounts_->login(kEmail, kPassword, "1.2.3.4", [&](const base::Result<api::LoginAnswer>& a) {
    answer.set_value(a.ok() ? base::Code::ok : a.error().code);
  });
  asked.set_value();
  EXPECT_EQ(answer.get_future().get(), base::Code::bad_credentials);
  EXPECT_EQ(accounts_->sessions(), 0u);
  EXPECT_TRUE(store_->sessions_of(user_)->empty());
  EXPECT_TRUE(login(kEmail, "battery staple").ok());
}

TEST_F(AccountsTest, OneCommitMaySwapTheAddressesOfTwo) {
  const std::string other_email = "bob@example.com";
  const base::Id other = add_user(other_email);
  const auto renamed = [](const model::Record& before, const std::string& email) {
    model::RecordBuilder after(before);
    after.set(testing::User::email, email);
    return model::Change{model::ChangeKind::update, before, after.build()};
  };
  ASSERT_TRUE(store_->put_password_hash(other, *auth::hash_password("battery staple")).ok());
  start();
  authority::LogEntry entry;
  entry.changes.changes = {renamed(stored_user(user_), other_email),
                           renamed(stored_user(other), kEmail)};
  accounts_->apply(entry);
  EXPECT_EQ(login(other_email, kPassword)->user, user_);
  EXPECT_EQ(login(kEmail, "battery staple")->user, other);
}

TEST_F(AccountsTest, APasswordGoesWithItsUser) {
  const auto before = stored_user(user_);
  change({});
  EXPECT_EQ(*store_->password_hash(user_), std::nullopt);
  // One that an older server left behind is not the password of the next user with this id.
  ASSERT_TRUE(store_->put_password_hash(user_, *auth::hash_password(kPassword)).ok());
  authority::LogEntry again;
  again.changes.changes.push_back({model::ChangeKind::insert, {}, before});
  accounts_->apply(again);
  EXPECT_FALSE(login(kEmail, kPassword).ok());
}

TEST_F(AccountsTest, UsersChangesActAtOnce) {
  const auto answer = login(kEmail, kPassword);
  auto told = change([](model::RecordBuilder& user) {
    user.set(testing::User::role, static_cast<std::int64_t>(mutation::Role::viewer));
  });
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].actor->role, mutation::Role::viewer);
  EXPECT_EQ(accounts_->verify(answer->access_token)->actor.role, mutation::Role::viewer);
  told =
      change([](model::RecordBuilder& user) { user.set(testing::User::email, "new@example.com"); });
  EXPECT_TRUE(login("new@example.com", kPassword).ok());
  EXPECT_FALSE(login(kEmail, kPassword).ok());
  told = change({});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_FALSE(told[0].actor.has_value());
  EXPECT_FALSE(accounts_->verify(answer->access_token).ok());
  EXPECT_TRUE(store_->sessions_of(user_)->empty());
}

TEST_F(AccountsTest, AChangeOfACommitThatFailedIsTakenBack) {
  const auto answer = login(kEmail, kPassword);
  const auto role = accounts_->verify(answer->access_token)->actor.role;
  ASSERT_NE(role, mutation::Role::viewer);
  const model::Record before = stored_user(user_);
  model::RecordBuilder after(before);
  after.set(testing::User::role, static_cast<std::int64_t>(mutation::Role::viewer));
  after.set(testing::User::email, "new@example.com");
  authority::LogEntry entry;
  entry.changes.changes.push_back({model::ChangeKind::update, before, after.build()});
  accounts_->apply(entry);
  const auto told = accounts_->undo(entry, {});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].actor->role, role);
  EXPECT_EQ(accounts_->verify(answer->access_token)->actor.role, role);
  EXPECT_TRUE(login(kEmail, kPassword).ok());
  EXPECT_FALSE(login("new@example.com", kPassword).ok());
}

TEST_F(AccountsTest, LoginsThatACommitEndedGoOnWhereItFailed) {
  const auto answer = login(kEmail, kPassword);
  authority::LogEntry entry;
  entry.changes.changes.push_back({model::ChangeKind::remove, stored_user(user_), {}});
  const auto told = accounts_->apply(entry);
  ASSERT_EQ(told.size(), 1u);
  ASSERT_FALSE(accounts_->verify(answer->access_token).ok());
  accounts_->undo(entry, told[0].ended);
  EXPECT_TRUE(accounts_->verify(answer->access_token).ok());
}

TEST_F(AccountsTest, TicketsOfAnEndedSessionAreWorthless) {
  const auto identity = accounts_->verify(login(kEmail, kPassword)->access_token);
  const std::string first = accounts_->issue_ticket(*identity),
                    second = accounts_->issue_ticket(*identity);
  EXPECT_TRUE(accounts_->redeem_ticket(first).ok());
  accounts_->logout(*identity, [] {});
  EXPECT_FALSE(accounts_->redeem_ticket(second).ok());
}

}  // namespace
}  // namespace syncline::server::app
