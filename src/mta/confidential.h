// SPDX-License-Identifier: Apache-2.0
// What confidential asks of a gateway that takes a mail (spec 2.3).
#pragma once

#include "core/result.h"
#include "core/submitter.h"
#include "media/mail_analysis.h"
#include "store/vault.h"

#include <string_view>

namespace ringpost::mta
{
/// `Ringpost-Service: confidential`, or `Sensitivity: private` or `company-confidential`; of strangers it means
/// nothing.
[[nodiscard]] bool is_confidential(const media::MailAnalysis& analysis, Standing standing);
/// The same for the beginning of a mail, with its whole header.
[[nodiscard]] bool asks_confidential(std::string_view mail, const ScanLimits& limits, Standing standing);
/// Errc::refused: there is no key to keep such a mail.
[[nodiscard]] Result<> check_confidential(const store::Vault& vault);
} // namespace ringpost::mta
