// SPDX-License-Identifier: Apache-2.0
// Makes values that strangers chose (subjects, addresses, replies of other servers) harmless before they are inserted
// into a notice. Nothing that these functions return holds a CR, LF, NUL or other control character.
// Source: RFC 5322 2.2 (fields), RFC 3629 (UTF-8), RFC 6533 3 (\x{…} for what is not ASCII).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringpost::notice
{
/// For sentences: UTF-8 on one line. Line ends and tabs become blanks; other controls and characters that change the
/// reading direction go; octets that are not UTF-8 become U+FFFD; what exceeds `limit` octets is cut with an ellipsis.
[[nodiscard]] std::string clean_text(std::string_view value, std::size_t limit = 200);

/// clean_text(), or `instead` where nothing is left of the value.
[[nodiscard]] std::string clean_text_or(std::string_view value, std::string_view instead);

/// For fields of a machine part: printable ASCII on one line, blanks at the ends taken away. A character beyond ASCII
/// is written `\x{HEX}`; cut at `limit` octets.
[[nodiscard]] std::string clean_ascii(std::string_view value, std::size_t limit = 900);

/// For `<…>`: as clean_ascii(), without angle brackets and blanks.
[[nodiscard]] std::string clean_address(std::string_view value, std::size_t limit = 400);

/// For a host or domain name: letters, digits and `.-_:[]` only.
[[nodiscard]] std::string clean_domain(std::string_view value);
} // namespace ringpost::notice
