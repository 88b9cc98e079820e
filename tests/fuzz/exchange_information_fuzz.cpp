// SPDX-License-Identifier: Apache-2.0
// What was read is written and read back as the same.
#include "media/exchange_information.h"
#include "media/text_order.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const std::string text(data, data + size);
    const auto info = parse_exchange_information(text);
    if (info)
    {
        const auto again = parse_exchange_information(format_exchange_information(*info));
        if (!again || *again != *info)
        {
            std::abort();
        }
    }
    static_cast<void>(order_in_text(text).has_value());
    return first_word(text).size() <= 64 ? 0 : (std::abort(), 1);
}
