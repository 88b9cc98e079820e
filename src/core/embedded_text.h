// SPDX-License-Identifier: Apache-2.0
// A text file compiled into the program (cmake/EmbedText.cmake): migrations, sample people.
#pragma once

#include <span>
#include <string_view>

namespace ringpost
{
struct EmbeddedText
{
    std::string_view name; ///< file name without its folder
    std::string_view text;
};
} // namespace ringpost
