// Drafts: records that somebody is editing (SEMANTICS 2, 24). A draft holds the values of the fields that were touched, each
// with what its author saw when that field's edit began. When somebody else changes such a field, it is marked at once, and
// its author says which value is to stay; own changes elsewhere are no conflict, and where the field's policy merges there is
// nothing to say. A draft may be opened before its record is here. Thread rule: one thread.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "syncline/client/pending_log.hpp"
#include "syncline/client/replica.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::client {

using DraftId = std::uint32_t;

struct DraftField {
  model::FieldId field = model::kNoField;
  model::Value mine;
  base::Error error{base::Code::ok, ""};  // of `mine`
  bool conflict = false;
  model::Value theirs;        // conflict
  base::Timestamp at;         // conflict: when the record was changed
  model::Version judged = 0;  // the record's version as of which there is a conflict, or none

  // As its author saw it: on the screen, and as the server's word; and which version that was.
  model::Value base;
  model::Value server;
  model::Version version = 0;
  // `mine` is its author's word: it stays, though for a while the same may be there.
  bool typed = false;
  bool begun = false;  // by name, and held though nothing is edited
  // What an own change made of it since, as that version; kept until the record is here as that or a later one.
  std::optional<model::Value> own;
  model::Version own_version = 0;
  // Somebody else's word is there, but a pending value of our own lies over it.
  bool unseen = false;
  // A conflict went out of sight under a change of our own before its author said which value is to stay.
  bool undecided = false;
};
struct Draft {
  RowKey key;
  bool deleted = false;   // the record is gone
  bool restores = false;  // and its author wants it back
  bool changed = false;   // since it was told last
  std::vector<DraftField> fields;
};

class Drafts {
 public:
  Drafts(const mutation::Domain& domain, Replica& replica, const PendingLog& log)
      : schema_(domain.schema), registry_(domain.registry), replica_(replica), log_(log) {}

  // Errors of all: not_found: no such collection, respectively draft.
  [[nodiscard]] base::Result<DraftId> open(const RowKey& key);
  // The edit of a field begins with what its author sees, which may be older than what is here. Without it the first set()
  // begins with what is here.
  [[nodiscard]] base::Status begin(DraftId draft, model::FieldId field, const model::Value& seen,
                                   model::Version version);
  // A value that is what its author saw is no edit any more.
  [[nodiscard]] base::Status set(DraftId draft, model::FieldId field, const model::Value& value);
  // Of a conflict: what its author has seen of the other's, which may be older than what is here, or, where another core was
  // asked for it first, newer. Of a deleted record: it comes back with what was edited.
  [[nodiscard]] base::Status keep_mine(DraftId draft, model::FieldId field,
                                       const model::Value& theirs, model::Version version);
  // The edit of the field ends.
  [[nodiscard]] base::Status take_theirs(DraftId draft, model::FieldId field);
  // Name, arguments and bases of the update, or restoration, that it makes. Errors: not_found; where it is not `accepted` yet
  // also invalid, conflict, each with the fields concerned.
  [[nodiscard]] base::Result<model::Mutation> update(DraftId draft, bool accepted);
  // The server's word of its fields, where nobody else has spoken since their edit began.
  [[nodiscard]] std::vector<Word> known_words(DraftId draft) const;
  // Its values are a mutation's now.
  void committed(DraftId draft);
  void close(DraftId draft) { drafts_.erase(draft); }
  // A write of our own became this version: what it wrote is nobody else's word.
  void applied(const model::Arguments& written, model::Version version);

  // After every step: marks what somebody else changed.
  void look();
  // One of which there is news.
  [[nodiscard]] std::optional<std::pair<DraftId, Draft>> poll();

 private:
  [[nodiscard]] base::Result<Draft*> of(DraftId draft);
  void look_at(Draft& draft);
  // The author has seen the record as this version; the server's word in it, where it is not here, is taken to be what he saw.
  void see(const Draft& draft, DraftField& edit, model::Version version) const;
  DraftField& add(Draft& draft, model::FieldId field, const model::Value& seen,
                  model::Version version);

  const model::Schema& schema_;
  const mutation::Registry& registry_;
  Replica& replica_;
  const PendingLog& log_;
  std::map<DraftId, Draft> drafts_;
  DraftId last_ = 0;
};

}  // namespace syncline::client
