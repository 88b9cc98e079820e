// SPDX-License-Identifier: Apache-2.0
#include "mta/cancel_reply.h"

#include "service/notices.h"

namespace ringpost::mta
{
namespace
{
/// The mail that this one answers: what In-Reply-To names, else the last of References (RFC 5322 3.6.4). An older
/// notice in the same thread is not answered by it.
std::optional<std::string> answered_request(const media::MailAnalysis& mail)
{
    for (const auto& id : mail.in_reply_to)
    {
        if (auto request = service::request_of_notice(id))
        {
            return request;
        }
    }
    const bool by_references = mail.in_reply_to.empty() && !mail.references.empty();
    return by_references ? service::request_of_notice(mail.references.back()) : std::nullopt;
}
} // namespace

std::optional<media::ExchangeInformation> cancel_by_reply(const media::MailAnalysis& mail)
{
    if (mail.first_word_of_text != "CANCEL" || mail.automatic)
    {
        return std::nullopt;
    }
    const auto request = answered_request(mail);
    media::ExchangeInformation info;
    info.request = RequestKind::cancel;
    // What somebody made up as a Message-ID is no request number.
    if (!request || media::set_field(info, "Reference", *request).has_error())
    {
        return std::nullopt;
    }
    return info;
}
} // namespace ringpost::mta
