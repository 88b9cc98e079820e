// SPDX-License-Identifier: Apache-2.0
// Decoding is bounded, and base64 gives back what was encoded.
#include "core/base64.h"
#include "media/transfer_codec.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const std::string text(data, data + size);
    for (const auto encoding : {TransferEncoding::base64, TransferEncoding::quoted_printable})
    {
        const auto whole = decode(encoding, text, text.size());
        const auto cut = decode(encoding, text, 10, AtLimit::cut);
        if ((whole && (!cut || *cut != whole->substr(0, 10))) || (cut && cut->size() > 10))
        {
            std::abort();
        }
    }
    const auto again = decode(TransferEncoding::base64, ringpost::base64_lines(text), text.size());
    return again && *again == text ? 0 : (std::abort(), 1);
}
