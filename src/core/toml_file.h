// SPDX-License-Identifier: Apache-2.0
// Reading TOML 1.0.0 by toml++ 3.3, whose assertions abort on some malformed input (`[)`, `a=[}`) although an error
// for it follows, and which has undefined behaviour on letters beyond ASCII outside strings. The first are switched off
// here, the common ones of the second are found before it sees them. Files are the administrator's: strangers send no
// TOML. Include this, never toml++ itself, so that all see the same.
#pragma once

#include "core/result.h"

#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

#include <string>
#include <string_view>

namespace ringpost
{
/// The text of a file of at most 1 MiB. Errc::io: it cannot be read; Errc::malformed: it is larger.
[[nodiscard]] Result<std::string> read_toml_file(const std::string& path);

/// Errc::malformed with `where` = `<name>:<line>`.
[[nodiscard]] Result<toml::table> parse_toml(std::string_view text, const std::string& name);
} // namespace ringpost
