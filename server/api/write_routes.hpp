// POST, PATCH, PUT, DELETE of records, their actions, and POST /api/mutate. Each answers the call, now or later.
#pragma once

#include "server/api/call.hpp"

namespace syncline::server::api {

using ServicePtr = std::shared_ptr<const Service>;

// `parent`: the reference that a nested path sets; kNoField for none.
void create_record(const ServicePtr& service, const CallPtr& call,
                   const model::Collection& collection, model::FieldId parent,
                   const base::Id& parent_id);
void patch_record(const ServicePtr& service, const CallPtr& call,
                  const model::Collection& collection, const base::Id& id);
void replace_record(const ServicePtr& service, const CallPtr& call,
                    const model::Collection& collection, const base::Id& id);
void remove_record(const ServicePtr& service, const CallPtr& call,
                   const model::Collection& collection, const base::Id& id);
void run_action(const ServicePtr& service, const CallPtr& call,
                const mutation::MutatorSpec& mutator, const base::Id& id);
void run_mutations(const ServicePtr& service, const CallPtr& call);

}  // namespace syncline::server::api
