// Three-way merge of texts by lines: the policy merge_text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace syncline::mutation {

// Both sides' changes of `base` in one text; nullopt where they changed the same or adjoining lines differently.
[[nodiscard]] std::optional<std::string> merge_text(std::string_view base, std::string_view mine,
                                                    std::string_view theirs);

}  // namespace syncline::mutation
