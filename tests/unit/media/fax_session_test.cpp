// SPDX-License-Identifier: Apache-2.0
#include "core/virtual_clock.h"
#include "fax.h"
#include "media/fax_session.h"

#include <deque>
#include <functional>
#include <random>

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;

namespace
{
const Instant noon = parse_rfc3339("2026-12-01T12:00:00Z").value();

FaxDocument document_of(const std::vector<Bitmap>& pages)
{
    auto coded = read_fax_pages(recoded(raw_tiff(pages), "g4"), 100);
    REQUIRE(coded.has_value());
    return {std::make_shared<const std::vector<FaxPage>>(std::move(*coded))};
}

std::vector<Bitmap> some_pages(unsigned count)
{
    std::vector<Bitmap> pages;
    for (unsigned i = 0; i < count; ++i)
    {
        pages.push_back(drawn_page(i + 1, 250));
    }
    return pages;
}

/// A telephone network in virtual time, at its other end a FAX, or nobody who says anything.
class Network
{
public:
    explicit Network(bool fax) : clock_(context_, noon)
    {
        if (fax)
        {
            far_.emplace(std::move(*FaxModem::receiver({})));
        }
    }

    VirtualClock& clock() { return clock_; }
    FaxModem& far() { return *far_; }
    Duration delay = 0ms;         ///< each way
    Duration jitter = 0ms;        ///< more, on the way to us
    std::size_t lost_of_1000 = 0; ///< frames on the way to us
    std::function<bool()> breaks = [] { return false; };
    std::size_t least_ahead = 0; ///< frames that the far side did not get in time
    bool given_back = false;

    FaxResult call(FaxDocument document, std::size_t first = 0, const FaxOptions& options = {}, Duration time = 10min)
    {
        std::optional<FaxResult> answer;
        const Instant begun = clock_.now();
        auto port = std::make_unique<Port>(*this);
        boost::asio::co_spawn(context_, send_fax(clock_, std::move(port), std::move(document), first, options, time),
                              [&answer](const std::exception_ptr& error, FaxResult result) {
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
        return *answer;
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
            least_ahead += started_ && given_back == false ? 1 : 0;
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

void check_sent(Network& network, const FaxResult& result, const std::vector<Bitmap>& pages)
{
    INFO(result.text);
    CHECK(result.cause == Cause::none);
    CHECK_FALSE(result.retry);
    CHECK(result.text.empty());
    CHECK(result.pages_sent == pages.size());
    CHECK(result.pages_total == pages.size());
    const auto received = network.far().received();
    REQUIRE(received.has_value());
    CHECK(bitmaps_of(*received) == pages);
}
} // namespace

TEST_CASE("A document goes through the telephone network")
{
    const auto pages = some_pages(2);
    for (const bool correction : {true, false})
    {
        Network network(true);
        FaxOptions options;
        options.error_correction = correction;
        const auto result = network.call(document_of(pages), 0, options);
        check_sent(network, result, pages);
        CHECK(result.bit_rate == 14400);
        CHECK(result.error_correction == correction);
        CHECK(network.least_ahead == 0);
        CHECK(network.took < 90s);
    }
}

TEST_CASE("Delay and jitter of the far side make no hole in what the modem hears")
{
    const auto pages = some_pages(2);
    for (const bool correction : {true, false})
    {
        Network network(true);
        network.delay = 60ms;
        network.jitter = 80ms;
        FaxOptions options;
        options.error_correction = correction;
        check_sent(network, network.call(document_of(pages), 0, options), pages);
    }
}

TEST_CASE("Lost answers are asked for again")
{
    const auto pages = some_pages(2);
    Network network(true);
    network.lost_of_1000 = 5;
    network.delay = 40ms;
    check_sent(network, network.call(document_of(pages)), pages);
}

TEST_CASE("A call that breaks is gone on with behind the last confirmed page")
{
    const auto pages = some_pages(3);
    const auto document = document_of(pages);
    Network network(true);
    const auto other = [&network] { return network.far().progress().pages; };
    // A while after the far side has got the first page, so that we know it.
    int since = 0;
    network.breaks = [&] { return other() == 1 && ++since > 125; };
    const auto first = network.call(document);
    CHECK(first.pages_sent == 1);
    CHECK(first.pages_total == 3);
    CHECK(first.cause == Cause::congestion);
    CHECK(first.retry);
    CHECK_FALSE(first.text.empty());
    Network again(true);
    check_sent(again, again.call(document, first.pages_sent), {pages[1], pages[2]});
}

TEST_CASE("Where no FAX answers it ends soon, and is not tried again")
{
    Network network(false);
    const auto result = network.call(document_of(some_pages(1)));
    CHECK(result.cause == Cause::rejected);
    CHECK_FALSE(result.retry);
    CHECK(result.pages_sent == 0);
    CHECK(result.text.starts_with("no FAX has answered at this number"));
    CHECK(network.took > 20s);
    CHECK(network.took < 90s);
}

TEST_CASE("Somebody who hangs up at once is no FAX")
{
    Network network(false);
    int ticks = 0;
    network.breaks = [&ticks] { return ++ticks > 100; };
    const auto result = network.call(document_of(some_pages(1)));
    CHECK(result.cause == Cause::rejected);
    CHECK_FALSE(result.retry);
    CHECK(network.took < 5s);
}

TEST_CASE("A call that is too long is ended")
{
    const auto pages = some_pages(3);
    Network early(true);
    const auto none = early.call(document_of(pages), 0, {}, 12s);
    CHECK(none.cause == Cause::error);
    CHECK_FALSE(none.retry);
    CHECK(none.text == "the call was longer than 12s");
    CHECK(early.took < 14s);
    Network later(true);
    const auto some = later.call(document_of(pages), 0, {}, 17s);
    CHECK(some.pages_sent > 0);
    CHECK(some.pages_sent < 3);
    CHECK(some.cause == Cause::congestion);
    CHECK(some.retry);
}

TEST_CASE("A page that does not exist is not sent")
{
    Network network(true);
    const auto result = network.call(document_of(some_pages(1)), 1);
    CHECK(result.cause == Cause::error);
    CHECK(result.text == "there is no such page");
}
