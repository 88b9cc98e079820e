// SPDX-License-Identifier: Apache-2.0
// Very many camp-ons that wait: how fast they are stored, what they cost in memory, how long a start takes.
#include "bench/benches.h"
#include "bench/rows.h"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

namespace ringpost::bench
{
namespace
{
constexpr std::size_t sessions = 20;
constexpr double memory_goal = 300;
constexpr double start_goal = 5;

boost::asio::awaitable<void> session(Gateway& gateway, const Size& size, std::int64_t& next)
{
    while (next < size.waiting)
    {
        const std::int64_t mine = next++;
        auto request = waiting(mine, size.devices, gateway.clock().now(), 24h);
        std::function<Result<bool>(store::Connection&)> unit =
            [request = std::move(request)](store::Connection& connection) -> Result<bool> {
            static_cast<void>(store::Requests(connection).insert(request));
            return true;
        };
        const auto stored = co_await gateway.database().write<bool>("bench.accept", std::move(unit));
        static_cast<void>(stored.value());
    }
}

boost::asio::awaitable<void> all_sessions(Gateway& gateway, const Size& size)
{
    std::int64_t next = 0;
    TaskGroup group;
    for (std::size_t i = 0; i < sessions; ++i)
    {
        group.spawn(gateway.executor(), "bench.session", session(gateway, size, next));
    }
    co_await group.when_empty();
}

/// Asks for a call of an idle telephone, and waits until the exchange is asked for it.
boost::asio::awaitable<void> probe(Gateway& gateway, std::int64_t number)
{
    const Instant now = gateway.clock().now();
    auto request = order(number, phone(Phone::idle, 0), phone(Phone::idle_source, 0), now);
    request.trigger = Trigger::system_recognition;
    request.state = RequestState::waiting;
    request.expires_at = now + 24h;
    request.wake_at = now;
    std::function<Result<RequestId>(store::Connection&)> unit =
        [request](store::Connection& connection) -> Result<RequestId> {
        return store::Requests(connection).insert(request);
    };
    const auto stored = co_await gateway.database().write<RequestId>("bench.probe", std::move(unit));
    request.id = stored.value();
    gateway.line().expect(request.destination_device, false);
    gateway.scheduler().handed_over(request);
    while (gateway.line().missing() != 0)
    {
        co_await gateway.clock().sleep_for(1ms);
    }
}

boost::asio::awaitable<void> start_and_probe(Gateway& gateway, const Size& size, double& served)
{
    co_await gateway.clock().sleep_for(1s); // until everybody talks
    const auto begun = Steady::now();
    gateway.scheduler().start();
    co_await probe(gateway, -1);
    served = seconds_since(begun);
    while (gateway.line().monitored() < size.devices + 1)
    {
        co_await gateway.clock().sleep_for(1ms);
    }
    const auto monitored = std::chrono::duration<double>(gateway.line().last_monitored() - begun).count();
    served = std::max(served, monitored);
    // What comes after the start counts too.
    co_await gateway.clock().sleep_for(5s);
}

std::int64_t count_waiting(Gateway& gateway)
{
    std::int64_t count = 0;
    gateway.write([&count](store::Connection& connection) {
        auto query = connection.prepare("SELECT count(*) FROM request WHERE state = 'waiting' AND wait = 'release'");
        count = query.step() ? query.integer(0) : 0;
    });
    return count;
}
} // namespace

std::vector<Row> accept(const Size& size)
{
    const auto limit = one_row_commits(size.directory, std::chrono::seconds(3));
    Gateway gateway({size.directory, size.devices, 1, {}});
    const auto begun = Steady::now();
    gateway.run([&] { return all_sessions(gateway, size); });
    const double rate = static_cast<double>(size.waiting) / seconds_since(begun);
    const double ratio = rate / limit.per_second;
    return {{"this machine: commits of one row a second, SQLite alone", "",
             fmt::format("{:.0f} a second, {}", limit.per_second, limit.latencies.text()), true},
            {fmt::format("{} camp-ons stored by {} sessions at once", size.waiting, sessions),
             "more than one-row commits of this machine",
             fmt::format("{:.0f} a second, {:.1f} times the one-row commits", rate, ratio), ratio > 1}};
}

std::vector<Row> recover(const Size& size)
{
    const auto opened = Steady::now();
    Gateway gateway({size.directory, size.devices, 1, {}});
    const double opening = seconds_since(opened);
    const std::int64_t stored = count_waiting(gateway);
    gateway.occupy_all();
    double served = 0;
    gateway.run([&] { return start_and_probe(gateway, size, served); });
    const double start = opening + served;
    const double memory = process_mib("VmHWM");
    return {{fmt::format("{} camp-ons wait for {} devices: start until the service serves", stored, size.devices),
             fmt::format("at most {} s", start_goal),
             fmt::format("{:.2f} s ({:.2f} s to open, {:.2f} s to recover)", start, opening, served),
             start <= start_goal && stored == size.waiting},
            {fmt::format("{} camp-ons wait: memory of the process at its highest", stored),
             fmt::format("at most {} MiB", memory_goal), fmt::format("{:.0f} MiB", memory),
             memory <= memory_goal && stored == size.waiting}};
}
} // namespace ringpost::bench
