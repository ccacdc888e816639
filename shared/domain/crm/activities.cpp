#include "domain/crm/activities.hpp"

#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

Status before_activity(Transaction& tx, const Record& before, RecordBuilder& after) {
  if (!before && after.get(Activity::at).is_null()) after.set(Activity::at, tx.now());
  return author_by_default<Activity::user_id>(tx, before, after);
}

}  // namespace

mutation::CollectionRules activity_rules() { return make_rules(kActivitiesId, before_activity); }

}  // namespace syncline::domain::crm
