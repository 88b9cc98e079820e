// SPDX-License-Identifier: Apache-2.0
#include "media/voice_controller.h"

#include "media/charset.h"
#include "media/playout.h"
#include "media/port_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

namespace ringpost::media
{
namespace
{
using Heard = std::atomic<std::uint32_t>;

/// On an audio thread; `heard` follows.
boost::asio::awaitable<service::Performance> play(Clock& clock, std::unique_ptr<pbx::AudioPort> port,
                                                  std::shared_ptr<const Pcm> recording, PlayerOptions options,
                                                  std::shared_ptr<Heard> heard)
{
    Player player(std::move(recording), options);
    bool closed = false;
    pbx::AudioPort::Sinks sinks;
    sinks.digit = [&player](char key) { player.on_digit(key); };
    sinks.closed = [&closed] { closed = true; };
    port->listen(std::move(sinks));
    const std::function<std::optional<Frame>()> next = [&player, &heard]() -> std::optional<Frame> {
        heard->store(static_cast<std::uint32_t>(player.seconds_heard()));
        return player.finished() ? std::nullopt : std::optional(player.next_frame());
    };
    co_await play_out(clock, *port, next, closed);
    port.reset(); // it calls the others
    service::Performance performance;
    performance.heard = std::chrono::seconds(player.seconds_heard());
    performance.open = !closed;
    performance.connect = player.state() == PlayerState::connect && !closed;
    co_return performance;
}

class Voice : public PortContent
{
public:
    Voice(VoiceBoard& board, std::shared_ptr<PortPool::Place> place, Pcm recording, bool may_connect)
        : PortContent(board, std::move(place)), recording_(std::make_shared<const Pcm>(std::move(recording)))
    {
        options_.may_connect = may_connect;
    }

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told /*told*/) override
    {
        begun_ = true;
        VoiceBoard::Port::Session<service::Performance> session =
            [recording = recording_, options = options_, heard = heard_](Clock& clock,
                                                                         std::unique_ptr<pbx::AudioPort> port) {
                return play(clock, std::move(port), recording, options, heard);
            };
        const auto played = co_await over_port(exchange, attempt, VoiceBoard::Needs::shared_thread, std::move(session));
        if (played.has_error())
        {
            co_return played.error();
        }
        service::Performance nothing;
        nothing.heard = Duration{0};
        co_return played->value_or(nothing);
    }

    [[nodiscard]] std::optional<Duration> heard() const override
    {
        return begun_ ? std::optional<Duration>(std::chrono::seconds(heard_->load())) : std::nullopt;
    }

private:
    std::shared_ptr<Heard> heard_ = std::make_shared<Heard>(0); ///< seconds; written by the audio thread
    bool begun_ = false;
    std::shared_ptr<const Pcm> recording_;
    PlayerOptions options_;
};
} // namespace

VoiceController::VoiceController(VoiceBoard& board, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                                 const Config& config)
    : board_(board), config_(config), contents_(database, spool, config.scan),
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
    auto place = co_await board_.pool().place_for(request.attempt);
    if (place.has_error())
    {
        co_return place.error();
    }
    std::shared_ptr<service::Content> voice =
        std::make_shared<Voice>(board_, std::move(*place), std::move(*pcm), !request.source_device.empty());
    co_return voice;
}
} // namespace ringpost::media
