// SPDX-License-Identifier: Apache-2.0
// Gives sound out to a voice board port in time.
#pragma once

#include "core/clock.h"
#include "media/pcm.h"
#include "media/player.h"
#include "pbx/audio_port.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <optional>

namespace ringpost::media
{
/// A sound, from one frame to the next; the last one is filled up with silence. The sound outlives it.
class SoundFrames
{
public:
    explicit SoundFrames(const Pcm& sound) : sound_(sound) {}
    /// nullopt: that was all of it.
    [[nodiscard]] std::optional<Frame> next();

private:
    const Pcm& sound_;
    std::size_t at_ = 0;
};

/// Sends what `next` answers, a frame every 20 ms and a little ahead, until it answers nullopt or `closed` becomes
/// true. What was due while the process did not run is heard then, and not left out. All three are used until it
/// returns.
boost::asio::awaitable<void> play_out(Clock& clock, pbx::AudioPort& port,
                                      const std::function<std::optional<Frame>()>& next, const bool& closed);
} // namespace ringpost::media
