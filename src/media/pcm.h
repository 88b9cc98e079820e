// SPDX-License-Identifier: Apache-2.0
// Sound as the telephone has it: 8000 samples a second, mono, 16 bit linear.
#pragma once

#include "core/duration.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ringpost::media
{
inline constexpr std::uint32_t telephone_rate = 8000; ///< samples a second

/// A recording in memory.
struct Pcm
{
    std::vector<std::int16_t> samples;

    [[nodiscard]] Duration length() const
    {
        return Duration{static_cast<std::int64_t>(samples.size()) * 1'000'000 / telephone_rate};
    }
};

/// How many samples last that long; 0 for a negative duration.
[[nodiscard]] constexpr std::size_t samples_in(Duration duration)
{
    return duration.count() <= 0 ? 0 : static_cast<std::size_t>(duration.count()) / 1000 * telephone_rate / 1000;
}
} // namespace ringpost::media
