// SPDX-License-Identifier: Apache-2.0
// Who submitted a mail or a request, as far as it was proved (spec 8). `From:` alone proves nothing.
#pragma once

#include "core/vocabulary.h"

#include <string>

namespace ringpost
{
enum class Standing
{
    stranger,
    own_user,   ///< SMTP AUTH (later: client certificate, console login) as that person
    peer,       ///< a gateway of the destination database that proved who it is
    own_gateway ///< notices and inquiries of this gateway; starts no call
};

template <>
struct Spelling<Standing>
{
    static constexpr std::array<std::pair<Standing, std::string_view>, 4> words{{
        {Standing::stranger, "stranger"},
        {Standing::own_user, "own-user"},
        {Standing::peer, "peer"},
        {Standing::own_gateway, "own-gateway"},
    }};
};

struct Submitter
{
    Standing standing = Standing::stranger;
    std::string name; ///< primary mail address of the user, or domain of the peer; empty for a stranger
};
} // namespace ringpost
