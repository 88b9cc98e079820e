// SPDX-License-Identifier: Apache-2.0
// Whatever a header says comes out as valid UTF-8 of bounded length.
#include "media/address_list.h"
#include "media/charset.h"
#include "media/encoded_word.h"
#include "media/header_block.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const std::string value(data, data + size);
    const auto decoded = decode_encoded_words(value);
    if (!valid_utf8(decoded) || decoded.size() > 8 * size)
    {
        std::abort();
    }
    static_cast<void>(parameters(value).items.size());
    static_cast<void>(parse_address_list(value).has_value());
    return 0;
}
