// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/ear.h"

#include "core/log.h"

#include <algorithm>
#include <utility>

namespace ringpost::pbx::simulated
{
namespace
{
constexpr std::uint64_t rate = 8000;
/// Whoever sends a frame every 20 ms is late by so much now and then without a gap being heard.
constexpr std::uint64_t jitter = rate * 40 / 1000;
constexpr std::uint64_t most_waiting = 2 * rate;
} // namespace

Ear::Ear(Clock& clock, std::optional<Recording> recording)
    : clock_(clock), since_(clock.steady()), recording_(std::move(recording))
{}

Ear::~Ear()
{
    if (recording_)
    {
        recording_->finish(now());
    }
}

void Ear::hear(std::span<const std::int16_t> samples)
{
    const std::uint64_t begin = now();
    place_ = place_ + jitter < begin ? begin : place_;
    if (place_ > begin + most_waiting)
    {
        if (!std::exchange(late_, true))
        {
            log::warning("pbx.audio-dropped", {{"why", "more than 2 s wait to be heard"}});
        }
        return;
    }
    if (recording_)
    {
        recording_->write(place_, samples);
    }
    place_ += samples.size();
}

void Ear::cut()
{
    place_ = std::min(place_, now());
    if (recording_)
    {
        recording_->cut(place_);
    }
}

std::uint64_t Ear::now() const
{
    const auto passed = clock_.steady() - since_;
    return static_cast<std::uint64_t>(passed.count()) * rate / 1'000'000;
}
} // namespace ringpost::pbx::simulated
