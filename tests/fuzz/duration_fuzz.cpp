// SPDX-License-Identifier: Apache-2.0
#include "core/duration.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost;
    const std::string text(data, data + size);
    const auto duration = parse_duration(text, Smallest::milliseconds);
    if (duration && parse_duration(format_duration(*duration), Smallest::milliseconds).value() != *duration)
    {
        std::abort();
    }
    const auto whole_second = [](Instant instant) { return std::chrono::floor<std::chrono::seconds>(instant); };
    const auto time = parse_rfc3339(text);
    const Instant first = parse_rfc3339("0000-01-01T00:00:00Z").value();
    const Instant last = parse_rfc3339("9999-12-31T23:59:59Z").value();
    if (time && *time >= first && *time <= last && parse_rfc3339(format_rfc3339(*time)).value() != whole_second(*time))
    {
        std::abort();
    }
    const auto mail = parse_mail_date(text);
    if (mail && *mail <= last && *mail >= parse_rfc3339("1900-01-01T00:00:00Z").value() &&
        parse_mail_date(format_mail_date(*mail)).value() != *mail)
    {
        std::abort();
    }
    return 0;
}
