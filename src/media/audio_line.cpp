// SPDX-License-Identifier: Apache-2.0
#include "media/audio_line.h"

#include "core/log.h"

#include <boost/asio/post.hpp>

#include <atomic>
#include <span>
#include <utility>
#include <vector>

namespace ringpost::media
{
namespace
{
using Samples = std::vector<std::int16_t>;

/// Portions on their way to the other thread; as a rule one is 20 ms.
constexpr std::size_t most_on_the_way = 100;
} // namespace

struct AudioLine::Crossing : std::enable_shared_from_this<AudioLine::Crossing>
{
    Crossing(boost::asio::any_io_executor control_executor, boost::asio::any_io_executor audio_executor,
             std::unique_ptr<pbx::AudioPort> control_port)
        : control(std::move(control_executor)), audio(std::move(audio_executor)), port(std::move(control_port))
    {}

    void say(std::span<const std::int16_t> samples);
    void listen(bool with_audio);
    void hear(std::span<const std::int16_t> samples);
    /// On the audio executor, unless nobody listens there any more.
    template <class Action>
    void tell(Action action)
    {
        boost::asio::post(audio, [self = shared_from_this(), action = std::move(action)] {
            // Held here: a sink may end the line.
            if (const auto now = self->sinks)
            {
                action(*now);
            }
        });
    }

    void tell_closed()
    {
        tell([](const pbx::AudioPort::Sinks& now) {
            if (now.closed)
            {
                now.closed();
            }
        });
    }

    const boost::asio::any_io_executor control;
    const boost::asio::any_io_executor audio;
    std::unique_ptr<pbx::AudioPort> port;               ///< of the control executor
    std::shared_ptr<const pbx::AudioPort::Sinks> sinks; ///< of the audio executor
    std::atomic<std::size_t> said{0};
    std::atomic<std::size_t> heard{0};
    bool dropped = false; ///< of the audio executor
};

void AudioLine::Crossing::say(std::span<const std::int16_t> samples)
{
    if (said.load() >= most_on_the_way)
    {
        if (!std::exchange(dropped, true))
        {
            log::warning("media.audio-dropped", {{"why", "more than 2 s wait for the control thread"}});
        }
        return;
    }
    said.fetch_add(1);
    boost::asio::post(control, [self = shared_from_this(), sound = Samples(samples.begin(), samples.end())] {
        self->said.fetch_sub(1);
        if (self->port)
        {
            self->port->send(sound);
        }
    });
}

void AudioLine::Crossing::hear(std::span<const std::int16_t> samples)
{
    if (heard.load() >= most_on_the_way)
    {
        return;
    }
    heard.fetch_add(1);
    // Counted down whoever listens by then.
    boost::asio::post(audio, [self = shared_from_this(), sound = Samples(samples.begin(), samples.end())] {
        self->heard.fetch_sub(1);
        if (const auto now = self->sinks)
        {
            now->audio(sound);
        }
    });
}

void AudioLine::Crossing::listen(bool with_audio)
{
    if (!port)
    {
        tell_closed();
        return;
    }
    pbx::AudioPort::Sinks forward;
    const std::weak_ptr<Crossing> weak = weak_from_this();
    if (with_audio)
    {
        forward.audio = [weak](std::span<const std::int16_t> samples) {
            if (const auto self = weak.lock())
            {
                self->hear(samples);
            }
        };
    }
    forward.digit = [weak](char key) {
        if (const auto self = weak.lock())
        {
            self->tell([key](const pbx::AudioPort::Sinks& now) {
                if (now.digit)
                {
                    now.digit(key);
                }
            });
        }
    };
    forward.closed = [weak] {
        if (const auto self = weak.lock())
        {
            self->tell_closed();
        }
    };
    port->listen(std::move(forward));
}

class AudioLine::End : public pbx::AudioPort
{
public:
    explicit End(std::shared_ptr<Crossing> crossing) : crossing_(std::move(crossing)) {}
    ~End() override
    {
        crossing_->sinks.reset();
        boost::asio::post(crossing_->control, [crossing = crossing_] { crossing->port.reset(); });
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;

    void listen(Sinks sinks) override
    {
        const bool with_audio = static_cast<bool>(sinks.audio);
        crossing_->sinks = std::make_shared<const Sinks>(std::move(sinks));
        boost::asio::post(crossing_->control, [crossing = crossing_, with_audio] { crossing->listen(with_audio); });
    }
    void send(std::span<const std::int16_t> samples) override { crossing_->say(samples); }

private:
    std::shared_ptr<Crossing> crossing_;
};

AudioLine::AudioLine(boost::asio::any_io_executor control, boost::asio::any_io_executor audio,
                     std::unique_ptr<pbx::AudioPort> port)
    : crossing_(std::make_shared<Crossing>(std::move(control), std::move(audio), std::move(port)))
{}

AudioLine::~AudioLine()
{
    crossing_->port.reset();
}

void AudioLine::close()
{
    crossing_->port.reset();
    crossing_->tell_closed();
}

std::unique_ptr<pbx::AudioPort> AudioLine::take_end()
{
    return std::make_unique<End>(crossing_);
}
} // namespace ringpost::media
