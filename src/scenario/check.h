// SPDX-License-Identifier: Apache-2.0
// A scenario beside the mail that it is in: whether what it names is there and can be processed, and what a mail
// without a scenario stands for (spec 2.2, 2.6, 2.9).
#pragma once

#include "core/result.h"
#include "media/contents.h"
#include "scenario/script.h"

#include <optional>
#include <vector>

namespace ringpost::scenario
{
/// How a script names the exchange information of a mail: by its number where it is a part (also one that is an
/// attachment `*.exchange`), else `message exchange`; nullopt where the mail has none. `has_exchange_information`: the
/// mail has an order by whatever way (part, header fields, address, text).
[[nodiscard]] std::optional<Reference> exchange_of(const std::vector<media::Content>& contents,
                                                   bool has_exchange_information);

/// Whether a step can process it: exchange information, voice, FAX images, PDF (faxed), and text that has a text/plain
/// (spoken or faxed), in a transfer encoding that is known. A scenario and anything else cannot be.
[[nodiscard]] bool can_process(const media::Content& content);

/// Every content that the script names is in the mail and can be processed; `message exchange` needs exchange
/// information that is not a part. Errc::malformed; where() is `line N`. That there are not two exchange informations
/// or scenarios is media::analyse()'s matter.
[[nodiscard]] Result<> check(const Script& script, const std::vector<media::Content>& contents,
                             bool has_exchange_information);

/// The script that a mail without a scenario stands for: its voice and FAX contents (`audio/*`, `image/tiff`) in order,
/// one after the other, then the exchange information. Each but the last is `or continue`: that nobody took a FAX is no
/// reason not to connect the telephones. Without exchange information no steps: it is ordinary mail.
[[nodiscard]] Script implied(const std::vector<media::Content>& contents, bool has_exchange_information);

/// The script of a mail to a FAX address (spec 2.8): one step that names the first of its documents, with which the
/// others are sent. Signatures and exchange information are none. Errc::malformed: what else is in the mail cannot be
/// sent by FAX, or nothing is; where() is the content.
[[nodiscard]] Result<Script> faxed(const std::vector<media::Content>& contents);
} // namespace ringpost::scenario
