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
/// What is asked before a confidential recording is played.
struct Lock
{
    PinDesk& pins;
    Pcm question;
    std::string addressee;
    std::string request;
};

class Voice : public service::Content
{
public:
    Voice(Clock& clock, std::shared_ptr<const Pcm> recording, bool may_connect, std::optional<Lock> lock)
        : clock_(clock), recording_(std::move(recording)), may_connect_(may_connect), lock_(std::move(lock))
    {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt) override
    {
        auto port = co_await exchange.connect_port(attempt);
        if (port.has_error())
        {
            if (port.error().code() == Errc::not_found)
            {
                // Answered and hung up at once.
                service::Performance nothing = lock_ ? without_pin() : service::Performance{};
                nothing.heard = Duration{0};
                co_return nothing;
            }
            co_return port.error();
        }
        PortKeys keys;
        (*port)->listen(keys.sinks());
        if (lock_)
        {
            auto released = co_await lock_->pins.ask(**port, keys, lock_->question, lock_->addressee, lock_->request);
            if (released.has_error() || released->cause != Cause::none)
            {
                port->reset();
                co_return released;
            }
        }
        PlayerOptions options;
        options.may_connect = may_connect_;
        Player player(recording_, options);
        keys.digit = [&player](char key) { player.on_digit(key); };
        const std::function<std::optional<Frame>()> next = [&player]() -> std::optional<Frame> {
            return player.finished() ? std::nullopt : std::optional(player.next_frame());
        };
        co_await play_out(clock_, **port, next, keys.closed);
        service::Performance performance;
        performance.heard = std::chrono::seconds(player.seconds_heard());
        performance.open = !keys.closed;
        performance.connect = player.state() == PlayerState::connect && !keys.closed;
        port->reset();
        co_return performance;
    }

private:
    Clock& clock_;
    std::shared_ptr<const Pcm> recording_;
    bool may_connect_;
    std::optional<Lock> lock_;
};
} // namespace

VoiceController::VoiceController(Clock& clock, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                                 PinDesk& pins, const Config& config)
    : clock_(clock), pins_(pins), config_(config), contents_(database, spool, config.scan),
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
    std::optional<Lock> lock;
    if (request.confidential)
    {
        Pcm question = co_await pins_.question(request.addressee);
        lock.emplace(Lock{pins_, std::move(question), request.addressee, request.number});
    }
    std::shared_ptr<service::Content> voice = std::make_shared<Voice>(
        clock_, std::make_shared<const Pcm>(std::move(*pcm)), !request.source_device.empty(), std::move(lock));
    co_return voice;
}
} // namespace ringpost::media
