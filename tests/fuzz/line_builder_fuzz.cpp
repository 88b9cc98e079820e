// SPDX-License-Identifier: Apache-2.0
#include "core/line_builder.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost;
    const std::string text(data, data + size);
    const std::size_t limit = size % 17;
    LineBuilder whole(limit);
    const std::size_t used = whole.add(text);
    LineBuilder trickled(limit);
    std::size_t trickled_used = 0;
    while (!trickled.complete() && trickled_used < size)
    {
        trickled_used += trickled.add(std::string_view(text).substr(trickled_used, 1));
    }
    if (used != trickled_used || whole.complete() != trickled.complete())
    {
        std::abort();
    }
    if (whole.complete())
    {
        const auto a = whole.take("");
        const auto b = trickled.take("");
        if (a.has_value() != b.has_value() ||
            (a && (a->text != b->text || a->bare_lf != b->bare_lf || a->text.size() > limit)))
        {
            std::abort();
        }
    }
    return 0;
}
