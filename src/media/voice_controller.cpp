// SPDX-License-Identifier: Apache-2.0
#include "media/voice_controller.h"

#include "core/log.h"
#include "core/signal.h"
#include "media/mail_analysis.h"
#include "media/playout.h"
#include "store/mails.h"

#include <fmt/format.h>

#include <algorithm>

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

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt) override
    {
        auto port = co_await exchange.connect_port(attempt);
        if (port.has_error())
        {
            if (port.error().code() == Errc::not_found)
            {
                co_return service::Performance{}; // answered and hung up at once
            }
            co_return port.error();
        }
        PlayerOptions options;
        options.may_connect = may_connect_;
        Player player(recording_, options);
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

private:
    Clock& clock_;
    std::shared_ptr<const Pcm> recording_;
    bool may_connect_;
};
} // namespace

VoiceController::VoiceController(Clock& clock, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                                 const Config& config)
    : clock_(clock), database_(database), spool_(spool), config_(config),
      reader_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> VoiceController::prepare(store::Request request)
{
    auto found = co_await recorded(request);
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
        std::make_shared<Voice>(clock_, std::make_shared<const Pcm>(std::move(*pcm)), !request.source_device.empty());
    co_return voice;
}

boost::asio::awaitable<Result<VoiceController::Recorded>> VoiceController::recorded(store::Request request)
{
    // On a thread of the database: reading and decoding a large mail takes its time.
    std::function<Result<Recorded>(store::Connection&)> unit =
        [this, request](store::Connection& connection) -> Result<Recorded> {
        const auto whole = store::Requests(connection).find(request.part_of);
        const auto mail = whole && whole->mail ? store::Mails(connection).find(*whole->mail) : std::nullopt;
        if (!mail)
        {
            return fail(Errc::not_found, request.number, "its mail is no longer there");
        }
        std::optional<store::MappedFile> file;
        if (!mail->spool_file.empty())
        {
            auto opened = store::MappedFile::open(spool_.path(mail->spool_file));
            if (opened.has_error())
            {
                return opened.error();
            }
            file.emplace(std::move(*opened));
        }
        const std::string_view octets = file ? file->octets() : std::string_view(mail->content);
        const auto contents = analyse(octets, config_.scan).contents;
        const auto content = std::find_if(contents.begin(), contents.end(),
                                          [&](const auto& one) { return one.number == request.content; });
        if (content == contents.end())
        {
            return fail(Errc::not_found, request.number, "the mail has no such content");
        }
        auto sound = decoded(octets, *content, config_.media.voice_octets);
        if (sound.has_error())
        {
            return fail(sound.error().code(), fmt::format("content {}", request.content), sound.error().message());
        }
        return Recorded{std::move(*sound), content->body.media_type};
    };
    co_return co_await database_.read<Recorded>(std::move(unit));
}
} // namespace ringpost::media
