// SPDX-License-Identifier: Apache-2.0
#include "media/playout.h"

#include <algorithm>

namespace ringpost::media
{
namespace
{
/// So far ahead of the clock sound is given out: a wake-up that is 140 ms late leaves no gap.
constexpr std::int64_t frames_ahead = 8;
/// At most so many are given out at once (pbx/audio_port.h).
constexpr std::int64_t frames_at_once = 200ms / pbx::AudioPort::frame_time;
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

boost::asio::awaitable<void> play_out(Clock& clock, pbx::AudioPort& port,
                                      const std::function<std::optional<Frame>()>& next, const bool& closed)
{
    Instant begun = clock.now();
    std::int64_t sent = 0;
    while (!closed)
    {
        const Instant now = clock.now();
        std::int64_t due = (now - begun) / pbx::AudioPort::frame_time + frames_ahead;
        if (now < begun || due - sent > frames_at_once)
        {
            // The clock was set, or we were not run for a while: what was not heard is heard now.
            begun = now - sent * pbx::AudioPort::frame_time;
            due = sent + frames_ahead;
        }
        for (; sent < due; ++sent)
        {
            const std::optional<Frame> frame = next();
            if (!frame)
            {
                co_return;
            }
            port.send(*frame);
        }
        co_await clock.sleep_for(pbx::AudioPort::frame_time);
    }
}
} // namespace ringpost::media
