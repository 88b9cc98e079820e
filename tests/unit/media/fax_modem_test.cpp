// SPDX-License-Identifier: Apache-2.0
#include "fax.h"
#include "media/fax_modem.h"

#include <deque>
#include <random>

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;

namespace
{
FaxModem sender(const FaxDocument& document, std::size_t first = 0, const FaxOptions& options = {})
{
    auto modem = FaxModem::sender(document, first, options);
    REQUIRE(modem.has_value());
    return std::move(*modem);
}

FaxModem receiver(const FaxOptions& options = {})
{
    auto modem = FaxModem::receiver(options);
    REQUIRE(modem.has_value());
    return std::move(*modem);
}

/// Two modems and what is between them, frame by frame.
struct Line
{
    std::size_t delay = 0; ///< frames, each way
    std::function<bool(std::size_t)> loses = [](std::size_t) { return false; };
    std::function<bool()> breaks = [] { return false; }; ///< looked at each frame
    int noise = 0;                                       ///< loudness

    /// A line that is loud in itself would be no line: its silence is not mistaken for a modem.
    void disturb(Frame& frame, std::minstd_rand& dice) const
    {
        for (auto& sample : frame)
        {
            if (noise > 0 && sample != 0)
            {
                const int more = static_cast<int>(dice() % static_cast<unsigned>(2 * noise)) - noise;
                sample = static_cast<std::int16_t>(std::clamp(sample + more, -32'000, 32'000));
            }
        }
    }

    /// Frames until both have finished, or `most`.
    std::size_t connect(FaxModem& calling, FaxModem& called, std::size_t most = 50 * 600) const
    {
        std::deque<Frame> there(delay), back(delay);
        std::minstd_rand dice(7);
        std::size_t frames = 0;
        for (; frames < most && !(calling.finished() && called.finished()); ++frames)
        {
            if (breaks())
            {
                calling.hang_up();
                called.hang_up();
                break;
            }
            there.push_back(calling.tx());
            back.push_back(called.tx());
            if (loses(frames))
            {
                there.back().fill(0);
                back.back().fill(0);
            }
            disturb(there.back(), dice);
            called.rx(there.front());
            calling.rx(back.front());
            there.pop_front();
            back.pop_front();
        }
        return frames;
    }
};

void check_delivered(const FaxModem& calling, const FaxModem& called, const std::vector<Bitmap>& pages)
{
    INFO(calling.reason() << " / " << called.reason());
    CHECK(calling.end() == FaxEnd::done);
    CHECK(calling.progress().pages == pages.size());
    CHECK(called.progress().pages == pages.size());
    const auto received = called.received();
    REQUIRE(received.has_value());
    CHECK(bitmaps_of(*received) == pages);
}
} // namespace

TEST_CASE("Pages arrive as they were sent, with and without error correction")
{
    const auto pages = some_pages(3);
    for (const bool correction : {true, false})
    {
        FaxOptions ours;
        ours.station_id = "+81 44 222 3333";
        ours.error_correction = correction;
        FaxOptions theirs;
        theirs.station_id = "+81 44 111";
        auto calling = sender(document_of(pages), 0, ours);
        auto called = receiver(theirs);
        const std::size_t frames = Line{}.connect(calling, called);
        INFO(frames / 50 << " s");
        check_delivered(calling, called, pages);
        CHECK(calling.progress().bit_rate == 14400);
        CHECK(calling.progress().error_correction == correction);
        CHECK(calling.progress().remote_id == theirs.station_id);
        CHECK(called.progress().remote_id == ours.station_id);
        CHECK(frames < 50 * 90);
    }
}

TEST_CASE("A receiver without error correction gets pages without it")
{
    const auto pages = some_pages(1);
    FaxOptions theirs;
    theirs.error_correction = false;
    auto calling = sender(document_of(pages));
    auto called = receiver(theirs);
    Line{}.connect(calling, called);
    check_delivered(calling, called, pages);
    CHECK_FALSE(calling.progress().error_correction);
}

TEST_CASE("The fastest modem that both have is used")
{
    const auto pages = some_pages(1);
    const std::vector<std::pair<FaxOptions::Fastest, std::uint32_t>> cases{
        {FaxOptions::Fastest::v17, 14400}, {FaxOptions::Fastest::v29, 9600}, {FaxOptions::Fastest::v27ter, 4800}};
    for (const auto& [fastest, rate] : cases)
    {
        FaxOptions options;
        options.fastest = fastest;
        auto calling = sender(document_of(pages));
        auto called = receiver(options);
        Line{}.connect(calling, called);
        check_delivered(calling, called, pages);
        CHECK(calling.progress().bit_rate == rate);
    }
}

TEST_CASE("A noisy line is trained down to a speed that gets through")
{
    const auto pages = some_pages(1);
    auto calling = sender(document_of(pages));
    auto called = receiver();
    Line line;
    line.noise = 800;
    line.connect(calling, called);
    check_delivered(calling, called, pages);
    CHECK(calling.progress().bit_rate < 14400);
    CHECK(calling.progress().bit_rate >= 2400);
}

TEST_CASE("A delay of 60 ms each way does no harm")
{
    const auto pages = some_pages(2);
    for (const bool correction : {true, false})
    {
        FaxOptions options;
        options.error_correction = correction;
        auto calling = sender(document_of(pages), 0, options);
        auto called = receiver();
        Line line;
        line.delay = 3;
        line.connect(calling, called);
        check_delivered(calling, called, pages);
    }
}

TEST_CASE("Error correction repairs what lost frames have spoilt")
{
    const auto pages = some_pages(2);
    auto calling = sender(document_of(pages));
    auto called = receiver();
    Line line;
    // Beyond the training: every three seconds one.
    line.loses = [](std::size_t frame) { return frame > 400 && frame % 150 == 0; };
    line.connect(calling, called);
    check_delivered(calling, called, pages);
    CHECK(calling.progress().error_correction);
}

TEST_CASE("Without error correction lost frames end in confirmed pages or in a bad line, always soon")
{
    const auto pages = some_pages(2);
    FaxOptions options;
    options.error_correction = false;
    bool spoilt = false;
    for (std::size_t first = 440; first < 620; first += 30)
    {
        auto calling = sender(document_of(pages), 0, options);
        auto called = receiver();
        Line line;
        line.loses = [first](std::size_t frame) { return frame >= first && frame < first + 4; };
        CHECK(line.connect(calling, called) < 50 * 300);
        const bool done = calling.end() == FaxEnd::done && calling.progress().pages == 2;
        const bool broken = calling.end() == FaxEnd::line && calling.progress().pages < 2;
        CHECK((done || broken));
        const auto received = called.received();
        spoilt = spoilt || received.has_error() || bitmaps_of(*received) != pages;
    }
    // Otherwise nothing was lost, and the test above says nothing of error correction either.
    CHECK(spoilt);
}

TEST_CASE("What was not confirmed is sent by the next call")
{
    const auto pages = some_pages(3);
    const auto document = document_of(pages);
    for (const bool correction : {true, false})
    {
        FaxOptions options;
        options.error_correction = correction;
        auto calling = sender(document, 0, options);
        auto called = receiver();
        Line line;
        line.breaks = [&calling] { return calling.progress().pages == 1; };
        line.connect(calling, called);
        CHECK(calling.progress().pages == 1);
        CHECK(calling.end() == FaxEnd::line);
        CHECK_FALSE(calling.reason().empty());
        auto again = sender(document, 1, options);
        auto rest = receiver();
        Line{}.connect(again, rest);
        check_delivered(again, rest, {pages[1], pages[2]});
    }
}

TEST_CASE("Who hangs up when every page is confirmed has got everything")
{
    auto calling = sender(document_of(some_pages(2)));
    auto called = receiver();
    Line line;
    line.breaks = [&calling] { return calling.progress().pages == 2; };
    line.connect(calling, called);
    CHECK(calling.end() == FaxEnd::done);
}

TEST_CASE("A line above each page says when, who and which page")
{
    const auto pages = some_pages(2);
    FaxOptions options;
    options.header = "Ringpost \xe6\x97\xa5 office";
    options.station_id = "+81442223333";
    auto calling = sender(document_of(pages), 0, options);
    auto called = receiver();
    Line{}.connect(calling, called);
    CHECK(calling.end() == FaxEnd::done);
    const auto received = bitmaps_of(called.received().value());
    REQUIRE(received.size() == 2);
    for (std::size_t i = 0; i < 2; ++i)
    {
        REQUIRE(received[i].rows > pages[i].rows);
        const std::size_t above = std::size_t{received[i].rows - pages[i].rows} * fax_width / 8;
        CHECK(received[i].bits.substr(above) == pages[i].bits);
        CHECK(blackness({0, received[i].bits.substr(0, above)}) > 200);
    }
    const std::size_t above = std::size_t{received[0].rows - pages[0].rows} * fax_width / 8;
    CHECK(received[0].bits.substr(0, above) != received[1].bits.substr(0, above));
}

TEST_CASE("The receiver is told where behind it the pages go")
{
    FaxOptions options;
    options.sub_address = "1234";
    auto calling = sender(document_of(some_pages(1)), 0, options);
    auto called = receiver();
    Line{}.connect(calling, called);
    CHECK(calling.end() == FaxEnd::done);
    CHECK(called.progress().sub_address == "1234");
}

TEST_CASE("Nobody who is a FAX: it ends by itself")
{
    auto calling = sender(document_of(some_pages(1)));
    const Frame silence{};
    std::size_t frames = 0;
    for (; frames < 50 * 120 && !calling.finished(); ++frames)
    {
        static_cast<void>(calling.tx());
        calling.rx(silence);
    }
    CHECK(calling.end() == FaxEnd::no_fax);
    CHECK(frames < 50 * 90);
    CHECK(calling.progress().pages == 0);
    CHECK_FALSE(calling.progress().met);
    CHECK(calling.tx() == Frame{});
}

TEST_CASE("A hang-up before anything was said is no FAX, and again changes nothing")
{
    auto calling = sender(document_of(some_pages(1)));
    calling.rx(Frame{});
    calling.hang_up();
    CHECK(calling.end() == FaxEnd::no_fax);
    const std::string reason = calling.reason();
    calling.hang_up();
    CHECK(calling.reason() == reason);
    CHECK(receiver().received().error().code() == Errc::not_found);
}

TEST_CASE("There is nothing to send behind the last page")
{
    CHECK(FaxModem::sender(document_of(some_pages(2)), 2, {}).error().code() == Errc::not_found);
}

TEST_CASE("A FAX calls itself by digits")
{
    CHECK(station_id("+81 44-222-3333") == "+81 442223333");
    CHECK(station_id("Ringpost\n") == "");
    CHECK(station_id(std::string(50, '1')) == std::string(20, '1'));
}
