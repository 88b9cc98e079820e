// SPDX-License-Identifier: Apache-2.0
// The languages in which notices are written (spec 2.7).
#pragma once

#include <string_view>

namespace ringpost::notice
{
enum class Language
{
    en,
    ja
};

/// From a language tag (RFC 5646) as the directory has it: `ja` and `ja-…` are Japanese, all else English.
[[nodiscard]] constexpr Language language_from_tag(std::string_view tag)
{
    const bool japanese = tag.size() >= 2 && (tag[0] == 'j' || tag[0] == 'J') && (tag[1] == 'a' || tag[1] == 'A') &&
                          (tag.size() == 2 || tag[2] == '-' || tag[2] == '_');
    return japanese ? Language::ja : Language::en;
}

/// The tag for Content-Language (RFC 3282).
[[nodiscard]] constexpr std::string_view tag(Language language)
{
    return language == Language::ja ? "ja" : "en";
}
} // namespace ringpost::notice
