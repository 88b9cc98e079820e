// SPDX-License-Identifier: Apache-2.0
// Writes the `Field: value` lines of machine parts (spec 2.7, RFC 3464 2.1).
#pragma once

#include "notice/values.h"

#include <string>
#include <string_view>

namespace ringpost::notice
{
/// Appends `name: value` LF with the value cleaned; nothing where it is empty.
inline void append_field(std::string& out, std::string_view name, std::string_view value)
{
    const auto clean = clean_ascii(value);
    if (!clean.empty())
    {
        out.append(name).append(": ").append(clean).append("\n");
    }
}
} // namespace ringpost::notice
