#include "server/app/writer.hpp"

#include "server/app/local_writer.hpp"
#include "server/app/remote_writer.hpp"

namespace syncline::server::app {

base::Result<std::unique_ptr<Writer>> open_writer(const std::string& database,
                                                  const mutation::Domain& domain) {
  if (auto remote = RemoteWriter::connect(database))
    return std::unique_ptr<Writer>(std::move(remote));
  SYNC_ASSIGN(auto local, LocalWriter::open(database, domain));
  return std::unique_ptr<Writer>(std::move(local));
}

authority::Submission as_system(model::Mutation mutation) {
  authority::Submission submission;
  submission.actor.role = mutation::Role::system;
  submission.mutations.push_back(std::move(mutation));
  return submission;
}

model::Mutation insertion(const mutation::Domain& domain, model::CollectionId collection,
                          model::Patch fields) {
  const auto* spec =
      domain.registry.find_generic(collection, mutation::MutatorSpec::Generic::insert);
  SYNC_CHECK(spec != nullptr, "every collection has an insert");
  model::Mutation mutation;
  mutation.name = spec->name;
  mutation.arguments = model::Arguments(std::move(fields));
  return mutation;
}

}  // namespace syncline::server::app
