// SPDX-License-Identifier: Apache-2.0
#include "media/pin_desk.h"

#include "core/log.h"
#include "media/pin_entry.h"
#include "media/playout.h"
#include "media/tone_generator.h"
#include "notice/inquiry_notice.h"

#include <algorithm>
#include <optional>

namespace ringpost::media
{
namespace
{
constexpr Duration longest_pin_question = 20s;

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

/// Gives out a sound frame by frame.
class Frames
{
public:
    explicit Frames(const Pcm& sound) : sound_(sound) {}

    [[nodiscard]] bool done() const { return at_ >= sound_.samples.size(); }
    [[nodiscard]] Frame next()
    {
        Frame frame{};
        const std::size_t count = std::min(frame.size(), sound_.samples.size() - at_);
        std::copy_n(sound_.samples.begin() + static_cast<std::ptrdiff_t>(at_), count, frame.begin());
        at_ += count;
        return frame;
    }

private:
    const Pcm& sound_;
    std::size_t at_ = 0;
};

service::Performance not_released(std::string why)
{
    service::Performance performance;
    performance.cause = Cause::declined;
    performance.why = std::move(why);
    return performance;
}

class PinQuestion : public service::Content
{
public:
    PinQuestion(PinDesk& desk, Pcm question, const store::Request& request)
        : desk_(desk), question_(std::move(question)), addressee_(request.addressee), number_(request.number)
    {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt) override
    {
        auto port = co_await exchange.connect_port(attempt);
        if (port.has_error() && port.error().code() == Errc::not_found)
        {
            co_return without_pin(); // answered and hung up at once
        }
        if (port.has_error())
        {
            co_return port.error();
        }
        PortKeys keys;
        (*port)->listen(keys.sinks());
        auto asked = co_await desk_.ask(**port, keys, question_, addressee_, number_);
        port->reset();
        co_return asked;
    }

private:
    PinDesk& desk_;
    Pcm question_;
    std::string addressee_;
    std::string number_;
};
} // namespace

service::Performance without_pin()
{
    return not_released("pin-missing");
}

pbx::AudioPort::Sinks PortKeys::sinks()
{
    pbx::AudioPort::Sinks sinks;
    sinks.audio = [](std::span<const std::int16_t>) {};
    sinks.digit = [this](char key) {
        if (digit)
        {
            digit(key);
        }
    };
    sinks.closed = [this] { closed = true; };
    return sinks;
}

PinDesk::PinDesk(Clock& clock, const directory::Directory& directory, directory::Authentication& authentication,
                 Sandbox& sandbox, const Config& config)
    : clock_(clock), directory_(directory), authentication_(authentication), config_(config),
      speech_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<Pcm> PinDesk::question(std::string addressee)
{
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(addressee);
    const std::string language = user == nullptr ? config_.gateway.language : user->language;
    std::string sentence(notice::spoken_pin_question(notice::language_from_tag(language)));
    const VoiceLimits limits{longest_pin_question, config_.media.voice_octets};
    auto spoken = co_await speech_.say(std::move(sentence), language, limits);
    if (spoken.has_error())
    {
        log::info("media.pin-by-tones", {{"why", spoken.error().message()}});
        co_return pin_tones();
    }
    co_return std::move(*spoken);
}

boost::asio::awaitable<Result<service::Performance>> PinDesk::ask(pbx::AudioPort& port, PortKeys& keys, Pcm question,
                                                                  std::string addressee, std::string request)
{
    Duration pause = config_.confidential.pin_pause;
    for (std::size_t tried = 0; tried < config_.confidential.pin_tries; ++tried)
    {
        std::string pin = co_await listen_for(port, keys, question);
        if (keys.closed)
        {
            co_return without_pin();
        }
        const auto right = co_await authentication_.check_pin(addressee, std::move(pin));
        if (right.has_error())
        {
            co_return right.error();
        }
        if (*right)
        {
            log::info("media.pin-given", {{"request", request}});
            const Pcm yes = tone(880, 200ms);
            co_await play(port, keys, yes, 200ms);
            co_return service::Performance{};
        }
        log::warning("media.pin-wrong", {{"request", request}, {"tries", tried + 1}});
        const Pcm no = tone(400, 600ms);
        co_await play(port, keys, no, pause);
        pause *= 2;
    }
    co_return not_released("pin-wrong");
}

/// Asks, and hears the digits; the question ends with the first of them.
boost::asio::awaitable<std::string> PinDesk::listen_for(pbx::AudioPort& port, PortKeys& keys, const Pcm& question)
{
    PinEntry entry(config_.confidential.pin_time);
    Frames asked(question);
    keys.digit = [&entry](char key) { entry.on_digit(key); };
    const std::function<std::optional<Frame>()> next = [&entry, &asked]() -> std::optional<Frame> {
        if (!entry.touched() && !asked.done())
        {
            return asked.next();
        }
        entry.on_silent_frame();
        return entry.ended() ? std::nullopt : std::optional(Frame{});
    };
    co_await play_out(clock_, port, next, keys.closed);
    keys.digit = {};
    co_return entry.take();
}

/// Keys mean nothing meanwhile.
boost::asio::awaitable<void> PinDesk::play(pbx::AudioPort& port, PortKeys& keys, const Pcm& sound, Duration pause)
{
    Pcm whole = sound;
    whole.samples.resize(whole.samples.size() + samples_in(pause));
    Frames frames(whole);
    const std::function<std::optional<Frame>()> next = [&frames]() -> std::optional<Frame> {
        return frames.done() ? std::nullopt : std::optional(frames.next());
    };
    co_await play_out(clock_, port, next, keys.closed);
}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> PinDesk::prepare(store::Request request)
{
    Pcm asked = co_await question(request.addressee);
    std::shared_ptr<service::Content> content = std::make_shared<PinQuestion>(*this, std::move(asked), request);
    co_return content;
}
} // namespace ringpost::media
