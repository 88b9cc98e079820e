// SPDX-License-Identifier: Apache-2.0
// Netstrings (D. J. Bernstein, 1997): `5:hello,`. The frames of baresip's ctrl_tcp module.
#pragma once

#include "core/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::pbx::baresip
{
[[nodiscard]] std::string netstring(std::string_view text);

/// Cuts a stream of octets, whatever pieces it comes in, into the texts of its netstrings.
class NetstringReader
{
public:
    /// `limit`: octets of one text.
    explicit NetstringReader(std::size_t limit) : limit_(limit) {}

    void feed(std::string_view octets) { buffer_.append(octets); }
    /// The next text; nullopt until it has come whole. Errc::malformed: no netstring; Errc::too_large: it is longer
    /// than the limit. After an error the stream cannot be read any more: the same error again.
    [[nodiscard]] Result<std::optional<std::string>> next();

private:
    std::size_t limit_;
    std::string buffer_;
    std::size_t begin_ = 0;
};
} // namespace ringpost::pbx::baresip
