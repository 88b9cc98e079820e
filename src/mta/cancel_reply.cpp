// SPDX-License-Identifier: Apache-2.0
#include "mta/cancel_reply.h"

#include "mta/answered_mail.h"
#include "service/notices.h"

namespace ringpost::mta
{
std::optional<media::ExchangeInformation> cancel_by_reply(const media::MailAnalysis& mail)
{
    if (mail.first_word_of_text != "CANCEL" || mail.automatic)
    {
        return std::nullopt;
    }
    const auto request = answered_mail(mail, service::request_of_notice);
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
