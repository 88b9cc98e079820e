// SPDX-License-Identifier: Apache-2.0
#include "media/inquiry_controller.h"

#include "core/log.h"
#include "media/playout.h"
#include "media/tone_generator.h"
#include "notice/inquiry_notice.h"

#include <algorithm>

namespace ringpost::media
{
namespace
{
constexpr Duration longest_question = 30s;

/// Two rising tones: somebody asks.
Pcm question_tones()
{
    Pcm tones = tone(660, 250ms);
    const Pcm second = tone(880, 250ms);
    tones.samples.insert(tones.samples.end(), second.samples.begin(), second.samples.end());
    return tones;
}

class Inquiry : public service::Content
{
public:
    Inquiry(Clock& clock, Pcm asked) : clock_(clock), asked_(std::move(asked)) {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told /*told*/) override
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
        bool closed = false;
        service::Performance performance;
        pbx::AudioPort::Sinks sinks;
        sinks.audio = [](std::span<const std::int16_t>) {};
        sinks.digit = [&performance](char key) {
            if (!performance.answer && (key == '1' || key == '2'))
            {
                performance.answer = key == '1';
            }
        };
        sinks.closed = [&closed] { closed = true; };
        (*port)->listen(std::move(sinks));
        std::size_t at = 0;
        const std::function<std::optional<Frame>()> next = [&]() -> std::optional<Frame> {
            if (performance.answer || at >= asked_.samples.size())
            {
                return std::nullopt;
            }
            Frame frame{};
            const std::size_t count = std::min(frame.size(), asked_.samples.size() - at);
            std::copy_n(asked_.samples.begin() + static_cast<std::ptrdiff_t>(at), count, frame.begin());
            at += count;
            return frame;
        };
        co_await play_out(clock_, **port, next, closed);
        performance.open = !closed;
        port->reset();
        co_return performance;
    }

private:
    Clock& clock_;
    Pcm asked_;
};
} // namespace

Pcm asked_often(const Pcm& question, Duration pause, std::size_t times)
{
    Pcm asked;
    for (std::size_t i = 0; i < times; ++i)
    {
        asked.samples.insert(asked.samples.end(), question.samples.begin(), question.samples.end());
        asked.samples.resize(asked.samples.size() + samples_in(pause));
    }
    return asked;
}

InquiryController::InquiryController(Clock& clock, directory::Directory& directory, Sandbox& sandbox,
                                     const Config& config)
    : clock_(clock), directory_(directory), config_(config),
      speech_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> InquiryController::prepare(store::Request request)
{
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(request.addressee);
    const std::string language = user == nullptr ? config_.gateway.language : user->language;
    std::string sentence = notice::spoken_inquiry(notice::language_from_tag(language), request.name);
    const VoiceLimits limits{longest_question, config_.media.voice_octets};
    auto spoken = co_await speech_.say(std::move(sentence), language, limits);
    if (spoken.has_error())
    {
        log::info("media.inquiry-by-tones", {{"request", request.number}, {"why", spoken.error().message()}});
        spoken = question_tones();
    }
    Pcm asked = asked_often(*spoken, config_.scenario.inquiry_pause, config_.scenario.inquiry_repeats);
    std::shared_ptr<service::Content> inquiry = std::make_shared<Inquiry>(clock_, std::move(asked));
    co_return inquiry;
}
} // namespace ringpost::media
