// A writer that writes nothing: mutators run with all their rules, over the database's rows and what earlier ones would have
// made of them. Thread rule: one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "server/app/writer.hpp"
#include "syncline/mutation/reader.hpp"

namespace syncline::server::app::import {

class DryRun final : public Writer, public mutation::Reader {
 public:
  // REQUIRES: both outlive it.
  DryRun(const mutation::Domain& domain, mutation::Reader& below, base::Timestamp now)
      : domain_(domain), below_(below), now_(now) {}

  [[nodiscard]] base::Result<std::vector<WriteOutcome>> write(
      std::vector<authority::Submission> submissions) override;
  [[nodiscard]] base::Status put_password_hash(const base::Id& user,
                                               const std::string& hash) override;

  // The rows as they would be.
  [[nodiscard]] base::Result<mutation::Lookup> get(model::CollectionId collection,
                                                   const base::Id& id) override;
  [[nodiscard]] base::Result<mutation::FindResult> find(const query::Query& query) override;

 private:
  using ValueKey = std::tuple<model::CollectionId, model::FieldId, std::string>;
  void put(const model::Change& change);
  [[nodiscard]] std::vector<model::Record> own_rows(const query::Query& query) const;

  const mutation::Domain& domain_;
  mutation::Reader& below_;
  const base::Timestamp now_;
  std::uint64_t sequence_ = 0;
  std::map<model::CollectionId, std::map<base::Id, model::Record>> rows_;  // no record: removed
  // By unique text fields, which every insert asks about.
  std::map<ValueKey, std::set<base::Id>> by_text_;
};

}  // namespace syncline::server::app::import
