// SPDX-License-Identifier: Apache-2.0
// Cuts audio into whole frames of 20 ms. No I/O.
#pragma once

#include "pbx/audio_port.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ringpost::pbx::asterisk
{
class Framer
{
public:
    using Samples = std::vector<std::int16_t>;

    void add(std::span<const std::int16_t> samples) { waiting_.insert(waiting_.end(), samples.begin(), samples.end()); }
    /// All whole frames in one piece, or nothing.
    [[nodiscard]] Samples take_whole() { return take(waiting_.size() - waiting_.size() % AudioPort::frame_samples); }
    /// The next whole frame.
    [[nodiscard]] std::optional<Samples> take_one()
    {
        return waiting_.size() < AudioPort::frame_samples ? std::nullopt
                                                          : std::optional(take(AudioPort::frame_samples));
    }
    /// What is too short for a frame is followed by silence, as nothing comes after it for now.
    void fill()
    {
        const auto over = waiting_.size() % AudioPort::frame_samples;
        waiting_.resize(waiting_.size() + (over == 0 ? 0 : AudioPort::frame_samples - over));
    }
    /// In samples.
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

private:
    Samples take(std::size_t count)
    {
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
        Samples taken(waiting_.begin(), end);
        waiting_.erase(waiting_.begin(), end);
        return taken;
    }
    Samples waiting_;
};
} // namespace ringpost::pbx::asterisk
