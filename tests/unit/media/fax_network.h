// SPDX-License-Identifier: Apache-2.0
// A call with a FAX at its other end, in virtual time.
#pragma once

#include "core/virtual_clock.h"
#include "fax.h"
#include "media/fax_session.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>

namespace ringpost::media::test
{
inline const Instant noon = parse_rfc3339("2026-12-01T12:00:00Z").value();

/// A telephone network in virtual time, at its other end a FAX, or nobody who says anything.
class Network
{
public:
    explicit Network(bool fax) : clock_(context_, noon)
    {
        if (fax)
        {
            far_.emplace(*FaxModem::receiver({}));
        }
    }

    VirtualClock& clock() { return clock_; }
    FaxModem& far() { return *far_; }
    Duration delay = 0ms;         ///< each way
    Duration jitter = 0ms;        ///< more, on the way to us
    std::size_t lost_of_1000 = 0; ///< frames on the way to us
    std::function<bool()> breaks = [] { return false; };
    std::size_t gaps = 0; ///< frames that the far side did not get in time
    bool given_back = false;

    boost::asio::io_context& context() { return context_; }
    std::unique_ptr<pbx::AudioPort> port() { return std::make_unique<Port>(*this); }

    FaxResult call(FaxDocument document, std::size_t first = 0, const FaxOptions& options = {}, Duration time = 10min)
    {
        return carry(send_fax(clock_, port(), std::move(document), first, options, time));
    }

    /// Runs `work`, which sends over port(), to its end, and a little longer.
    template <class T>
    T carry(boost::asio::awaitable<T> work)
    {
        std::optional<T> answer;
        const Instant begun = clock_.now();
        context_.restart();
        boost::asio::co_spawn(context_, std::move(work), [&answer](const std::exception_ptr& error, T result) {
            REQUIRE_FALSE(error);
            answer = std::move(result);
        });
        ticking_ = true;
        tick();
        while (!answer && clock_.now() - begun < 1h)
        {
            clock_.run_for(1s);
        }
        took = clock_.now() - begun;
        // The far side hangs up a little later.
        clock_.run_for(5s);
        ticking_ = false;
        if (far_)
        {
            far_->hang_up();
        }
        CHECK(given_back);
        REQUIRE(answer.has_value());
        return std::move(*answer);
    }
    Duration took{};

private:
    class Port : public pbx::AudioPort
    {
    public:
        explicit Port(Network& network) : network_(network) { network_.given_back = false; }
        ~Port() override
        {
            network_.sinks_ = {};
            network_.given_back = true;
        }
        void listen(Sinks sinks) override { network_.sinks_ = std::move(sinks); }
        void send(std::span<const std::int16_t> samples) override
        {
            Frame frame{};
            REQUIRE(samples.size() == frame.size());
            std::copy(samples.begin(), samples.end(), frame.begin());
            network_.outbound_.push_back(frame);
            REQUIRE(network_.outbound_.size() <= 10); // 200 ms, as pbx/audio_port.h says
        }

    private:
        Network& network_;
    };

    /// 20 ms at the far side.
    void tick()
    {
        if (!ticking_)
        {
            return;
        }
        timer_ = clock_.after(20ms, [this] { tick(); });
        if (breaks() && sinks_.closed)
        {
            sinks_.closed();
            sinks_ = {};
            return;
        }
        Frame heard{};
        const auto behind = static_cast<std::size_t>(delay / 20ms);
        if (outbound_.empty())
        {
            gaps += started_ && given_back == false ? 1 : 0;
        }
        else
        {
            started_ = true;
            late_.push_back(outbound_.front());
            outbound_.pop_front();
        }
        if (late_.size() > behind)
        {
            heard = late_.front();
            late_.pop_front();
        }
        if (far_)
        {
            far_->rx(heard);
            answer(far_->tx());
        }
    }

    void answer(const Frame& frame)
    {
        if (dice_() % 1000 < lost_of_1000)
        {
            return;
        }
        const auto more =
            jitter.count() == 0 ? Duration{} : Duration{static_cast<std::int64_t>(dice_()) % jitter.count()};
        // In order: what is late holds up what follows.
        arrival_ = std::max(arrival_, clock_.now() + delay + more);
        inbound_.push_back({frame, clock_.at(arrival_, [this] { arrive(); })});
    }
    void arrive()
    {
        const auto [frame, timer] = std::move(inbound_.front());
        inbound_.pop_front();
        if (sinks_.audio)
        {
            sinks_.audio(frame);
        }
    }

    struct Arriving
    {
        Frame frame;
        Timer timer;
    };

    boost::asio::io_context context_;
    VirtualClock clock_;
    std::optional<FaxModem> far_;
    pbx::AudioPort::Sinks sinks_;
    std::deque<Frame> outbound_;
    std::deque<Frame> late_;
    std::deque<Arriving> inbound_;
    Timer timer_;
    Instant arrival_ = noon;
    std::minstd_rand dice_{11};
    bool ticking_ = false;
    bool started_ = false;
};
} // namespace ringpost::media::test
