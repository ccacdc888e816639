// A schema for tests: `groups` and `items`, with a field of every type, references to another collection and to its own.
#pragma once

#include <string_view>

#include "syncline/model/record.hpp"
#include "syncline/model/schema.hpp"

namespace syncline::tests {

inline constexpr model::CollectionId kGroups = 1;
inline constexpr model::CollectionId kItems = 2;

inline constexpr std::string_view kStatusOptions[] = {"new", "open", "done"};
inline constexpr std::string_view kColorOptions[] = {"blue", "green", "red"};

inline constexpr model::FieldSpec kGroupFields[] = {
    model::text(8, "name").require(),
    model::integer(9, "position"),
    model::reference(10, "parentId", kGroups),
};
inline constexpr model::FieldId kGroupName = 8;
inline constexpr model::FieldId kGroupPosition = 9;
inline constexpr model::FieldId kGroupParent = 10;

inline constexpr model::FieldSpec kItemFields[] = {
    model::text(8, "title"),
    model::long_text(9, "notes"),
    model::integer(10, "score"),
    model::money(11, "price"),
    model::boolean(12, "active"),
    model::enumeration(13, "status", kStatusOptions),
    model::text_set(14, "colors", kColorOptions),
    model::timestamp(15, "seenAt"),
    model::date(16, "dueOn"),
    model::reference(17, "groupId", kGroups),
    model::reference(18, "relatedId", kItems),
    model::text(19, "code").require().make_unique(),
};
inline constexpr model::FieldId kTitle = 8;
inline constexpr model::FieldId kNotes = 9;
inline constexpr model::FieldId kScore = 10;
inline constexpr model::FieldId kPrice = 11;
inline constexpr model::FieldId kActive = 12;
inline constexpr model::FieldId kStatus = 13;
inline constexpr model::FieldId kColors = 14;
inline constexpr model::FieldId kSeenAt = 15;
inline constexpr model::FieldId kDueOn = 16;
inline constexpr model::FieldId kGroup = 17;
inline constexpr model::FieldId kRelated = 18;
inline constexpr model::FieldId kCode = 19;

[[nodiscard]] const model::Schema& test_schema();

// The id whose last bytes are `number`; ordered by number.
[[nodiscard]] base::Id test_id(std::uint32_t number);

struct FieldValue {
  model::FieldId field;
  model::Value value;
};
// A record with these values.
[[nodiscard]] model::Record make_record(const model::Schema& schema, model::CollectionId collection,
                                        base::Id id, const std::vector<FieldValue>& values,
                                        model::Version version = 1);
[[nodiscard]] model::Record make_item(std::uint32_t id, const std::vector<FieldValue>& values,
                                      model::Version version = 1);
[[nodiscard]] model::Record make_group(std::uint32_t id, const std::vector<FieldValue>& values,
                                       model::Version version = 1);

}  // namespace syncline::tests
