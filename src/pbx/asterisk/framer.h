// SPDX-License-Identifier: Apache-2.0
// Cuts audio into whole frames of 20 ms of µ-law. No I/O.
#pragma once

#include "core/g711.h"
#include "pbx/audio_port.h"

#include <optional>
#include <span>
#include <string>

namespace ringpost::pbx::asterisk
{
class Framer
{
public:
    void add(std::span<const std::int16_t> samples) { octets_ += encode_g711(G711::mu, samples); }
    /// All whole frames in one piece, or nothing.
    [[nodiscard]] std::string take_whole() { return take(octets_.size() - octets_.size() % AudioPort::frame_samples); }
    /// The next whole frame.
    [[nodiscard]] std::optional<std::string> take_one()
    {
        return octets_.size() < AudioPort::frame_samples ? std::nullopt : std::optional(take(AudioPort::frame_samples));
    }
    /// What is too short for a frame is followed by silence, as nothing comes after it for now.
    void fill()
    {
        const auto over = octets_.size() % AudioPort::frame_samples;
        octets_.append(over == 0 ? 0 : AudioPort::frame_samples - over, static_cast<char>(mulaw_silence));
    }
    /// In samples.
    [[nodiscard]] std::size_t size() const { return octets_.size(); }

private:
    std::string take(std::size_t count)
    {
        std::string taken = octets_.substr(0, count);
        octets_.erase(0, count);
        return taken;
    }
    std::string octets_;
};
} // namespace ringpost::pbx::asterisk
