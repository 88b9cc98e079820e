// SPDX-License-Identifier: Apache-2.0
#include "media/resampler.h"

#include <algorithm>
#include <array>
#include <speex/speex_resampler.h>
#include <stdexcept>

namespace ringpost::media
{
namespace
{
constexpr int quality = 4; // of 0 to 10: stop band below -60 dB, better than the telephone
constexpr std::size_t resampled_at_once = 4096;
} // namespace

void Resampler::Release::operator()(SpeexResamplerState_* state) const
{
    speex_resampler_destroy(state);
}

Resampler::Resampler(std::uint32_t rate)
{
    if (rate == telephone_rate)
    {
        return;
    }
    int error = RESAMPLER_ERR_SUCCESS;
    state_.reset(speex_resampler_init(1, rate, telephone_rate, quality, &error));
    if (!state_)
    {
        throw std::runtime_error(speex_resampler_strerror(error));
    }
    speex_resampler_skip_zeros(state_.get());
}

Resampler::~Resampler() = default;

void Resampler::feed(std::span<const std::int16_t> samples, Pcm& into)
{
    if (!state_)
    {
        into.samples.insert(into.samples.end(), samples.begin(), samples.end());
        return;
    }
    std::array<std::int16_t, resampled_at_once> out{};
    while (!samples.empty())
    {
        auto taken = static_cast<spx_uint32_t>(std::min(samples.size(), resampled_at_once));
        auto made = static_cast<spx_uint32_t>(out.size());
        speex_resampler_process_int(state_.get(), 0, samples.data(), &taken, out.data(), &made);
        if (taken == 0 && made == 0)
        {
            throw std::logic_error("the resampler makes no progress");
        }
        into.samples.insert(into.samples.end(), out.begin(), out.begin() + made);
        samples = samples.subspan(taken);
    }
}

void Resampler::finish(Pcm& into)
{
    if (state_)
    {
        const std::vector<std::int16_t> silence(
            static_cast<std::size_t>(speex_resampler_get_input_latency(state_.get())));
        feed(silence, into);
    }
}
} // namespace ringpost::media
