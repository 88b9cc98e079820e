// SPDX-License-Identifier: Apache-2.0
// Which of the gateway's own mails a reply answers.
#pragma once

#include "media/mail_analysis.h"

namespace ringpost::mta
{
/// What `read` makes of the Message-ID of the mail that this one answers: what In-Reply-To names, else the last of
/// References (RFC 5322 3.6.4). An older mail in the same thread is not answered by it. nullopt: it answers none that
/// `read` knows.
template <class Read>
auto answered_mail(const media::MailAnalysis& mail, Read read) -> decltype(read(mail.references.back()))
{
    for (const auto& id : mail.in_reply_to)
    {
        if (auto found = read(id))
        {
            return found;
        }
    }
    const bool by_references = mail.in_reply_to.empty() && !mail.references.empty();
    return by_references ? read(mail.references.back()) : std::nullopt;
}
} // namespace ringpost::mta
