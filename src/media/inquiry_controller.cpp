// SPDX-License-Identifier: Apache-2.0
#include "media/inquiry_controller.h"

#include "core/log.h"
#include "media/playout.h"
#include "media/port_content.h"
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

/// On an audio thread.
boost::asio::awaitable<service::Performance> ask(Clock& clock, std::unique_ptr<pbx::AudioPort> port,
                                                 std::shared_ptr<const Pcm> sound)
{
    bool closed = false;
    service::Performance performance;
    pbx::AudioPort::Sinks sinks;
    sinks.digit = [&performance](char key) {
        if (!performance.answer && (key == '1' || key == '2'))
        {
            performance.answer = key == '1';
        }
    };
    sinks.closed = [&closed] { closed = true; };
    port->listen(std::move(sinks));
    SoundFrames asked(*sound);
    const std::function<std::optional<Frame>()> next = [&]() -> std::optional<Frame> {
        return performance.answer ? std::nullopt : asked.next();
    };
    Playout playout(clock, *port);
    co_await playout.play(next, closed);
    port.reset(); // it calls the others
    performance.open = !closed;
    co_return performance;
}

class Inquiry : public PortContent
{
public:
    Inquiry(VoiceBoard& board, Pcm asked) : PortContent(board), asked_(std::make_shared<const Pcm>(std::move(asked))) {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told /*told*/) override
    {
        VoiceBoard::Port::Session<service::Performance> session =
            [asked = asked_](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
                return ask(clock, std::move(port), asked);
            };
        const auto answered =
            co_await over_port(exchange, attempt, VoiceBoard::Needs::shared_thread, std::move(session));
        if (answered.has_error())
        {
            co_return answered.error();
        }
        co_return answered->value_or(service::Performance{});
    }

private:
    std::shared_ptr<const Pcm> asked_;
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

InquiryController::InquiryController(VoiceBoard& board, directory::Directory& directory, Sandbox& sandbox,
                                     const Config& config)
    : board_(board), directory_(directory), config_(config),
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
    std::shared_ptr<service::Content> inquiry = std::make_shared<Inquiry>(board_, std::move(asked));
    co_return inquiry;
}
} // namespace ringpost::media
