#include "syncline/client/persisted.hpp"

#include <string>
#include <utility>

#include "syncline/protocol/span_archive.hpp"

namespace syncline::client {

namespace {

constexpr std::uint32_t kLayout = 2;

struct Header {
  std::uint32_t layout = kLayout;
  std::uint64_t schema_hash = 0;
  base::Id user;
  protocol::Cursor cursor;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(layout, schema_hash, user, cursor);
  }
};

struct StoredKey {
  model::CollectionId collection = model::kNoCollection;
  base::Id id;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(collection, id);
  }
};
struct StoredQuery {
  query::Query query;
  std::vector<StoredKey> held;
  std::vector<ivm::AggregateRow> groups;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(query, held, groups);
  }
};
struct Content {
  std::vector<StoredQuery> queries;
  std::vector<base::Bytes> rows;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(queries, rows);
  }
};

}  // namespace

base::Bytes write_persisted(const model::Schema& schema, const base::Id& user,
                            const protocol::Cursor& cursor, const Replica& replica,
                            const LiveQueries& queries) {
  Header header;
  header.schema_hash = schema.hash();
  header.user = user;
  header.cursor = cursor;
  Content content;
  for (const LiveQueries::Kept& kept : queries.keep()) {
    StoredQuery stored;
    stored.query = kept.query;
    stored.groups = kept.groups;
    for (const RowKey& key : kept.held) stored.held.push_back({key.collection, key.id});
    content.queries.push_back(std::move(stored));
  }
  replica.for_each_confirmed([&](const model::Record& row) {
    content.rows.emplace_back(row.bytes().begin(), row.bytes().end());
  });
  protocol::SpanWriter ar;
  ar(header, content);
  return ar.take();
}

base::Result<Persisted> read_persisted(base::ByteView blob, const model::Schema& schema,
                                       const base::Id& user) {
  Header header;
  Content content;
  try {
    protocol::SpanReader ar(blob);
    ar(header);
    if (header.layout != kLayout || header.schema_hash != schema.hash()) {
      return base::Error(base::Code::upgrade_required, "The stored rows are of another version.");
    }
    if (!(header.user == user))
      return base::Error(base::Code::forbidden, "The stored rows are another user's.");
    ar(content);
    ar.finish();
  } catch (const protocol::Malformed& failure) {
    return base::Error(base::Code::malformed,
                       std::string("The stored rows cannot be read: ") + failure.what + ".");
  }
  Persisted persisted;
  persisted.cursor = header.cursor;
  for (const base::Bytes& bytes : content.rows) {
    SYNC_ASSIGN(model::Record row, model::Record::from_bytes(schema, bytes));
    persisted.rows.push_back(std::move(row));
  }
  for (StoredQuery& stored : content.queries) {
    LiveQueries::Kept kept;
    kept.query = std::move(stored.query);
    kept.groups = std::move(stored.groups);
    for (const StoredKey& key : stored.held) kept.held.push_back({key.collection, key.id});
    persisted.queries.push_back(std::move(kept));
  }
  return persisted;
}

}  // namespace syncline::client
