// SPDX-License-Identifier: Apache-2.0
#include "media/playout.h"

#include <algorithm>

namespace ringpost::media
{
namespace
{
/// So far ahead of the listener sound is given out, and at most so much at once: a wake-up that is 120 ms late leaves
/// no gap. A port takes 200 ms (pbx/audio_port.h).
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

Playout::Playout(Clock& clock, pbx::AudioPort& port) : clock_(clock), port_(port), begun_(clock.now()) {}

boost::asio::awaitable<void> Playout::play(const std::function<std::optional<Frame>()>& next, const bool& closed)
{
    while (!closed)
    {
        const Instant now = clock_.now();
        const std::int64_t waiting = sent_ - (now - begun_) / pbx::AudioPort::frame_time;
        const std::int64_t lead = std::clamp(waiting, std::int64_t{0}, frames_ahead);
        if (lead != waiting)
        {
            // The clock was set, nothing was played, or we were not run for a while: what was not heard is heard now.
            begun_ = now - (sent_ - lead) * pbx::AudioPort::frame_time;
        }
        for (const std::int64_t due = sent_ - lead + frames_ahead; sent_ < due; ++sent_)
        {
            const std::optional<Frame> frame = next();
            if (!frame)
            {
                co_return;
            }
            port_.send(*frame);
        }
        co_await clock_.sleep_for(pbx::AudioPort::frame_time);
    }
}
} // namespace ringpost::media
