// A schema with a field of every type, and random records of it, for the tests of this folder.
#pragma once

#include <string>

#include "syncline/base/random.hpp"
#include "syncline/model/order.hpp"
#include "syncline/model/record.hpp"
#include "syncline/model/schema.hpp"

namespace syncline::model::sample {

inline constexpr CollectionId kOwners = 1;
inline constexpr CollectionId kThings = 2;

inline constexpr std::string_view kStates[] = {"new", "open", "done"};
inline constexpr std::string_view kKinds[] = {"customer", "supplier", "carrier"};

inline constexpr FieldSpec kOwnerFields[] = {text(8, "name").require().make_unique()};
inline constexpr FieldSpec kThingFields[] = {
    text(8, "name").require(),
    long_text(9, "notes").with_policy(Policy::merge_text),
    boolean(10, "active").with_default("true"),
    integer(11, "count").between(-10, 1000),
    money(12, "price"),
    enumeration(13, "state", kStates).with_default("open"),
    text_set(14, "tags"),
    text_set(15, "kinds", kKinds),
    reference(16, "ownerId", kOwners).when_target_deleted(OnDelete::cascade),
    timestamp(17, "at"),
    date(18, "on"),
    text(20, "email").with_format(TextFormat::email),
};

inline constexpr CollectionSpec kSpecs[] = {
    {kOwners, "sample", "owners", "owner", "Owner", "/api/owners", 8, kOwnerFields},
    {kThings, "sample", "things", "thing", "Thing", "/api/things", 8, kThingFields},
};

inline const Schema& schema() {
  static const Schema made({kSpecs[0], kSpecs[1]});
  return made;
}
inline const Collection& things() { return schema().collection(kThings); }
inline const FieldSpec& thing_field(std::string_view name) { return things().find(name)->spec; }

inline base::Id id(std::uint8_t last) {
  base::Id made;
  made.bytes[15] = last;
  return made;
}

// Short texts of few letters, so that equal ones and equal foldings are common.
inline std::string random_text(base::Random& random) {
  static constexpr std::string_view kPieces[] = {
      "a",  "A", "b",       "B",      "z", "9",  "1", " ",  "-", "_",  "%",
      "\\", "ä", "a\u0308", "Ä",      "ß", "ss", "é", "ø",  "Ł", "日", "本",
      "한", "ﬁ", "fi",      "\u0301", "Ω", "ω",  "٣", "中", "😀", "Å"};
  std::string made;
  for (std::uint64_t left = random.below(6); left > 0; --left)
    made += kPieces[random.index(std::size(kPieces))];
  return made;
}

inline Value random_value(base::Random& random, const FieldSpec& field) {
  if (random.below(4) == 0) return {};
  switch (field.type) {
    case FieldType::boolean: return random.below(2) == 0;
    case FieldType::integer: return static_cast<std::int64_t>(random.below(7)) - 3;
    case FieldType::decimal:
      return Decimal{static_cast<std::int64_t>(random.below(500)) - 250, field.scale};
    case FieldType::text:
    case FieldType::long_text: return random_text(random);
    case FieldType::enumeration:
      return static_cast<std::int64_t>(random.below(field.options.size()));
    case FieldType::set: {
      std::vector<std::string> items;
      for (std::uint64_t left = random.below(4); left > 0; --left)
        items.push_back(random_text(random));
      return make_text_set(std::move(items));
    }
    case FieldType::reference: return id(static_cast<std::uint8_t>(random.below(4)));
    case FieldType::timestamp:
      return base::Timestamp{static_cast<std::int64_t>(random.next() >> 24)};
    case FieldType::date:
      return base::Date{static_cast<std::int32_t>(random.below(40'000)) - 20'000};
  }
  return {};
}

inline Record random_thing(base::Random& random) {
  base::Id made;
  made.bytes[0] = static_cast<std::uint8_t>(random.next());
  made.bytes[15] = static_cast<std::uint8_t>(random.next());
  RecordBuilder builder(things(), made);
  builder.set_version(random.below(1000));
  for (const Field& field : things().fields()) {
    if (field.slot != kNoSlot) builder.set(field.spec.id, random_value(random, field.spec));
  }
  return builder.build();
}

}  // namespace syncline::model::sample
