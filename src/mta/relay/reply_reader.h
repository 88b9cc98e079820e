// SPDX-License-Identifier: Apache-2.0
// SMTP replies as a client reads them (RFC 5321 4.2), from octets however cut, within limits.
#pragma once

#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::mta
{
struct ServerReply
{
    int code = 0;                   ///< 200 to 599
    std::vector<std::string> lines; ///< text of each line, octets as received, at least one
};

/// Class of a reply's code.
[[nodiscard]] constexpr bool is_success(const ServerReply& reply)
{
    return reply.code / 100 == 2;
}
[[nodiscard]] constexpr bool is_permanent(const ServerReply& reply)
{
    return reply.code / 100 == 5;
}

class ReplyReader
{
public:
    void feed(std::string_view octets) { buffer_ += octets; }

    /// The next whole reply; nullopt: more octets are needed. Errc::malformed for what is no reply, Errc::too_large
    /// beyond 2048 octets in a line or 128 lines: nothing more can be read then.
    [[nodiscard]] Result<std::optional<ServerReply>> next();

    /// Octets that are not yet part of a reply given out.
    [[nodiscard]] bool empty() const { return at_ == buffer_.size() && current_.lines.empty(); }

private:
    [[nodiscard]] Result<bool> take_line(std::string_view line);

    std::string buffer_;
    std::size_t at_ = 0; ///< consumed octets of buffer_
    ServerReply current_;
};
} // namespace ringpost::mta
