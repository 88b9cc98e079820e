// SPDX-License-Identifier: Apache-2.0
// Gives sound out to a voice board port in time.
#pragma once

#include "core/clock.h"
#include "media/pace.h"
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

/// Gives one sound after the other out over a port, a frame every 20 ms and a little ahead. How far ahead the listener
/// is served is known from one sound to the next.
class Playout
{
public:
    /// Both are used by play() only.
    Playout(Clock& clock, pbx::AudioPort& port);

    /// Sends what `next` answers until it answers nullopt, a moment before the last of it is heard, or until `closed`
    /// becomes true. What was due while the process did not run is heard then, and not left out. Both are used until it
    /// returns.
    boost::asio::awaitable<void> play(const std::function<std::optional<Frame>()>& next, const bool& closed);

private:
    Clock& clock_;
    pbx::AudioPort& port_;
    Pace pace_;
};
} // namespace ringpost::media
