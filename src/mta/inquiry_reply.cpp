// SPDX-License-Identifier: Apache-2.0
#include "mta/inquiry_reply.h"

#include "mta/answered_mail.h"
#include "service/notices.h"

namespace ringpost::mta
{
std::optional<service::InquiryReply> inquiry_reply(const media::MailAnalysis& mail)
{
    const bool yes = mail.first_word_of_text == "OK";
    if (mail.automatic || (!yes && mail.first_word_of_text != "NG"))
    {
        return std::nullopt;
    }
    const auto inquiry = answered_mail(mail, service::inquiry_of_mail);
    if (!inquiry)
    {
        return std::nullopt;
    }
    return service::InquiryReply{inquiry->request, inquiry->step, yes};
}
} // namespace ringpost::mta
