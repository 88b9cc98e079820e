// SPDX-License-Identifier: Apache-2.0
// What a hostile text may show of itself in an answer. Private to scenario.
#pragma once

#include "media/ascii.h"
#include "media/charset.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace ringpost::scenario
{
/// In quotes, at most its first 60 octets, printable UTF-8.
[[nodiscard]] inline std::string quoted(std::string_view text)
{
    constexpr std::size_t longest = 60;
    std::string start(text.substr(0, longest));
    std::replace_if(start.begin(), start.end(), media::is_control, '?');
    return "\"" + media::repaired_utf8(start) + (text.size() > longest ? "…\"" : "\"");
}
} // namespace ringpost::scenario
