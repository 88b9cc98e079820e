// SPDX-License-Identifier: Apache-2.0
// The encodings that keep a notice within 7 bits and short lines. Source: RFC 2045 6.7 and 6.8, RFC 2047 4.1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringpost::notice
{
/// A body in its transfer encoding: 7 bit, lines of at most 998 octets, every line ended by CRLF.
struct EncodedBody
{
    std::string_view transfer_encoding; ///< `7bit`, `quoted-printable` or `base64`
    std::string octets;
};

/// UTF-8 text with LF or CRLF line ends: 7bit where it is ASCII in lines of at most `line_limit` octets, else
/// base64 or quoted-printable, whichever is likely to be the shorter one.
[[nodiscard]] EncodedBody encode_text(std::string_view text, std::size_t line_limit);

/// Header octets of any kind: 7bit where they allow it, else quoted-printable, in which most stays readable.
[[nodiscard]] EncodedBody encode_headers(std::string_view octets);

/// RFC 2047 encoded-words on folded lines, for a field whose name and colon take at most 12 octets. `utf8` must be
/// valid.
[[nodiscard]] std::string encoded_words(std::string_view utf8);

/// Breaks paragraphs at blanks so that lines have at most `width` octets, where words allow it.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t width);
} // namespace ringpost::notice
