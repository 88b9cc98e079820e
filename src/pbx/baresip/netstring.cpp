// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/netstring.h"

#include <algorithm>
#include <charconv>

namespace ringpost::pbx::baresip
{
namespace
{
constexpr std::size_t most_digits = 9;

Failure bad(Errc code, std::string text)
{
    return fail(code, "netstring", std::move(text));
}

/// What stands before the colon; nullopt: it has not come yet.
Result<std::optional<std::size_t>> length_of(std::string_view octets)
{
    const auto digits = std::min(octets.find_first_not_of("0123456789"), octets.size());
    const bool ended = digits < octets.size();
    if (digits > most_digits)
    {
        return bad(Errc::too_large, "the length has too many digits");
    }
    if ((ended && (octets[digits] != ':' || digits == 0)) || (digits > 1 && octets.front() == '0'))
    {
        return bad(Errc::malformed, "does not begin with a length and a colon");
    }
    if (!ended)
    {
        return std::optional<std::size_t>();
    }
    std::size_t length = 0;
    std::from_chars(octets.data(), octets.data() + digits, length);
    return std::optional(length);
}
} // namespace

std::string netstring(std::string_view text)
{
    return std::to_string(text.size()).append(":").append(text).append(",");
}

Result<std::optional<std::string>> NetstringReader::next()
{
    const std::string_view rest = std::string_view(buffer_).substr(begin_);
    const auto length = length_of(rest);
    if (length.has_error())
    {
        return length.error();
    }
    if (!*length)
    {
        buffer_.erase(0, begin_);
        begin_ = 0;
        return std::optional<std::string>();
    }
    if (**length > limit_)
    {
        return bad(Errc::too_large, "is longer than " + std::to_string(limit_) + " octets");
    }
    const std::size_t from = rest.find(':') + 1;
    if (rest.size() <= from + **length)
    {
        buffer_.erase(0, begin_);
        begin_ = 0;
        return std::optional<std::string>();
    }
    if (rest[from + **length] != ',')
    {
        return bad(Errc::malformed, "does not end in a comma");
    }
    begin_ += from + **length + 1;
    return std::optional(std::string(rest.substr(from, **length)));
}
} // namespace ringpost::pbx::baresip
