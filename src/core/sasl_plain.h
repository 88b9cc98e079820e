// SPDX-License-Identifier: Apache-2.0
// The one message of the SASL mechanism PLAIN (RFC 4616 2), as SMTP AUTH and POP3 AUTH decode it from Base64.
#pragma once

#include <optional>
#include <string_view>

namespace ringpost
{
struct SaslPlain
{
    std::string_view login;
    std::string_view secret;
    /// Nobody may act as somebody else: another authorization identity than the login is a failed login.
    bool as_another = false;
};

/// message = [authzid] NUL authcid NUL passwd; nullopt where it is anything else. The views are into `message`.
[[nodiscard]] inline std::optional<SaslPlain> read_sasl_plain(std::string_view message)
{
    const std::size_t first = message.find('\0');
    const std::size_t second = first == std::string_view::npos ? first : message.find('\0', first + 1);
    if (second == std::string_view::npos || message.find('\0', second + 1) != std::string_view::npos)
    {
        return std::nullopt;
    }
    const std::string_view authorise_as = message.substr(0, first);
    const std::string_view login = message.substr(first + 1, second - first - 1);
    return SaslPlain{login, message.substr(second + 1), !authorise_as.empty() && authorise_as != login};
}
} // namespace ringpost
