#include "tests/simulation/checker.hpp"

#include <algorithm>

#include "syncline/protocol/codec.hpp"
#include "tests/simulation/rights.hpp"
#include "tests/support/describe.hpp"

namespace syncline::simulation {

using base::to_string;
using tests::Item;
using tests::kItemsId;

namespace {

constexpr std::size_t kViolationsMax = 20;
constexpr std::size_t kSystem = ~std::size_t{0};

std::string name_of(const model::MutationId& id) {
  return to_string(id.client) + ":" + std::to_string(id.sequence);
}

bool is_success(model::Outcome outcome) {
  return outcome == model::Outcome::applied || outcome == model::Outcome::merged;
}

}  // namespace

void Checker::violated(const std::string& promise) {
  if (violations_.size() >= kViolationsMax) return;
  violations_.push_back(to_string(agenda_.now()) + " " + subject_ + promise);
}

// ---- the log

void Checker::durable(const std::vector<authority::LogEntry>& entries) {
  for (const authority::LogEntry& entry : entries) {
    if (entry.version != version_ + 1)
      violated("commit " + std::to_string(entry.version) + " follows " + std::to_string(version_));
    version_ = entry.version;
    const auto found = mutations_.find({entry.mutation.client, entry.mutation.sequence});
    const bool by_system = entry.user.is_nil();
    if (found == mutations_.end() && !by_system)
      violated("nobody made the mutation " + name_of(entry.mutation) + " that was applied");
    if (found != mutations_.end()) {
      Known& known = found->second;
      if (known.logged != 0) violated("applied twice: " + name_of(entry.mutation));
      known.logged = entry.version;
      if (known.mutation.name != entry.mutator)
        violated("another mutation was applied under the number of " + name_of(entry.mutation));
      const auto later = std::next(found);
      if (later != mutations_.end() && later->first.first == entry.mutation.client &&
          later->second.logged != 0)
        violated("applied after a later one: " + name_of(entry.mutation));
    }
    for (const model::Change& change : entry.changes.changes) {
      if (found != mutations_.end()) {
        check_conflicts(found->second, change);
        if (found->second.undo) check_undo(found->second.profile, *found->second.undo, change);
      }
      note_writes(found == mutations_.end() ? kSystem : found->second.profile,
                  entry.mutation.client, change);
      if (change.after && change.after.version() != entry.version)
        violated("a row of commit " + std::to_string(entry.version) + " says it is of " +
                 std::to_string(change.after.version()));
      rows_.apply(change);
      if (change.kind == model::ChangeKind::insert && change.collection().id() == kItemsId) {
        if (std::find(items_.begin(), items_.end(), change.id()) == items_.end()) {
          items_.push_back(change.id());
        } else {
          restored_[change.id()] = entry.version;
        }
        items_by_code_[std::string(change.after.text(Item::code))] = change.id();
      }
    }
  }
}

void Checker::told_of_commit(const authority::LogEntry& entry) {
  if (entry.version > version_)
    violated("told of commit " + std::to_string(entry.version) + " which is not on the disk");
  if (entry.version != told_ + 1)
    violated("told of commit " + std::to_string(entry.version) + " after " + std::to_string(told_));
  told_ = entry.version;
}

void Checker::started(authority::Storage& disk) {
  told_ = disk.version();
  if (disk.version() != version_)
    violated("the disk is at commit " + std::to_string(disk.version()) + ", not " +
             std::to_string(version_));
}

void Checker::answered(const model::Verdict& verdict) {
  if (is_success(verdict.outcome) && verdict.version > version_)
    violated("answered before it was on the disk");
}

// ---- the wire

void Checker::opened(std::uint64_t connection, std::size_t backlog_bytes_max) {
  links_[connection].unsent_max = backlog_bytes_max;
}

void Checker::knows(std::uint64_t connection, const base::Id& user) {
  links_[connection].user = user;
}

void Checker::handed_over(std::uint64_t connection, std::size_t bytes) {
  Link& link = links_[connection];
  link.unsent -= std::min(bytes, link.unsent);
}

void Checker::leaves_server(std::uint64_t connection, base::ByteView frame) {
  Link& link = links_[connection];
  subject_ = "connection " + std::to_string(connection) + " of " + to_string(link.user) + ": ";
  check_frame(link, frame);
  subject_.clear();
}

void Checker::check_frame(Link& link, base::ByteView frame) {
  const auto message = protocol::decode_server_message(frame);
  if (!message.ok()) return violated("a frame that nobody can read");
  check_bytes(link, frame);
  if (const auto* poke = std::get_if<protocol::Poke>(&*message)) {
    if (link.unsent > link.unsent_max)
      violated("rows for one who still has " + std::to_string(link.unsent) + " bytes to read");
    check_poke(link, *poke);
  }
  link.unsent += frame.size();
  const auto* failure = std::get_if<protocol::Failure>(&*message);
  if (failure == nullptr) return;
  using base::Code;
  const Code code = failure->error.code;
  if (code != Code::token_expired && code != Code::unauthenticated && code != Code::storage_failed)
    violated("a connection failed: " + failure->error.message);
}

void Checker::check_poke(Link& link, const protocol::Poke& poke) {
  if (poke.version < link.version) violated("versions went backwards on a connection");
  if (poke.version != version_)
    violated("a poke of version " + std::to_string(poke.version) + " at " +
             std::to_string(version_));
  link.version = poke.version;
  for (const auto& [client, verdict] : poke.verdicts) {
    judged({client, verdict.sequence}, verdict);
    for (const model::Conflict& conflict : verdict.conflicts) {
      const auto row = rows_.get(conflict.collection, conflict.record);
      if (row && !as_seen(rows_, link.user, *row)) violated("a conflict tells of a hidden row");
    }
  }
  for (const protocol::Segment& segment : poke.segments) {
    const auto body = protocol::decode_segment_body(segment.body);
    if (!body.ok()) return violated("a segment that nobody can read");
    for (const base::Bytes& put : body->puts) {
      const auto row = model::Record::from_bytes(schema_, put);
      if (!row.ok()) return violated("a row that nobody can read");
      check_put(link, *row);
    }
    for (const protocol::Held& kept : segment.kept) {
      const auto row = rows_.get(kept.collection, kept.id);
      if (!row || row->version() != kept.version) {
        violated("told to keep an old row");
      } else if (!as_seen(rows_, link.user, *row)) {
        violated("told to keep a hidden row");
      }
    }
  }
}

void Checker::check_put(const Link& link, const model::Record& row) {
  const auto current = rows_.get(row.collection().id(), row.id());
  if (!current) return violated("a row that is not there: " + tests::describe(row));
  const model::Record seen = as_seen(rows_, link.user, *current);
  if (!seen) return violated("a hidden row: " + tests::describe(row));
  if (!(seen == row))
    violated("a row that is not as it is: " + tests::describe(row) + " instead of " +
             tests::describe(seen));
}

// Whatever the frame means: it has no code of an item in it that its reader may not read now.
void Checker::check_bytes(const Link& link, base::ByteView frame) {
  static constexpr std::string_view kMark = "code-";
  const std::string_view text(reinterpret_cast<const char*>(frame.data()), frame.size());
  for (auto at = text.find(kMark); at != text.npos; at = text.find(kMark, at + 1)) {
    const auto known = items_by_code_.find(text.substr(at, kMark.size() + 6));
    if (known == items_by_code_.end()) continue;
    const auto row = rows_.get(kItemsId, known->second);
    if (!row || !as_seen(rows_, link.user, *row))
      violated("bytes of a hidden row: " + known->first);
  }
}

// ---- mutations

void Checker::leaves_browser(base::ByteView frame) {
  const auto message = protocol::decode_client_message(frame);
  if (!message.ok()) return violated("a browser's frame that nobody can read");
  const auto* push = std::get_if<protocol::Push>(&*message);
  if (push == nullptr) return;
  for (const model::Mutation& mutation : push->mutations) {
    const auto found = mutations_.find({mutation.id.client, mutation.id.sequence});
    if (found == mutations_.end() || !found->second.stored || !found->second.unstored.empty()) {
      violated("sent before it was stored: " + name_of(mutation.id));
    } else if (!(*found->second.stored == mutation)) {
      violated("sent otherwise than it was made: " + name_of(mutation.id));
    }
  }
}

void Checker::judged(const model::MutationId& id, const model::Verdict& verdict) {
  const auto found = mutations_.find({id.client, id.sequence});
  if (found == mutations_.end()) return violated("a verdict on what nobody made");
  Known& known = found->second;
  if (is_success(verdict.outcome)) {
    if (known.logged == 0 && !changes_nothing(known.mutation, verdict.version))
      violated("acknowledged but not in the log: " + name_of(id));
    if (known.logged != 0 && known.logged != verdict.version)
      violated("acknowledged with the version of another commit: " + name_of(id));
  } else if (known.logged != 0) {
    violated("refused but in the log: " + name_of(id));
  }
  if (known.judged && known.outcome != verdict.outcome)
    violated("another verdict than before: " + name_of(id));
  check_told_conflicts(known, verdict);
  known.judged = true;
  known.outcome = verdict.outcome;
}

void Checker::settled(const model::MutationId& id, const model::Verdict& verdict) {
  judged(id, verdict);
  const auto found = mutations_.find({id.client, id.sequence});
  if (found != mutations_.end()) found->second.settled = true;
}

void Checker::disconnected(const std::string& reason) {
  if (reason == "a broken frame" || reason == "a poke that cannot be applied")
    violated("a browser could not read: " + reason);
}

}  // namespace syncline::simulation
