// SPDX-License-Identifier: Apache-2.0
// What became of a mail for one recipient at the next server.
#pragma once

#include "mta/relay/reply_reader.h"

#include <string>

namespace ringpost::mta
{
struct Outcome
{
    enum class Kind
    {
        delivered, ///< the other server has taken over the responsibility (RFC 5321 6.1)
        temporary, ///< to be tried again
        permanent
    };

    Kind kind = Kind::temporary;
    int code = 0;         ///< of the deciding reply; 0: there was none
    std::string enhanced; ///< its enhanced code; empty: none
    std::string text;     ///< printable ASCII, without the codes
    std::string asked;    ///< what the reply is to, such as `RCPT TO`; empty: nothing, or there was none
};

/// The outcome that a reply stands for; 3xx, which decides nothing, counts as temporary.
[[nodiscard]] Outcome outcome_of(const ServerReply& reply);

/// The mail cannot be read where it is stored. Why is for the log: it names files.
[[nodiscard]] Outcome unreadable_mail();
} // namespace ringpost::mta
