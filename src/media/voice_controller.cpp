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
/// Seconds of a recording that were heard, written by the audio thread; negative: it is not played yet.
using Heard = std::atomic<std::int64_t>;

/// On an audio thread; `heard` follows.
boost::asio::awaitable<service::Performance> play(Playout& playout, PortKeys& keys,
                                                  std::shared_ptr<const Pcm> recording, PlayerOptions options,
                                                  std::shared_ptr<Heard> heard)
{
    Player player(std::move(recording), options);
    keys.digit = [&player](char key) { player.on_digit(key); };
    const std::function<std::optional<Frame>()> next = [&player, &heard]() -> std::optional<Frame> {
        heard->store(player.seconds_heard());
        return player.finished() ? std::nullopt : std::optional(player.next_frame());
    };
    co_await playout.play(next, keys.closed);
    keys.digit = {};
    service::Performance performance;
    performance.heard = std::chrono::seconds(player.seconds_heard());
    performance.open = !keys.closed;
    performance.connect = player.state() == PlayerState::connect && !keys.closed;
    co_return performance;
}

/// What is said in a call, in turn.
struct Programme
{
    PinDesk* pins = nullptr;
    std::shared_ptr<const PinDesk::Lock> lock; ///< nullptr: nothing is asked first
    std::shared_ptr<const Pcm> recording;
    PlayerOptions options;
    std::shared_ptr<Heard> heard = std::make_shared<Heard>(-1);
};

/// On an audio thread.
boost::asio::awaitable<Result<service::Performance>> ask_and_play(Clock& clock, std::unique_ptr<pbx::AudioPort> port,
                                                                  Programme programme)
{
    PortKeys keys;
    port->listen(keys.sinks());
    Playout playout(clock, *port);
    Result<service::Performance> released = service::Performance{};
    if (programme.lock)
    {
        released = co_await programme.pins->ask(playout, keys, programme.lock);
    }
    if (released.has_value() && released->cause == Cause::none)
    {
        released = co_await play(playout, keys, programme.recording, programme.options, programme.heard);
    }
    port.reset(); // it calls the others
    co_return released;
}

class Voice : public PortContent
{
public:
    Voice(VoiceBoard& board, Programme programme) : PortContent(board), programme_(std::move(programme)) {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told /*told*/) override
    {
        if (!programme_.lock)
        {
            programme_.heard->store(0);
        }
        VoiceBoard::Port::Session<Result<service::Performance>> session =
            [programme = programme_](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
                return ask_and_play(clock, std::move(port), programme);
            };
        const auto played = co_await over_port(exchange, attempt, VoiceBoard::Needs::shared_thread, std::move(session));
        if (played.has_error())
        {
            co_return played.error();
        }
        // Answered and hung up at once.
        service::Performance nothing = programme_.lock ? without_pin() : service::Performance{};
        nothing.heard = Duration{0};
        co_return played->value_or(nothing);
    }

    [[nodiscard]] std::optional<Duration> heard() const override
    {
        const std::int64_t seconds = programme_.heard->load();
        return seconds < 0 ? std::nullopt : std::optional<Duration>(std::chrono::seconds(seconds));
    }

private:
    Programme programme_;
};
} // namespace

VoiceController::VoiceController(VoiceBoard& board, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                                 PinDesk& pins, const Config& config)
    : board_(board), pins_(pins), config_(config), contents_(database, spool, config.scan),
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
    Programme programme;
    programme.recording = std::make_shared<const Pcm>(std::move(*pcm));
    programme.options.may_connect = !request.source_device.empty();
    if (request.confidential)
    {
        programme.pins = &pins_;
        auto lock = co_await pins_.lock_for(request);
        programme.lock = std::move(lock);
    }
    std::shared_ptr<service::Content> voice = std::make_shared<Voice>(board_, std::move(programme));
    co_return voice;
}
} // namespace ringpost::media
