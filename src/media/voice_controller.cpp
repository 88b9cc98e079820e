// SPDX-License-Identifier: Apache-2.0
#include "media/voice_controller.h"

#include "media/player.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::media
{
namespace
{
/// So far ahead of the clock sound is given out: after a late wake-up the listener hears no gap.
constexpr std::int64_t frames_ahead = 5;

class Voice : public service::Content
{
public:
    Voice(Clock& clock, std::shared_ptr<const Pcm> recording) : clock_(clock), recording_(std::move(recording)) {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt) override
    {
        auto port = co_await exchange.connect_port(attempt);
        if (port.has_error())
        {
            co_return port.error();
        }
        Player player(recording_);
        bool closed = false;
        pbx::AudioPort::Sinks sinks;
        sinks.audio = [](std::span<const std::int16_t>) {};
        sinks.digit = [&player](char key) { player.on_digit(key); };
        sinks.closed = [&closed] { closed = true; };
        (*port)->listen(std::move(sinks));
        Instant begun = clock_.now();
        std::int64_t sent = 0;
        while (!player.finished() && !closed)
        {
            const Instant now = clock_.now();
            std::int64_t due = (now - begun) / pbx::AudioPort::frame_time + frames_ahead;
            if (now < begun || due - sent > 2 * frames_ahead)
            {
                // The clock was set, or we were not run for a while: what was not heard is heard now.
                begun = now - sent * pbx::AudioPort::frame_time;
                due = sent + frames_ahead;
            }
            for (; sent < due && !player.finished(); ++sent)
            {
                (*port)->send(player.next_frame());
            }
            co_await clock_.sleep_for(pbx::AudioPort::frame_time);
        }
        service::Performance performance;
        performance.heard = std::chrono::seconds(player.seconds_heard());
        port->reset();
        co_return performance;
    }

private:
    Clock& clock_;
    std::shared_ptr<const Pcm> recording_;
};
} // namespace

VoiceController::VoiceController(Clock& clock, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                                 const Config& config)
    : clock_(clock), config_(config), contents_(database, spool, config.scan),
      reader_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> VoiceController::prepare(store::Request request)
{
    auto found = co_await contents_.read(request, config_.media.voice_octets);
    if (found.has_error())
    {
        co_return found.error();
    }
    const VoiceLimits limits{config_.media.voice_length, config_.media.voice_octets};
    auto pcm = co_await reader_.read(std::move(found->octets), std::move(found->media_type), limits);
    if (pcm.has_error())
    {
        co_return fail(pcm.error().code(), fmt::format("content {}", request.content), pcm.error().message());
    }
    std::shared_ptr<service::Content> voice =
        std::make_shared<Voice>(clock_, std::make_shared<const Pcm>(std::move(*pcm)));
    co_return voice;
}
} // namespace ringpost::media
