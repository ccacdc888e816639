#include "tests/support/test_schema.hpp"

namespace syncline::tests {

const model::Schema& test_schema() {
  static const model::Schema schema({
      model::CollectionSpec{.id = kGroups,
                            .module = "test",
                            .name = "groups",
                            .singular = "group",
                            .type_name = "Group",
                            .api_path = "/api/groups",
                            .title_field = kGroupName,
                            .fields = kGroupFields},
      model::CollectionSpec{.id = kItems,
                            .module = "test",
                            .name = "items",
                            .singular = "item",
                            .type_name = "Item",
                            .api_path = "/api/items",
                            .title_field = kTitle,
                            .fields = kItemFields},
  });
  return schema;
}

base::Id test_id(std::uint32_t number) {
  base::Id id;
  for (std::size_t i = 0; i < 4; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

model::Record make_record(const model::Schema& schema, model::CollectionId collection, base::Id id,
                          const std::vector<FieldValue>& values, model::Version version) {
  model::RecordBuilder builder(schema.collection(collection), id);
  for (const FieldValue& value : values) builder.set(value.field, value.value);
  return builder.set_version(version).build();
}

model::Record make_item(std::uint32_t id, const std::vector<FieldValue>& values,
                        model::Version version) {
  return make_record(test_schema(), kItems, test_id(id), values, version);
}
model::Record make_group(std::uint32_t id, const std::vector<FieldValue>& values,
                         model::Version version) {
  return make_record(test_schema(), kGroups, test_id(id), values, version);
}

}  // namespace syncline::tests
