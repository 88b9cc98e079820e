// SPDX-License-Identifier: Apache-2.0
// Text in the forms that mail headers and bodies want. Whatever goes in, no line break of it reaches a header.
#pragma once

#include <string>
#include <string_view>

namespace ringpost::command
{
/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view text);

/// An unstructured header value: as it is when short and plain, else RFC 2047 encoded words, folded. Control characters
/// become blanks. `text` must be UTF-8.
[[nodiscard]] std::string header_text(std::string_view text);

/// A parameter on its own folded line, `;CRLF name="value"`, or `name*=UTF-8''…` (RFC 2231) for anything but plain
/// ASCII.
[[nodiscard]] std::string parameter(std::string_view name, std::string_view value);
} // namespace ringpost::command
