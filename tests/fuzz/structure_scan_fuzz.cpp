// SPDX-License-Identifier: Apache-2.0
// Parts lie inside the mail, leaves do not overlap, mimetic is stopped at its limits.
#include "media/mime_reader.h"
#include "media/structure_scan.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost;
    const std::string mail(data, data + size);
    const ScanLimits limits{1000, 4000, 20, 5, 20, 100};
    const auto structure = media::scan_structure(mail, limits);
    if (!structure)
    {
        return structure.error().where().starts_with("scan.") ? 0 : (std::abort(), 1);
    }
    std::size_t end = 0;
    for (const media::Part& part : structure->parts)
    {
        const bool inside = part.header_begin <= part.body.begin && part.body.begin <= part.body.end &&
                            part.body.end <= mail.size() && part.level <= limits.levels;
        if (!inside || part.header_begin < end)
        {
            std::abort();
        }
        end = part.multipart ? part.body.begin : part.body.end;
    }
    if (structure->leaf_count() > limits.parts)
    {
        std::abort();
    }
    static_cast<void>(media::agrees_with_mimetic(mail, *structure, limits).has_value());
    return 0;
}
