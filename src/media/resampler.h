// SPDX-License-Identifier: Apache-2.0
// Any sampling rate to the telephone's, piece by piece. By libspeexdsp (windowed sinc: what lies above 4 kHz is
// filtered out and not folded back).
#pragma once

#include "media/pcm.h"

#include <memory>
#include <span>

struct SpeexResamplerState_; // libspeexdsp

namespace ringpost::media
{
class Resampler
{
public:
    /// `rate`: samples a second, 4000 to 192000.
    explicit Resampler(std::uint32_t rate);
    ~Resampler();
    Resampler(const Resampler&) = delete;
    Resampler& operator=(const Resampler&) = delete;

    /// Appends what these samples become. The filter's delay is taken off at the beginning …
    void feed(std::span<const std::int16_t> samples, Pcm& into);
    /// … and given out here: call it once, at the end.
    void finish(Pcm& into);

private:
    struct Release
    {
        void operator()(SpeexResamplerState_* state) const;
    };
    std::unique_ptr<SpeexResamplerState_, Release> state_; ///< null: the rate is the telephone's
};
} // namespace ringpost::media
