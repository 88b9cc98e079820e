// SPDX-License-Identifier: Apache-2.0
// A recording is read within its limits or refused with a sentence, and the other readers take any octets.
#include "media/g726.h"
#include "media/wave.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const std::string octets(data, data + size);
    const VoiceLimits limits{std::chrono::seconds(2), 100'000};
    for (const auto& pcm : {read_wav(octets, limits), read_snd(octets, limits)})
    {
        // A few samples more may come from rounding in the filter.
        const bool good = pcm && !pcm->samples.empty() && pcm->samples.size() <= samples_in(limits.length) + 8;
        const bool refused = pcm.has_error() && !pcm.error().text().empty();
        if (!good && !refused)
        {
            std::abort();
        }
    }
    return decode_g726_32(octets).samples.size() == size * 2 ? 0 : (std::abort(), 1);
}
