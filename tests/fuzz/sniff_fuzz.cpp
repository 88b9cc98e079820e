// SPDX-License-Identifier: Apache-2.0
// Whatever octets are, they are named; an MPEG frame is never longer than one can be.
#include "media/mpeg_frame.h"
#include "media/sniff.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const std::string octets(data, data + size);
    const auto format = voice_format("audio/wav", octets);
    const bool named = !describe(sniff(octets)).empty() && !to_string(sniff(octets)).empty();
    // Layer II of MPEG 2.5, 160 kbit/s at 8 kHz, and an octet of padding.
    const bool bounded = mpeg_frame_size(octets).value_or(0) <= 2881;
    const bool explained = format || !format.error().text().empty();
    return named && bounded && explained && voice_format("audio/basic", octets).has_value() == !octets.empty()
               ? 0
               : (std::abort(), 1);
}
