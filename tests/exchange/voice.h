// SPDX-License-Identifier: Apache-2.0
// Tones by which it is told who hears whom, and the gateway's end of a voice board port as a test uses it.
#pragma once

#include "exchange/rig.h"
#include "pbx/audio_port.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ringpost::pbx::conformance
{
/// Seconds of that tone, in pieces of 100 ms of which most is that tone (Goertzel's algorithm).
[[nodiscard]] double seconds_of(int hz, std::span<const std::int16_t> samples);

/// A mono 16-bit WAV file of 8 kHz, also one that is still being written.
[[nodiscard]] std::vector<std::int16_t> read_wav(const std::filesystem::path& file);

/// Keeps what comes through a port.
class Voice
{
public:
    explicit Voice(std::unique_ptr<AudioPort> port);
    /// The next 20 ms of a tone.
    void send(int hz);
    void leave() { port_.reset(); }

    std::vector<std::int16_t> heard;
    std::string digits;
    int closed = 0;

private:
    std::unique_ptr<AudioPort> port_;
    std::uint64_t sent_ = 0;
};

/// Voices and the tone of each, as long as `time`, all at once.
void speak(Rig& rig, const std::vector<std::pair<Voice*, int>>& voices, Duration time);
} // namespace ringpost::pbx::conformance
