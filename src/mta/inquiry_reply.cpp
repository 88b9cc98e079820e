// SPDX-License-Identifier: Apache-2.0
#include "mta/inquiry_reply.h"

#include "service/notices.h"

namespace ringpost::mta
{
namespace
{
/// As for CANCEL: what In-Reply-To names, else the last of References (RFC 5322 3.6.4).
std::optional<service::InquiryName> answered_inquiry(const media::MailAnalysis& mail)
{
    for (const auto& id : mail.in_reply_to)
    {
        if (auto inquiry = service::inquiry_of_mail(id))
        {
            return inquiry;
        }
    }
    const bool by_references = mail.in_reply_to.empty() && !mail.references.empty();
    return by_references ? service::inquiry_of_mail(mail.references.back()) : std::nullopt;
}
} // namespace

std::optional<service::InquiryReply> inquiry_reply(const media::MailAnalysis& mail)
{
    const bool yes = mail.first_word_of_text == "OK";
    if (mail.automatic || (!yes && mail.first_word_of_text != "NG"))
    {
        return std::nullopt;
    }
    const auto inquiry = answered_inquiry(mail);
    if (!inquiry)
    {
        return std::nullopt;
    }
    return service::InquiryReply{inquiry->request, inquiry->step, yes};
}
} // namespace ringpost::mta
