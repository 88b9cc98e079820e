// SPDX-License-Identifier: Apache-2.0
// Cancel by replying to the completed notice with CANCEL as first word (spec 3). The Message-ID of such a notice says
// which request it is about (service/notices), and the reply names it in In-Reply-To or References.
#pragma once

#include "media/mail_analysis.h"

#include <optional>

namespace ringpost::mta
{
/// The cancel request that a mail is as a reply; nullopt: it is none.
[[nodiscard]] std::optional<media::ExchangeInformation> cancel_by_reply(const media::MailAnalysis& mail);
} // namespace ringpost::mta
