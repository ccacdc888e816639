// Users: the people who log in. Passwords and sessions live outside the schema (SEMANTICS 39).
#pragma once

#include "domain/collections.hpp"
#include "syncline/model/field.hpp"

namespace syncline::domain::platform {

// In the order of mutation::Role.
inline constexpr std::string_view kUserRoles[] = {"admin", "manager", "agent", "engineer",
                                                  "viewer"};

inline constexpr model::FieldSpec kUserFields[] = {
    model::text(8, "email").require().make_unique().with_format(model::TextFormat::email),
    model::text(9, "name").require(),
    model::enumeration(10, "role", kUserRoles).require().with_default("viewer"),
    model::text(11, "title"),
    model::text(12, "phone").with_format(model::TextFormat::phone),
    model::text(13, "avatarColor").with_format(model::TextFormat::color),
    model::boolean(14, "canLogIn").require().with_default("true"),
    model::reference(15, "managerId", kUsersId),
    model::timestamp(16, "lastSeenAt")
        .make_read_only()
        .with_policy(model::Policy::last_writer_wins),
};

struct User {
  static constexpr model::FieldId email = model::field_id(kUserFields, "email");
  static constexpr model::FieldId name = model::field_id(kUserFields, "name");
  static constexpr model::FieldId role = model::field_id(kUserFields, "role");
  static constexpr model::FieldId title = model::field_id(kUserFields, "title");
  static constexpr model::FieldId phone = model::field_id(kUserFields, "phone");
  static constexpr model::FieldId avatar_color = model::field_id(kUserFields, "avatarColor");
  static constexpr model::FieldId can_log_in = model::field_id(kUserFields, "canLogIn");
  static constexpr model::FieldId manager_id = model::field_id(kUserFields, "managerId");
  static constexpr model::FieldId last_seen_at = model::field_id(kUserFields, "lastSeenAt");
};

inline constexpr model::CollectionSpec kUsers = {
    .id = kUsersId,
    .module = "platform",
    .name = "users",
    .singular = "user",
    .type_name = "User",
    .api_path = "/api/users",
    .title_field = User::name,
    .fields = kUserFields,
};

}  // namespace syncline::domain::platform
