// SPDX-License-Identifier: Apache-2.0
#include "media/playout.h"

#include <algorithm>

namespace ringpost::media
{
namespace
{
/// A wake-up that is 120 ms late leaves no gap. A port takes 200 ms (pbx/audio_port.h).
constexpr std::int64_t frames_ahead = 8;
} // namespace

std::optional<Frame> SoundFrames::next()
{
    const auto& samples = sound_.samples;
    if (at_ >= samples.size())
    {
        return std::nullopt;
    }
    Frame frame{};
    const std::size_t count = std::min(frame.size(), samples.size() - at_);
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(at_), count, frame.begin());
    at_ += count;
    return frame;
}

Playout::Playout(Clock& clock, pbx::AudioPort& port) : clock_(clock), port_(port), pace_(frames_ahead, frames_ahead) {}

boost::asio::awaitable<void> Playout::play(const std::function<std::optional<Frame>()>& next, const bool& closed)
{
    while (!closed)
    {
        for (std::int64_t due = pace_.due(clock_.steady()); due > 0; --due)
        {
            const std::optional<Frame> frame = next();
            if (!frame)
            {
                co_return;
            }
            port_.send(*frame);
            pace_.gave();
        }
        co_await clock_.sleep_for(pbx::AudioPort::frame_time);
    }
}
} // namespace ringpost::media
