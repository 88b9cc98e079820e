// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/dot_stuffer.h"

#include <algorithm>

namespace ringpost::mta
{
std::string DotStuffer::encode(std::string_view octets)
{
    std::string result;
    result.reserve(octets.size() + octets.size() / 64 + 4);
    std::size_t at = 0;
    std::size_t cr = 0; // the next CR; looked for once, as there may be many bare LF before it
    while (at < octets.size())
    {
        if (cr_)
        {
            cr_ = false;
            at += octets[at] == '\n' ? 1 : 0;
            result += "\r\n";
            line_start_ = true;
            continue;
        }
        if (line_start_ && octets[at] == '.')
        {
            result += '.';
        }
        if (cr < at || cr == 0)
        {
            cr = std::min(octets.find('\r', at), octets.size());
        }
        const std::size_t end = std::min(octets.substr(0, cr).find('\n', at), cr);
        result += octets.substr(at, end - at);
        line_start_ = line_start_ && end == at;
        at = end;
        if (at < octets.size())
        {
            // A bare LF is a line end that lacks its CR: the pending CR brings the whole one.
            cr_ = true;
            at += octets[at] == '\r' ? 1 : 0;
        }
    }
    return result;
}

std::string DotStuffer::finish()
{
    const bool complete = line_start_ && !cr_;
    return complete ? ".\r\n" : "\r\n.\r\n";
}
} // namespace ringpost::mta
