#include "tests/unit/authority/world.hpp"

#include <algorithm>

#include "syncline/protocol/signature.hpp"

namespace syncline::tests {

namespace {

using mutation::Right;
using mutation::Role;

std::unique_ptr<mutation::Domain> make_card_domain() {
  model::CollectionSpec people;
  people.id = kPeople;
  people.module = "test";
  people.name = "people";
  people.singular = "person";
  people.type_name = "Person";
  people.api_path = "/api/people";
  people.title_field = kName;
  people.fields = kPersonFields;
  model::CollectionSpec card_spec;
  card_spec.id = kCards;
  card_spec.module = "test";
  card_spec.name = "cards";
  card_spec.singular = "card";
  card_spec.type_name = "Card";
  card_spec.api_path = "/api/cards";
  card_spec.title_field = kLabel;
  card_spec.fields = kCardFields;
  auto domain = std::make_unique<mutation::Domain>(std::vector{people, card_spec});
  const std::vector all{Right::read, Right::create, Right::update, Right::remove, Right::act};
  for (const model::CollectionId collection : {kPeople, kCards}) {
    domain->access.add({Role::admin, collection, all, query::always(), {}});
  }
  domain->access.add({Role::agent,
                      kCards,
                      all,
                      query::any_of({query::equals_user(kOwner), query::is_null(kOwner)}),
                      {}});
  domain->access.add({Role::agent, kPeople, {Right::read}, query::always(), {}});
  domain->access.add({Role::viewer, kCards, {Right::read}, query::always(), {}});
  domain->access.add({Role::viewer,
                      kPeople,
                      {Right::read},
                      query::compare(kName, query::Op::ne, "hidden"),
                      {kSalary}});
  return domain;
}

}  // namespace

const mutation::Domain& card_domain() {
  static const std::unique_ptr<mutation::Domain> domain = make_card_domain();
  return *domain;
}

std::string token_of(Role role, std::uint32_t user) {
  return std::to_string(static_cast<int>(role)) + ":" + std::to_string(user);
}

base::Result<authority::Identity> read_token(const std::string& token, base::Timestamp now) {
  const std::size_t colon = token.find(':');
  if (colon == std::string::npos) return base::Error(base::Code::unauthenticated, "No such token.");
  authority::Identity identity;
  identity.actor.role = static_cast<Role>(std::stoi(token.substr(0, colon)));
  const auto user = static_cast<std::uint32_t>(std::stoul(token.substr(colon + 1)));
  identity.actor.user = test_id(user);
  identity.session = test_id(50'000 + user);
  identity.expires_at = now + kTokenMs;
  return identity;
}

model::Mutation mutation_of(std::string name, const std::vector<FieldValue>& arguments) {
  model::Mutation mutation;
  mutation.name = std::move(name);
  for (const FieldValue& argument : arguments)
    mutation.arguments.set(argument.field, argument.value);
  return mutation;
}

namespace {

model::Mutation on_card(const char* name, std::uint32_t id, const std::vector<FieldValue>& fields) {
  model::Mutation mutation = mutation_of(name, fields);
  mutation.arguments.set(model::kIdField, test_id(id));
  return mutation;
}

}  // namespace

model::Mutation insert_card(std::uint32_t id, const std::vector<FieldValue>& fields) {
  return on_card("test.cards.insert", id, fields);
}
model::Mutation update_card(std::uint32_t id, const std::vector<FieldValue>& fields) {
  return on_card("test.cards.update", id, fields);
}
model::Mutation remove_card(std::uint32_t id) { return on_card("test.cards.remove", id, {}); }

query::Query cards(query::Predicate where) {
  query::Query query;
  query.collection = kCards;
  query.where = std::move(where);
  return query;
}

// ---- World

World::World(authority::Options options, const mutation::Domain& domain)
    : domain_(domain),
      own_storage_(std::make_unique<authority::MemoryStorage>(domain.schema, test_id(999))),
      storage_(own_storage_.get()),
      authority_(domain, *storage_, read_token, options) {}

World::World(authority::Storage& storage, authority::Options options)
    : domain_(card_domain()),
      storage_(&storage),
      authority_(card_domain(), storage, read_token, options) {}

void World::run() {
  for (bool more = true; more;) {
    more = authority_.turn(now_);
    while (auto output = authority_.poll()) {
      if (auto* frame = std::get_if<authority::SendFrame>(&*output)) {
        ++frames;
        base::Bytes bytes;
        for (const authority::Piece& piece : frame->pieces)
          bytes.insert(bytes.end(), piece->begin(), piece->end());
        for (const authority::SessionId session : frame->sessions) {
          if (const auto found = browsers_.find(session); found != browsers_.end())
            found->second->receive(bytes);
          if (drain) authority_.sent(session, bytes.size());
        }
      } else if (auto* closed = std::get_if<authority::CloseSession>(&*output)) {
        const auto found = browsers_.find(closed->session);
        ASSERT_NE(found, browsers_.end()) << "a session was closed twice";
        found->second->closed(closed->error);
        browsers_.erase(found);
      } else if (auto* answer = std::get_if<authority::Answer>(&*output)) {
        answers_[answer->ticket] = std::move(*answer);
      } else {
        committed.push_back(std::get<authority::Committed>(*output).entry);
      }
    }
  }
}

authority::SessionId World::connect(Browser& browser) {
  const authority::SessionId session = next_session_++;
  browsers_[session] = &browser;
  authority_.open(session, now_);
  return session;
}

void World::disconnect(authority::SessionId session) {
  authority_.close(session);
  browsers_.erase(session);
}

authority::Answer World::submit(authority::Submission submission) {
  const authority::Ticket ticket = next_ticket_++;
  authority_.submit(ticket, std::move(submission));
  run();
  const auto found = answers_.find(ticket);
  SYNC_CHECK(found != answers_.end(), "a submission was not answered");
  return found->second;
}

authority::Answer World::write(std::vector<model::Mutation> mutations) {
  authority::Submission submission;
  submission.actor.role = Role::system;
  submission.mutations = std::move(mutations);
  authority::Answer answer = submit(std::move(submission));
  SYNC_CHECK(answer.outcome.verdict.outcome == model::Outcome::applied,
             answer.outcome.verdict.error.message.c_str());
  return answer;
}

// ---- Browser

Browser::Browser(World& in, Role as, std::uint32_t user_number, std::uint32_t client_number)
    : world(in), role(as), user(user_number), client(test_id(client_number)) {}

void Browser::connect() {
  session = world.connect(*this);
  closed_with.reset();
  queries.clear();
  protocol::Hello message;
  message.protocol = protocol::kProtocolVersion;
  message.schema_hash = world.domain().schema.hash();
  message.client = client;
  message.earlier_clients = earlier;
  message.access_token = token_of(role, user);
  message.cursor = cursor;
  hello(message);
}

void Browser::disconnect() {
  world.disconnect(session);
  session = 0;
}

void Browser::hello(const protocol::Hello& message) {
  send(message);
  world.run();
}

void Browser::send(const protocol::ClientMessage& message) {
  send_bytes(protocol::encode(message));
}

void Browser::send_bytes(const base::Bytes& frame) {
  world.authority().receive(session, frame, world.now());
}

void Browser::subscribe(std::uint32_t query_id, query::Query query,
                        std::vector<protocol::Held> held) {
  protocol::Subscribe message;
  message.query_id = query_id;
  message.query = std::move(query);
  message.held = std::move(held);
  send(message);
}

std::uint64_t Browser::push(model::Mutation mutation) {
  mutation.id = {client, next_sequence++};
  mutation.created_at = world.now();
  sent.push_back(mutation);
  resend({mutation});
  return mutation.id.sequence;
}

void Browser::resend(std::vector<model::Mutation> mutations) {
  protocol::Push message;
  message.mutations = std::move(mutations);
  send(message);
}

void Browser::receive(const base::Bytes& frame) {
  bytes += frame.size();
  auto message = protocol::decode_server_message(frame);
  ASSERT_TRUE(message.ok()) << message.error().message;
  if (auto* poke = std::get_if<protocol::Poke>(&*message)) {
    apply(*poke);
  } else if (auto* hi = std::get_if<protocol::Welcome>(&*message)) {
    welcome = *hi;
    cursor = hi->cursor;
  } else if (auto* no = std::get_if<protocol::QueryFailed>(&*message)) {
    failed[no->query_id] = no->error;
    queries.erase(no->query_id);
  } else if (auto* pong = std::get_if<protocol::Pong>(&*message)) {
    pongs.push_back(pong->nonce);
  } else if (auto* told = std::get_if<protocol::Signatures>(&*message)) {
    check(*told);
  }
}

// What the server believes that this browser holds is what it holds.
void Browser::check(const protocol::Signatures& told) {
  ASSERT_EQ(told.version, cursor.version);
  for (const protocol::Signatures::Result& result : told.results) {
    ++signatures;
    std::uint64_t own = 0;
    for (const auto& [key, record] : queries.at(result.query_id).rows)
      own ^= protocol::signature_of(key.first, key.second, record.version());
    EXPECT_EQ(own, result.rows) << "of query " << result.query_id;
  }
}

void Browser::apply(const protocol::Poke& poke) {
  ++pokes;
  ASSERT_GE(poke.version, cursor.version) << "versions never go backwards";
  cursor.version = poke.version;
  verdicts.insert(verdicts.end(), poke.verdicts.begin(), poke.verdicts.end());
  for (const protocol::Segment& segment : poke.segments) {
    auto body = protocol::decode_segment_body(segment.body);
    ASSERT_TRUE(body.ok());
    State& state = queries[segment.query_id];
    if (segment.kind == protocol::Segment::Kind::snapshot) {
      ++state.snapshots;
      state.kept += segment.kept.size();
      std::erase_if(state.rows, [&](const auto& entry) {
        return std::none_of(
            segment.kept.begin(), segment.kept.end(), [&](const protocol::Held& held) {
              return held.collection == entry.first.first && held.id == entry.first.second;
            });
      });
      state.groups.clear();
    } else {
      ASSERT_GT(state.snapshots, 0u) << "a delta before the first snapshot";
      ++state.deltas;
    }
    for (const base::Bytes& put : body->puts) {
      auto record = model::Record::from_bytes(world.domain().schema, put);
      ASSERT_TRUE(record.ok()) << record.error().message;
      ASSERT_LE(record->version(), poke.version);
      ++state.puts;
      state.rows[{record->collection().id(), record->id()}] = *record;
    }
    for (const auto& removal : body->removals) {
      ASSERT_EQ(state.rows.erase({removal.collection, removal.id}), 1u)
          << "a removal of what was not there";
    }
    for (const auto& group : body->groups) {
      std::erase_if(state.groups, [&](const auto& old) { return old.row.key == group.row.key; });
      if (!group.removed) state.groups.push_back(group);
    }
  }
}

const model::Verdict* Browser::verdict(std::uint64_t sequence) const {
  for (auto entry = verdicts.rbegin(); entry != verdicts.rend(); ++entry) {
    if (entry->second.sequence == sequence) return &entry->second;
  }
  return nullptr;
}

std::set<base::Id> Browser::ids(std::uint32_t query_id) const {
  std::set<base::Id> result;
  const auto found = queries.find(query_id);
  if (found == queries.end()) return result;
  for (const auto& entry : found->second.rows) result.insert(entry.first.second);
  return result;
}

model::Record Browser::row(std::uint32_t query_id, model::CollectionId collection,
                           std::uint32_t id) const {
  const auto found = queries.find(query_id);
  if (found == queries.end()) return {};
  const auto row = found->second.rows.find({collection, test_id(id)});
  return row == found->second.rows.end() ? model::Record() : row->second;
}

authority::Submission submission(std::vector<model::Mutation> mutations) {
  authority::Submission result;
  result.actor = {test_id(1), mutation::Role::admin};
  result.mutations = std::move(mutations);
  return result;
}

model::Record card(World& world, std::uint32_t id) {
  return *world.storage().sources().source(kCards).get(test_id(id));
}

model::Mutation with_base(model::Mutation mutation, std::uint32_t card_id, model::Version version) {
  mutation.bases.push_back({kCards, test_id(card_id), model::kNoField, version});
  return mutation;
}

}  // namespace syncline::tests
