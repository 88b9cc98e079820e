// SPDX-License-Identifier: Apache-2.0
#include "fax_network.h"

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;

namespace
{
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
        CHECK(network.gaps == 0);
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
    CHECK(result.text == "no FAX has answered at this number");
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

TEST_CASE("A number that has taken a page before is a FAX, and is tried again")
{
    Network network(false);
    int ticks = 0;
    network.breaks = [&ticks] { return ++ticks > 100; };
    const auto result = network.call(document_of(some_pages(2)), 1);
    CHECK(result.cause == Cause::congestion);
    CHECK(result.retry);
    CHECK(result.pages_sent == 0);
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
