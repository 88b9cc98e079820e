// SPDX-License-Identifier: Apache-2.0
// An order or its error, never both; no foreign Ringpost-Exchange is left after renaming; contents lie in the mail.
#include "media/charset.h"
#include "media/mail_analysis.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost;
    const std::string mail(data, data + size);
    const ScanLimits limits{1000, 4000, 50, 5, 20, 1000};
    const auto out = media::analyse(mail, limits);
    bool good = !(out.order && out.order_error) && media::valid_utf8(out.subject) &&
                media::valid_utf8(out.from_display_name) && !(out.beyond_limits && !out.contents.empty());
    for (const media::Content& content : out.contents)
    {
        good = good && content.body.octets.begin <= content.body.octets.end && content.body.octets.end <= mail.size();
        static_cast<void>(media::decoded(mail, content, 1000).has_value());
    }
    const auto renamed = media::analyse(media::rename_foreign_exchange(mail), limits);
    if (!good || renamed.ringpost_exchange || renamed.foreign_ringpost_exchange)
    {
        std::abort();
    }
    return 0;
}
