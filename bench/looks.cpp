// SPDX-License-Identifier: Apache-2.0
// What waiting costs a service in which nothing happens: devices that are looked at from time to time, and monitor
// times that end.
#include "bench/benches.h"
#include "bench/rows.h"

#include <fmt/format.h>

namespace ringpost::bench
{
namespace
{
constexpr double look_goal = 30;
constexpr double expiry_goal = 1'000'000.0 / 3600; ///< a million within an hour

std::int64_t due_now(Gateway& gateway)
{
    std::int64_t count = 0;
    gateway.write([&](store::Connection& connection) {
        auto query = connection.prepare("SELECT count(*) FROM request WHERE wake_at <= ?");
        query.bind(gateway.clock().now());
        count = query.step() ? query.integer(0) : 0;
    });
    return count;
}

boost::asio::awaitable<void> until_none_is_due(Gateway& gateway, double& seconds)
{
    co_await gateway.clock().sleep_for(1s);
    const auto begun = Steady::now();
    gateway.scheduler().start();
    while (due_now(gateway) != 0)
    {
        co_await gateway.clock().sleep_for(100ms);
    }
    seconds = seconds_since(begun);
}
} // namespace

std::vector<Row> looks(const Size& size)
{
    Gateway gateway({size.directory, size.devices, 0, {}});
    fill_waiting(gateway, size.waiting, size.devices);
    std::size_t found = 0;
    const auto begun = Steady::now();
    gateway.write([&](store::Connection& connection) {
        found = store::Requests(connection).waited_for_devices(store::Requests::Silent::not_yet).size();
    });
    const double seconds = seconds_since(begun);
    return {{fmt::format("the {} devices found that {} camp-ons wait for", found, size.waiting),
             fmt::format("at most {:.0f} s", look_goal), fmt::format("{:.3f} s", seconds),
             seconds <= look_goal && found == size.devices}};
}

std::vector<Row> expiries(const Size& size)
{
    Gateway gateway({size.directory, size.devices, 0, {}});
    fill_waiting(gateway, size.waiting, size.devices, Duration{0});
    gateway.occupy_all();
    double seconds = 0;
    gateway.run([&] { return until_none_is_due(gateway, seconds); });
    const double rate = static_cast<double>(size.waiting) / seconds;
    return {{fmt::format("monitor times that end, {} at once, each with its result notice", size.waiting),
             fmt::format("at least {:.0f} a second (1000000 within an hour)", expiry_goal),
             fmt::format("{:.0f} a second", rate), rate >= expiry_goal}};
}
} // namespace ringpost::bench
