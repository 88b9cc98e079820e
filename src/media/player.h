// SPDX-License-Identifier: Apache-2.0
// Plays a recording into a call and obeys the keys of who listens (spec 2.8). No I/O and no clock: whoever owns the
// call's sound asks for a frame every 20 ms.
#pragma once

#include "media/pcm.h"

#include <array>
#include <memory>

namespace ringpost::media
{
inline constexpr Duration frame_length = 20ms;
using Frame = std::array<std::int16_t, samples_in(frame_length)>;

enum class PlayerState
{
    playing, ///< silence before and after included
    played,  ///< to the end
    stopped, ///< the listener pressed `*`
    connect  ///< the listener pressed `9`: wishes to be connected with the sender
};

/// What a key meant.
enum class KeyMeaning
{
    nothing,
    again,  ///< `1`: from the beginning
    stop,   ///< `*`
    connect ///< `9`; told once, for the playing is over then
};

struct PlayerOptions
{
    Duration silence_before = 400ms; ///< the listener brings the receiver to the ear
    Duration silence_after = 1s;     ///< time in which `1` is still heard
    bool may_connect = false;        ///< `9` means something
};

class Player
{
public:
    /// Several players may share one recording.
    explicit Player(std::shared_ptr<const Pcm> recording, const PlayerOptions& options = {});

    /// The next 20 ms; silence when finished.
    [[nodiscard]] Frame next_frame();
    /// A key of the listener. Keys after the end mean nothing.
    KeyMeaning on_digit(char key);

    [[nodiscard]] PlayerState state() const { return state_; }
    [[nodiscard]] bool finished() const { return state_ != PlayerState::playing; }

    /// Seconds of the recording that were given out at least once: how far it came, not how often. Begun seconds count,
    /// so that a recording heard to its end is as long as it is, rounded up.
    [[nodiscard]] std::uint32_t seconds_heard() const;

private:
    [[nodiscard]] std::int16_t next_sample();

    std::shared_ptr<const Pcm> recording_;
    std::size_t before_; ///< samples of silence left before the recording
    std::size_t after_;  ///< samples of silence behind it
    bool may_connect_;
    std::size_t at_ = 0;    ///< next sample of recording and silence in a row
    std::size_t heard_ = 0; ///< the most samples of the recording that were given out in a row
    PlayerState state_ = PlayerState::playing;
};
} // namespace ringpost::media
