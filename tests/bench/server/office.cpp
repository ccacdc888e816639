#include "tests/bench/server/office.hpp"

#include "domain/domain.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/version.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/report.hpp"

namespace syncline::bench {
namespace {

constexpr base::Timestamp kNow{1'793'491'200'000};

base::Id numbered(std::uint64_t number) { return base::make_id_v7(kNow, number, number); }

// Every token is an administrator's.
base::Result<authority::Identity> admit(const std::string&, base::Timestamp now) {
  authority::Identity identity;
  identity.actor.user = numbered(1);
  identity.actor.role = mutation::Role::admin;
  identity.session = numbered(2);
  identity.expires_at = now + 3'600'000;
  return identity;
}

}  // namespace

Office::Office()
    : storage_(domain().schema, numbered(3)), authority_(domain(), storage_, admit, {}) {
  write(domain::reference_data());
}

void Office::write(std::vector<model::Mutation> mutations) {
  authority::Submission submission;
  submission.actor.role = mutation::Role::system;
  submission.mutations = std::move(mutations);
  authority_.submit(1, std::move(submission));
}

authority::SessionId Office::enter() {
  const authority::SessionId session = next_session_++;
  authority_.open(session, kNow);
  protocol::Hello hello;
  hello.protocol = protocol::kProtocolVersion;
  hello.schema_hash = domain().schema.hash();
  hello.client = numbered(1'000 + session);
  receive(session, hello);
  return session;
}

void Office::subscribe(authority::SessionId session, std::uint32_t query_id,
                       const query::Query& query) {
  protocol::Subscribe message;
  message.query_id = query_id;
  message.query = query;
  receive(session, message);
}

void Office::receive(authority::SessionId session, const protocol::ClientMessage& message) {
  authority_.receive(session, protocol::encode(message), kNow);
}

std::size_t Office::run() {
  std::size_t frames = 0;
  for (bool more = true; more;) {
    more = authority_.turn(kNow);
    while (const auto output = authority_.poll()) {
      if (const auto* frame = std::get_if<authority::SendFrame>(&*output)) {
        frames += frame->sessions.size();
        std::size_t size = 0;
        for (const authority::Piece& piece : frame->pieces) size += piece->size();
        for (const authority::SessionId session : frame->sessions) authority_.sent(session, size);
      } else if (const auto* closed = std::get_if<authority::CloseSession>(&*output)) {
        give_up("a session was closed: " + closed->error.message);
      } else if (const auto* answer = std::get_if<authority::Answer>(&*output)) {
        if (answer->outcome.verdict.outcome != model::Outcome::applied)
          give_up("a write was refused: " + answer->outcome.verdict.error.message);
      }
    }
  }
  return frames;
}

}  // namespace syncline::bench
