// SPDX-License-Identifier: Apache-2.0
// Resolver with a name server that says nothing. What others say is in tests/e2e/routing_test.py.
#include "core/real_clock.h"
#include "core/resolver.h"
#include "unit/run_until.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/udp.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <optional>

using namespace ringpost;
namespace asio = boost::asio;
using test::run_until;

namespace
{
struct Silence
{
    asio::io_context context;
    RealClock clock{context.get_executor()};
    asio::ip::udp::socket server{context, {asio::ip::address_v4::loopback(), 0}};
    std::unique_ptr<Resolver> resolver =
        Resolver::open(context.get_executor(), clock,
                       {{fmt::format("127.0.0.1:{}", server.local_endpoint().port())}, 1min, 1})
            .value();
    std::optional<Errc> end;

    void ask()
    {
        end.reset();
        asio::co_spawn(context, resolver->addresses("host.example"), [this](const std::exception_ptr&, auto result) {
            end = result.has_error() ? result.error().code() : Errc::internal;
        });
    }
};
} // namespace

TEST_CASE_METHOD(Silence, "A cancelled resolver answers what is asked and what will be asked")
{
    ask(); // for AAAA; A would be asked afterwards
    REQUIRE(run_until(context, [this] { return server.available() > 0; }));
    resolver->cancel();
    REQUIRE(run_until(context, [this] { return end.has_value(); }));
    CHECK(*end == Errc::unavailable);
    ask();
    REQUIRE(run_until(context, [this] { return end.has_value(); }));
    CHECK(*end == Errc::unavailable);
}
