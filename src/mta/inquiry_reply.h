// SPDX-License-Identifier: Apache-2.0
// The addressee's answer to an inquiry mail: a reply whose first word is OK or NG (spec 2.10). The Message-ID of the
// inquiry says which it is (service/notices), and the reply names it in In-Reply-To or References.
#pragma once

#include "media/mail_analysis.h"
#include "service/order.h"

#include <optional>

namespace ringpost::mta
{
/// The answer that a mail is as a reply; nullopt: it is none.
[[nodiscard]] std::optional<service::InquiryReply> inquiry_reply(const media::MailAnalysis& mail);
} // namespace ringpost::mta
