// The ids of all collections, stable for ever: never renumber or reuse. Modules of one layer name each other's collections
// by these and include nothing else of each other (SEMANTICS 38).
#pragma once

#include "syncline/model/field.hpp"

namespace syncline::domain {

// Platform: 1-31.
inline constexpr model::CollectionId kUsersId = 1;

// CRM: 32-63.
inline constexpr model::CollectionId kLeadSourcesId = 32;
inline constexpr model::CollectionId kCompaniesId = 33;
inline constexpr model::CollectionId kContactsId = 34;
inline constexpr model::CollectionId kLeadsId = 35;
inline constexpr model::CollectionId kDealStagesId = 36;
inline constexpr model::CollectionId kDealsId = 37;
inline constexpr model::CollectionId kActivitiesId = 38;
inline constexpr model::CollectionId kTaskCategoriesId = 39;
inline constexpr model::CollectionId kTasksId = 40;
inline constexpr model::CollectionId kPhoneCallsId = 41;

// ERP: 64-95. Real estate: 96-111. Service desk: 112-127.

inline constexpr model::CollectionId kCollectionIds[] = {
    kUsersId, kLeadSourcesId, kCompaniesId,      kContactsId, kLeadsId,      kDealStagesId,
    kDealsId, kActivitiesId,  kTaskCategoriesId, kTasksId,    kPhoneCallsId,
};

}  // namespace syncline::domain
