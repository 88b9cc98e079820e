// SPDX-License-Identifier: Apache-2.0
// Keys pressed during a call, heard in its sound (ITU-T Q.23, Q.24). By spandsp. For ports whose exchange does not
// report digits by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct dtmf_rx_state_s; // spandsp

namespace ringpost::media
{
/// One for each direction of each call; no thread of its own.
class ToneDetector
{
public:
    ToneDetector();
    ~ToneDetector();
    ToneDetector(ToneDetector&&) noexcept = default;
    ToneDetector& operator=(ToneDetector&&) noexcept = default;

    /// The next samples (8 kHz), any number. Returns the keys that began in them: `0`-`9`, `A`-`D`, `*`, `#`; a key is
    /// told once, however long it is held.
    [[nodiscard]] std::string feed(std::span<const std::int16_t> samples);

private:
    struct Release
    {
        void operator()(dtmf_rx_state_s* state) const;
    };
    std::unique_ptr<dtmf_rx_state_s, Release> state_;
};
} // namespace ringpost::media
