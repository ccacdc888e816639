#include "wasm/instance.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include "syncline/query/canonical.hpp"
#include "syncline/query/predicate.hpp"
#include "wasm/messages.hpp"

namespace syncline::wasm {

using base::Timestamp;
using protocol::SpanReader;

namespace {

constexpr std::uint32_t kPendingFlag = 1;
constexpr std::size_t kKeptInputWords = std::size_t{64} * 1024 / 8;

std::size_t words(std::size_t bytes) { return (bytes + 7) / 8; }

}  // namespace

std::uint8_t* Instance::input(std::size_t size) {
  if (in_.size() < words(size)) in_.resize(words(size));
  return reinterpret_cast<std::uint8_t*>(in_.data());
}

std::int32_t Instance::answer(base::ByteView bytes) {
  SYNC_CHECK(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()),
             "an answer above 2 GiB");
  if (out_.size() < words(bytes.size())) out_.resize(words(bytes.size()));
  if (!bytes.empty()) std::memcpy(out_.data(), bytes.data(), bytes.size());
  out_size_ = bytes.size();
  return static_cast<std::int32_t>(bytes.size());
}

std::int32_t Instance::refuse(const base::Error& error) {
  writer_.clear();
  writer_(error);
  (void)answer(writer_.view());
  return kRefused;
}

std::int32_t Instance::die(const char* what) {
  core_.reset();
  dead_ = true;
  try {
    (void)refuse(base::Error(base::Code::internal, what));
  } catch (...) {
    out_size_ = 0;  // no memory even for the reason
  }
  return kDead;
}

template <class Body>
std::int32_t Instance::guarded(const Body& body) {
  if (dead_) return kDead;
  try {
    return body();
  } catch (const protocol::Malformed& failure) {
    return refuse(base::Error(base::Code::malformed, "The command cannot be read at " +
                                                         std::to_string(failure.offset) + ": " +
                                                         failure.what + "."));
  } catch (const std::exception& failure) {
    return die(failure.what());
  } catch (...) {
    return die("something was thrown that is no error");
  }
}

std::int32_t Instance::call(std::size_t size, double now) {
  return guarded([&] {
    SpanReader in(
        {reinterpret_cast<const std::uint8_t*>(in_.data()), std::min(size, in_.size() * 8)});
    std::uint8_t number = 0;
    in(number);
    if (number > static_cast<std::uint8_t>(Command::undo_accepted)) in.fail("an unknown command");
    if (!std::isfinite(now)) in.fail("a time that is no number");
    const auto command = static_cast<Command>(number);
    if ((command == Command::create) == (core_ != nullptr)) in.fail("create comes first, and once");
    writer_.clear();
    const base::Status status = run(command, in, Timestamp{static_cast<std::int64_t>(now)});
    // Rows came in by the megabyte: their room is worth more to the rows.
    if (in_.size() > kKeptInputWords) in_ = {};
    if (!status.ok()) return refuse(status.error());
    return answer(writer_.view());
  });
}

base::Status Instance::run(Command command, SpanReader& in, Timestamp now) {
  switch (command) {
    case Command::create: create(in); break;
    case Command::restore: return restore(in, now);
    case Command::set_token: core_->set_token(read<std::string>(in), now); break;
    case Command::set_online: core_->set_online(read<bool>(in), now); break;
    case Command::retry_now:
      in.finish();
      core_->retry_now(now);
      break;
    case Command::stop:
      in.finish();
      core_->stop(now);
      break;
    case Command::subscribe: return subscribe(in, now);
    case Command::unsubscribe: {
      const auto query = read<std::uint32_t>(in);
      core_->unsubscribe(query, now);
      includes_.erase(query);
      break;
    }
    case Command::mutate: mutate(in, now, false); break;
    case Command::mutate_accepted: mutate(in, now, true); break;
    case Command::undo_accepted: mutate(in, now, true, true); break;
    case Command::undo: answer_mutate(core_->undo(read<bool>(in), now)); break;
    case Command::draft: return draft(in, now);
    case Command::opened:
      in.finish();
      core_->opened(now);
      break;
    case Command::received: core_->received(in.rest(), now); break;
    case Command::closed:
      in.finish();
      core_->closed(now);
      break;
    case Command::stored: core_->stored(read<model::MutationId>(in), now); break;
    case Command::timeout:
      in.finish();
      core_->timeout(now);
      break;
    case Command::received_part: core_->received_part(in.rest()); break;
    case Command::restore_rows: return core_->restore_rows(in.rest(), now);
    case Command::set_window: {
      std::uint32_t query = 0;
      client::Window window;
      in(query, window.first, window.count);
      in.finish();
      core_->set_window(query, window);
      break;
    }
  }
  return {};
}

void Instance::create(SpanReader& in) {
  client::CoreOptions options;
  std::uint8_t role = 0;
  in(options.client, options.seed, options.user, role);
  if (role >= mutation::kRoleCount) in.fail("an unknown role");
  options.role = static_cast<mutation::Role>(role);
  user_ = options.user;
  in.finish();
  core_ = std::make_unique<client::ClientCore>(domain_, std::move(options));
}

base::Status Instance::restore(SpanReader& in, Timestamp now) {
  std::vector<model::Mutation> outbox;
  std::vector<base::Bytes> mutations;
  std::vector<base::Id> earlier;
  in(mutations, earlier);
  in.finish();
  for (const base::Bytes& bytes : mutations) {
    SpanReader one(bytes);
    outbox.push_back(read<model::Mutation>(one));
  }
  core_->restore(outbox, std::move(earlier), now);
  return {};
}

base::Status Instance::subscribe(SpanReader& in, Timestamp now) {
  query::Query query;
  client::Window window;
  in(query, window.first, window.count);
  in.finish();
  SYNC_ASSIGN(const client::QueryId id, core_->subscribe(query, now, window));
  // As written by the host, so that links follow its order; the core's own form is canonical.
  SYNC_ASSIGN(query::Query checked, query::check(domain_.schema, query));
  std::vector<query::Include> includes = query::bind(std::move(checked), user_).includes;
  // Most queries have none: their windows are packed without looking for any.
  if (!includes.empty()) includes_[id] = std::move(includes);
  writer_(id);
  return {};
}

void Instance::mutate(SpanReader& in, Timestamp now, bool accepted, bool is_undo) {
  std::string name;
  model::Arguments arguments;
  std::vector<model::BaseVersion> bases;
  in(name, arguments, bases);
  in.finish();
  answer_mutate(core_->mutate(std::move(name), std::move(arguments), std::move(bases), now,
                              accepted, is_undo));
}

base::Status Instance::draft(SpanReader& in, Timestamp now) {
  enum Action : std::uint8_t { edit, commit, others, commit_accepted = 7 };
  std::uint8_t action = 0;
  client::DraftId draft = 0;
  model::CollectionId collection = 0;
  base::Id record;
  model::FieldId field = 0;
  model::Value value;
  model::Version version = 0;
  in(action, draft, collection, record, field, value, version);
  in.finish();
  if (action == edit) {
    SYNC_ASSIGN(draft, core_->edit(collection, record));
    writer_(draft);
    return {};
  }
  if (action == commit || action == commit_accepted) {
    answer_mutate(core_->commit(draft, now, action == commit_accepted));
    return {};
  }
  using Change = client::ClientCore::DraftAction;
  if (action - others > static_cast<int>(Change::begin)) in.fail("an unknown action");
  return core_->change_draft(static_cast<Change>(action - others), draft, field, value, version);
}

void Instance::answer_mutate(const client::MutateAnswer& made) {
  writer_(made.id, made.status.ok() ? base::Error(base::Code::ok, "") : made.status.error(),
          made.certain, made.result);
  if (made.made) writer_(made.made->name, made.made->arguments, made.made->bases);
}

std::int32_t Instance::poll() {
  return guarded([&]() -> std::int32_t {
    out_size_ = 0;
    if (core_ == nullptr) return 0;
    writer_.clear();
    if (const auto effect = core_->poll_effect()) {
      write_effect(writer_, *effect);
    } else if (const auto update = core_->poll_view()) {
      write_update(writer_, *update);
    } else {
      return 0;
    }
    return answer(writer_.view());
  });
}

void Instance::append_number(std::uint32_t number) {
  const std::size_t at = packed_.size();
  packed_.resize(at + sizeof(number));
  base::store_le(packed_.data() + at, number);
}

void Instance::append_packed(const model::Record& record) {
  append_number(core_->is_pending(record.collection().id(), record.id()) ? kPendingFlag : 0);
  append_number(0);
  packed_.insert(packed_.end(), record.bytes().begin(), record.bytes().end());
}

void Instance::link(const std::vector<query::Include>& includes, const model::Record& row,
                    Related& related) const {
  for (const query::Include& include : includes) {
    const std::vector<model::Record> records = core_->included(include, row);
    related.links.push_back(static_cast<std::uint32_t>(records.size()));
    for (const model::Record& record : records) {
      const auto [at, fresh] =
          related.index.try_emplace({record.collection().id(), record.id()},
                                    static_cast<std::uint32_t>(related.records.size()));
      if (fresh) related.records.push_back(record);
      related.links.push_back(at->second);
      link(include.includes, record, related);
    }
  }
}

std::int32_t Instance::window(std::uint32_t query, std::uint32_t first, std::uint32_t count) {
  return guarded([&] {
    const ivm::OrderedView* view = core_ ? core_->view(query) : nullptr;
    if (view == nullptr)
      return refuse(base::Error(base::Code::not_found, "There is no such query."));
    const std::size_t size = view->rows().size();
    const std::size_t begin = std::min<std::size_t>(first, size);
    const std::size_t end = std::min<std::size_t>(begin + count, size);
    Related related;
    const auto includes = includes_.find(query);
    for (std::size_t at = begin; includes != includes_.end() && at < end; ++at)
      link(includes->second, view->rows()[at], related);
    packed_.clear();
    append_number(static_cast<std::uint32_t>(size));
    append_number(static_cast<std::uint32_t>(begin));
    append_number(static_cast<std::uint32_t>(end - begin));
    append_number(static_cast<std::uint32_t>(related.records.size()));
    for (std::size_t at = begin; at < end; ++at) append_packed(view->rows()[at]);
    for (const model::Record& record : related.records) append_packed(record);
    for (const std::uint32_t number : related.links) append_number(number);
    return answer(packed_);
  });
}

std::int32_t Instance::groups(std::uint32_t query) {
  return guarded([&] {
    const ivm::OrderedView* view = core_ ? core_->view(query) : nullptr;
    if (view == nullptr)
      return refuse(base::Error(base::Code::not_found, "There is no such query."));
    writer_.clear();
    writer_(view->groups());
    return answer(writer_.view());
  });
}

std::int32_t Instance::explain(std::uint32_t query) {
  return guarded([&] {
    const client::QueryFacts facts = core_ ? core_->facts(query) : client::QueryFacts();
    packed_.clear();
    for (const std::uint32_t number :
         {static_cast<std::uint32_t>(facts.status), facts.routed_by, std::uint32_t{facts.field},
          std::uint32_t{facts.pending}, facts.rows, facts.held, facts.bytes, facts.hydrated,
          facts.routed, facts.altered, facts.mismatches})
      append_number(number);
    return answer(packed_);
  });
}

std::int32_t Instance::record(std::uint32_t collection, bool confirmed) {
  return guarded([&]() -> std::int32_t {
    out_size_ = 0;
    if (core_ == nullptr || collection >= model::kNoCollection) return 0;
    const base::Id id = base::id_from_bytes(input(16));
    const auto number = static_cast<model::CollectionId>(collection);
    const model::Record found = confirmed ? core_->confirmed(number, id) : core_->get(number, id);
    if (!found) return 0;
    packed_.clear();
    append_packed(found);
    return answer(packed_);
  });
}

std::int32_t Instance::persist() {
  return guarded([&] {
    if (core_ == nullptr)
      return refuse(base::Error(base::Code::unavailable, "There is no core yet."));
    return answer(core_->persist());
  });
}

double Instance::next_timeout() const {
  const auto due = core_ ? core_->next_timeout() : std::nullopt;
  return due ? static_cast<double>(due->ms) : std::numeric_limits<double>::infinity();
}

std::int32_t Instance::status(std::uint32_t query) const {
  const auto failed = static_cast<std::int32_t>(client::QueryStatus::failed);
  return core_ ? static_cast<std::int32_t>(core_->status(query)) : failed;
}

}  // namespace syncline::wasm
