// SPDX-License-Identifier: Apache-2.0
#include "media/voice_controller.h"

#include "media/charset.h"
#include "media/playout.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace ringpost::media
{
namespace
{
class Voice : public service::Content
{
public:
    Voice(Clock& clock, std::shared_ptr<const Pcm> recording, bool may_connect)
        : clock_(clock), recording_(std::move(recording)), may_connect_(may_connect)
    {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told /*told*/) override
    {
        auto port = co_await exchange.connect_port(attempt);
        if (port.has_error())
        {
            if (port.error().code() == Errc::not_found)
            {
                service::Performance nothing; // answered and hung up at once
                nothing.heard = Duration{0};
                co_return nothing;
            }
            co_return port.error();
        }
        PlayerOptions options;
        options.may_connect = may_connect_;
        player_.emplace(recording_, options);
        Player& player = *player_;
        bool closed = false;
        pbx::AudioPort::Sinks sinks;
        sinks.audio = [](std::span<const std::int16_t>) {};
        sinks.digit = [&player](char key) { player.on_digit(key); };
        sinks.closed = [&closed] { closed = true; };
        (*port)->listen(std::move(sinks));
        const std::function<std::optional<Frame>()> next = [&player]() -> std::optional<Frame> {
            return player.finished() ? std::nullopt : std::optional(player.next_frame());
        };
        co_await play_out(clock_, **port, next, closed);
        service::Performance performance;
        performance.heard = std::chrono::seconds(player.seconds_heard());
        performance.open = !closed;
        performance.connect = player.state() == PlayerState::connect && !closed;
        port->reset();
        co_return performance;
    }

    [[nodiscard]] std::optional<Duration> heard() const override
    {
        return player_ ? std::optional<Duration>(std::chrono::seconds(player_->seconds_heard())) : std::nullopt;
    }

private:
    std::optional<Player> player_; ///< while it is performed, and after that
    Clock& clock_;
    std::shared_ptr<const Pcm> recording_;
    bool may_connect_;
};
} // namespace

VoiceController::VoiceController(Clock& clock, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                                 const Config& config)
    : clock_(clock), config_(config), contents_(database, spool, config.scan),
      reader_(sandbox, {config.media.convert_time, config.media.convert_memory}),
      speech_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> VoiceController::prepare(store::Request request)
{
    auto found = co_await contents_.read(request, config_.media.voice_octets);
    if (found.has_error())
    {
        co_return found.error();
    }
    const VoiceLimits limits{config_.media.voice_length, config_.media.voice_octets};
    Result<Pcm> pcm = Pcm{};
    if (found->media_type.starts_with("text/"))
    {
        std::string text = to_utf8(found->charset, found->octets);
        pcm = co_await speech_.say(std::move(text), request.language, limits);
    }
    else
    {
        pcm = co_await reader_.read(std::move(found->octets), std::move(found->media_type), limits);
    }
    if (pcm.has_error())
    {
        co_return fail(pcm.error().code(), fmt::format("content {}", request.content), pcm.error().message());
    }
    std::shared_ptr<service::Content> voice =
        std::make_shared<Voice>(clock_, std::make_shared<const Pcm>(std::move(*pcm)), !request.source_device.empty());
    co_return voice;
}
} // namespace ringpost::media
