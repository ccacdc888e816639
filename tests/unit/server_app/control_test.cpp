// Commands write through the running server as they would by themselves; bytes that are no command are refused.
#include <memory>

#include <gtest/gtest.h>

#include "server/app/control_server.hpp"
#include "server/app/engine_thread.hpp"
#include "server/app/remote_writer.hpp"
#include "world.hpp"

namespace syncline::server::app {
namespace {

class Control : public testing::World {
 protected:
  // A database whose engine runs; no control server yet.
  struct Running {
    Running(const std::string& path, const mutation::Domain& domain)
        : storage(open_database(path, domain).value()),
          store(*storage),
          readers(storage::ReaderPool::open(path, domain.schema, 1).value()),
          engine(domain, *storage, nobody, {}),
          explainer(domain, *readers, &engine, 100) {
      engine.start();
    }
    ~Running() { engine.stop(); }

    std::unique_ptr<storage::SqliteStorage> storage;
    storage::AuthStore store;
    std::unique_ptr<storage::ReaderPool> readers;
    EngineThread engine;
    Explainer explainer;
  };

 private:
  static base::Result<authority::Identity> nobody(const std::string&, base::Timestamp) {
    return base::Error{base::Code::unauthenticated, ""};
  }
};

TEST_F(Control, FramesRoundTripAndTruncatedOnesAreRefused) {
  const ControlRequest request = ControlWrite{
      {as_system(new_user("a@example.com", 2)), as_system(new_user("b@example.com", 1))}};
  const base::Bytes frame = encode(request);
  auto back = decode_control_request(frame);
  ASSERT_TRUE(back.ok());
  const auto& submissions = std::get<ControlWrite>(*back).submissions;
  ASSERT_EQ(submissions.size(), 2u);
  EXPECT_EQ(submissions[1].mutations, std::get<ControlWrite>(request).submissions[1].mutations);
  EXPECT_EQ(submissions[1].actor.role, mutation::Role::system);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(decode_control_request(base::ByteView(frame).subspan(0, size)).ok()) << size;
  }
  base::Bytes longer = frame;
  longer.push_back(0);
  EXPECT_FALSE(decode_control_request(longer).ok());
  base::Bytes other_build = frame;
  ++other_build[0];
  EXPECT_EQ(decode_control_request(other_build).error().code, base::Code::upgrade_required);
}

TEST_F(Control, ARunningServerTakesWritesAndPasswords) {
  Running running(path_, *domain_);
  EXPECT_EQ(RemoteWriter::connect(path_), nullptr);
  {
    const auto server =
        ControlServer::start(path_, running.engine, running.store, running.explainer);
    ASSERT_TRUE(server.ok());
    const auto writer = open_writer(path_, *domain_);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    const auto outcomes = (*writer)->write(
        {as_system(new_user("a@example.com", 2)), as_system(new_user("a@example.com", 2))});
    ASSERT_TRUE(outcomes.ok()) << outcomes.error().message;
    ASSERT_EQ(outcomes->size(), 2u);
    EXPECT_EQ(outcomes->at(0).verdict.outcome, model::Outcome::applied);
    EXPECT_EQ(outcomes->at(1).verdict.error.code, base::Code::not_unique);
    ASSERT_EQ(outcomes->at(0).records.size(), 1u);
    const base::Id user = outcomes->at(0).records.front();
    EXPECT_TRUE((*writer)->put_password_hash(user, "a hash").ok());
    EXPECT_EQ(running.store.password_hash(user)->value_or(""), "a hash");
  }
  EXPECT_EQ(RemoteWriter::connect(path_), nullptr);
  EXPECT_FALSE(std::filesystem::exists(control_path(path_)));
}

TEST_F(Control, ACommandThatSaysNothingKeepsNobodyWaiting) {
  Running running(path_, *domain_);
  {
    const auto server =
        ControlServer::start(path_, running.engine, running.store, running.explainer);
    ASSERT_TRUE(server.ok());
    const auto silent = RemoteWriter::connect(path_), other = RemoteWriter::connect(path_);
    ASSERT_TRUE(silent && other);
    const auto outcomes = other->write({as_system(new_user("a@example.com", 2))});
    ASSERT_TRUE(outcomes.ok()) << outcomes.error().message;
    EXPECT_EQ(outcomes->front().verdict.outcome, model::Outcome::applied);
    EXPECT_TRUE(silent->put_password_hash(outcomes->front().records.front(), "a hash").ok());
  }
}

TEST_F(Control, ARunningServerExplains) {
  Running running(path_, *domain_);
  const auto server = ControlServer::start(path_, running.engine, running.store, running.explainer);
  ASSERT_TRUE(server.ok());
  const auto remote = RemoteWriter::connect(path_);
  ASSERT_TRUE(remote);
  const auto told = remote->explain(R"({"query": "crm.leads?status=new"})");
  ASSERT_TRUE(told.ok()) << told.error().message;
  EXPECT_NE(told->find(R"("limit":100,"allowed":true,"running":null)"), std::string::npos) << *told;
  EXPECT_NE(remote->explain(R"({"running": true})")->find(R"("queries":[])"), std::string::npos);
  EXPECT_EQ(remote->explain(R"({"query": "crm.lead"})").error().code,
            base::Code::unknown_collection);
}

TEST_F(Control, IsFoundUnderEveryNameOfTheDatabase) {
  Running running(path_, *domain_);
  const auto server = ControlServer::start(path_, running.engine, running.store, running.explainer);
  ASSERT_TRUE(server.ok());
  std::filesystem::create_directory(folder_ / "elsewhere");
  const std::string link = (folder_ / "elsewhere" / "link.db").string();
  std::filesystem::create_symlink(path_, link);
  EXPECT_NE(RemoteWriter::connect(link), nullptr);
  EXPECT_EQ(storage::SqliteStorage::open(link, domain_->schema).error().code,
            base::Code::unavailable);
}

TEST_F(Control, WorksInAFolderWhosePathIsLongerThanASocketsName) {
  const auto deep = folder_ / std::string(120, 'x');
  std::filesystem::create_directory(deep);
  const std::string path = (deep / "test.db").string();
  Running running(path, *domain_);
  const auto server = ControlServer::start(path, running.engine, running.store, running.explainer);
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_NE(RemoteWriter::connect(path), nullptr);
}

}  // namespace
}  // namespace syncline::server::app
