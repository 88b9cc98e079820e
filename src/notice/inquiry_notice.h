// SPDX-License-Identifier: Apache-2.0
// The mail that asks the addressee whether to go on with a scenario (spec 2.10): a link, or a reply that begins with OK
// or NG.
#pragma once

#include "core/vocabulary.h"
#include "notice/report.h"

#include <string>

namespace ringpost::notice
{
inline constexpr std::string_view inquiry_media_type = "application/vnd.ringpost.inquiry";

struct InquiryFacts
{
    std::string request_number;
    std::string sender;                ///< mail address of the one who asks
    std::string name;                  ///< as the sender signs; may be empty
    std::string subject;               ///< of the original mail, UTF-8
    Medium content = Medium::exchange; ///< what is performed after a yes
    std::string destination_number;
    std::string source_number;
    std::string link; ///< of the page that takes the answer; may be empty
    Instant until{};  ///< silence until then is a no
};

/// The mail, as written by write(Report).
[[nodiscard]] std::string inquiry_notice(const Heading& heading, const InquiryFacts& facts);

/// What is said over the telephone. `name`: who asks; may be empty.
/// The sentence that asks for the PIN before a confidential content, as it is spoken.
[[nodiscard]] std::string_view spoken_pin_question(Language language);

[[nodiscard]] std::string spoken_inquiry(Language language, const std::string& name);

/// What the addressee is asked, one sentence: `Shall 2001 and 2000 be connected now?`
[[nodiscard]] std::string inquiry_question(Language language, const InquiryFacts& facts);
} // namespace ringpost::notice
