// SPDX-License-Identifier: Apache-2.0
// The tags of any TIFF are read within the file and its limits, and pages that are written are read back.
#include "media/fax_tiff.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const std::string octets(data, data + size);
    constexpr std::size_t limit = 20;
    const auto images = read_tiff_images(octets, limit);
    if (images.has_error() ? images.error().text().empty() : images->empty() || images->size() > limit)
    {
        std::abort();
    }
    const auto pages = read_fax_pages(octets, limit);
    if (pages.has_value())
    {
        const auto again = read_fax_pages(write_fax_tiff(*pages), limit);
        if (again.has_error() || *again != *pages)
        {
            std::abort();
        }
    }
    return 0;
}
