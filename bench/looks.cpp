// SPDX-License-Identifier: Apache-2.0
// What waiting costs a service in which nothing happens: requests that are looked at anew though no release came.
#include "bench/benches.h"
#include "bench/rows.h"

#include <fmt/format.h>

namespace ringpost::bench
{
namespace
{
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
    const double needed = 1'000'000.0 / std::chrono::duration<double>(service::CampOnRules{}.release_relook).count();
    Gateway gateway({size.directory, size.devices, 0, {}});
    fill_waiting(gateway, size.waiting, size.devices, Duration{0});
    gateway.occupy_all();
    double seconds = 0;
    gateway.run([&] { return until_none_is_due(gateway, seconds); });
    const double rate = static_cast<double>(size.waiting) / seconds;
    return {{fmt::format("waiting requests looked at anew, {} due at once, every device in use", size.waiting),
             fmt::format("at least {:.0f} a second (1000000 waiting, each every 5 minutes)", needed),
             fmt::format("{:.0f} a second", rate), rate >= needed}};
}
} // namespace ringpost::bench
