// SPDX-License-Identifier: Apache-2.0
#include "media/foreign_exchange.h"

#include "media/ascii.h"

namespace ringpost::media
{
std::string rename_foreign_exchange(std::string_view octets)
{
    constexpr std::string_view name = "Ringpost-Exchange";
    std::string out;
    out.reserve(octets.size() + 64);
    while (!octets.empty())
    {
        const auto newline = octets.find('\n');
        const auto line = octets.substr(0, newline == std::string_view::npos ? newline : newline + 1);
        if (line == "\r\n" || line == "\n")
        {
            break;
        }
        const auto colon = istarts_with(line, name) ? line.find_first_not_of(" \t", name.size()) : line.npos;
        out += colon != line.npos && line[colon] == ':' ? "X-Foreign-" : "";
        out += line;
        octets.remove_prefix(line.size());
    }
    out += octets;
    return out;
}
} // namespace ringpost::media
