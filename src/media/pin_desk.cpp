// SPDX-License-Identifier: Apache-2.0
#include "media/pin_desk.h"

#include "core/log.h"
#include "media/pin_entry.h"
#include "media/port_content.h"
#include "media/tone_generator.h"
#include "notice/inquiry_notice.h"

#include <algorithm>
#include <optional>

namespace ringpost::media
{
namespace
{
constexpr Duration longest_pin_question = 20s;
/// Behind a tone: sound is given out so much before it is heard, and what is not heard is lost with the port.
constexpr Duration shortest_pause = 200ms;

/// Three short tones: a number is wanted.
Pcm pin_tones()
{
    Pcm tones;
    for (int i = 0; i < 3; ++i)
    {
        const Pcm one = tone(880, 120ms);
        tones.samples.insert(tones.samples.end(), one.samples.begin(), one.samples.end());
        tones.samples.resize(tones.samples.size() + samples_in(120ms));
    }
    return tones;
}

service::Performance not_released(std::string why)
{
    service::Performance performance;
    performance.cause = Cause::declined;
    performance.why = std::move(why);
    return performance;
}

/// On an audio thread.
boost::asio::awaitable<Result<service::Performance>>
ask_alone(PinDesk& desk, Clock& clock, std::unique_ptr<pbx::AudioPort> port, std::shared_ptr<const PinDesk::Lock> lock)
{
    PortKeys keys;
    port->listen(keys.sinks());
    Playout playout(clock, *port);
    auto asked = co_await desk.ask(playout, keys, std::move(lock));
    port.reset(); // it calls the others
    co_return asked;
}

class PinQuestion : public PortContent
{
public:
    PinQuestion(PinDesk& desk, VoiceBoard& board, std::shared_ptr<const PinDesk::Lock> lock)
        : PortContent(board), desk_(desk), lock_(std::move(lock))
    {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told /*told*/) override
    {
        VoiceBoard::Port::Session<Result<service::Performance>> session =
            [&desk = desk_, lock = lock_](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
                return ask_alone(desk, clock, std::move(port), lock);
            };
        const auto asked = co_await over_port(exchange, attempt, VoiceBoard::Needs::shared_thread, std::move(session));
        if (asked.has_error())
        {
            co_return asked.error();
        }
        co_return asked->value_or(without_pin()); // answered and hung up at once
    }

private:
    PinDesk& desk_;
    std::shared_ptr<const PinDesk::Lock> lock_;
};

/// Keys mean nothing meanwhile.
boost::asio::awaitable<void> play(Playout& playout, PortKeys& keys, const Pcm& sound, Duration pause)
{
    Pcm whole = sound;
    whole.samples.resize(whole.samples.size() + samples_in(std::max(pause, shortest_pause)));
    SoundFrames frames(whole);
    const std::function<std::optional<Frame>()> next = [&frames] { return frames.next(); };
    co_await playout.play(next, keys.closed);
}
} // namespace

service::Performance without_pin()
{
    return not_released("pin-missing");
}

pbx::AudioPort::Sinks PortKeys::sinks()
{
    pbx::AudioPort::Sinks sinks;
    sinks.digit = [this](char key) {
        if (digit)
        {
            digit(key);
        }
    };
    sinks.closed = [this] { closed = true; };
    return sinks;
}

PinDesk::PinDesk(VoiceBoard& board, const directory::Directory& directory, directory::Authentication& authentication,
                 Sandbox& sandbox, const Config& config)
    : board_(board), directory_(directory), authentication_(authentication), config_(config),
      speech_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<std::shared_ptr<const PinDesk::Lock>> PinDesk::lock_for(store::Request request)
{
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(request.addressee);
    const std::string language = user == nullptr ? config_.gateway.language : user->language;
    std::string sentence(notice::spoken_pin_question(notice::language_from_tag(language)));
    const VoiceLimits limits{longest_pin_question, config_.media.voice_octets};
    auto spoken = co_await speech_.say(std::move(sentence), language, limits);
    if (spoken.has_error())
    {
        log::info("media.pin-by-tones", {{"request", request.number}, {"why", spoken.error().message()}});
        spoken = pin_tones();
    }
    co_return std::make_shared<const Lock>(Lock{std::move(*spoken), request.addressee, request.number});
}

boost::asio::awaitable<Result<service::Performance>> PinDesk::ask(Playout& playout, PortKeys& keys,
                                                                  std::shared_ptr<const Lock> lock)
{
    Duration pause = config_.confidential.pin_pause;
    bool keyed = false; // anything at all: else it is an answering machine, perhaps
    for (std::size_t tried = 0; tried < config_.confidential.pin_tries; ++tried)
    {
        std::string pin = co_await listen_for(playout, keys, lock->question);
        if (keys.closed)
        {
            co_return without_pin();
        }
        Result<bool> right = false;
        if (!pin.empty())
        {
            keyed = true;
            right = co_await authentication_.check_pin(lock->addressee, std::move(pin));
        }
        if (right.has_error())
        {
            co_return right.error();
        }
        if (*right)
        {
            log::info("media.pin-given", {{"request", lock->request}});
            const Pcm yes = tone(880, 200ms);
            co_await play(playout, keys, yes, shortest_pause);
            co_return service::Performance{};
        }
        log::warning("media.pin-wrong", {{"request", lock->request}, {"tries", tried + 1}});
        const Pcm no = tone(400, 600ms);
        co_await play(playout, keys, no, pause);
        pause *= 2;
    }
    co_return not_released(keyed ? "pin-wrong" : "pin-silent");
}

/// Asks, and hears the digits; the question ends with the first of them.
boost::asio::awaitable<std::string> PinDesk::listen_for(Playout& playout, PortKeys& keys, const Pcm& question)
{
    PinEntry entry(config_.confidential.pin_time);
    SoundFrames asked(question);
    keys.digit = [&entry](char key) { entry.on_digit(key); };
    const std::function<std::optional<Frame>()> next = [&entry, &asked]() -> std::optional<Frame> {
        if (auto frame = entry.touched() ? std::nullopt : asked.next())
        {
            return frame;
        }
        entry.on_silent_frame();
        return entry.ended() ? std::nullopt : std::optional(Frame{});
    };
    co_await playout.play(next, keys.closed);
    keys.digit = {};
    co_return entry.take();
}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> PinDesk::prepare(store::Request request)
{
    auto lock = co_await lock_for(request);
    std::shared_ptr<service::Content> content = std::make_shared<PinQuestion>(*this, board_, std::move(lock));
    co_return content;
}
} // namespace ringpost::media
