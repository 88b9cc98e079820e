// SPDX-License-Identifier: Apache-2.0
// How soon the exchange is asked for a call while very many requests wait. The calls come at a fixed rate, whether the
// ones before are over or not, so that a stall is seen by all that it delays.
#include "bench/benches.h"
#include "bench/rows.h"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <functional>

namespace ringpost::bench
{
namespace
{
constexpr double goal = 5;

/// No limit on attempts, and no rest between two calls: what is measured is the service, not its settings.
service::SchedulerOptions unlimited()
{
    return {Duration{0}, 10'000, 10'000};
}

/// Runs `one(i)` for each sample at its time, then waits for the last.
boost::asio::awaitable<void> at_rate(Gateway& gateway, const Size& size, std::function<void(std::size_t)> one)
{
    co_await gateway.clock().sleep_for(1s);
    gateway.scheduler().start();
    co_await gateway.clock().sleep_for(2s);
    const Instant begun = gateway.clock().now();
    for (std::size_t i = 0; i < size.samples; ++i)
    {
        one(i);
        co_await gateway.clock().sleep_until(begun + Duration(1s) * static_cast<std::int64_t>(i + 1) /
                                                         static_cast<std::int64_t>(size.rate));
    }
    co_await gateway.clock().sleep_for(1s);
}

/// `limit`: what this disk did just before; at least one commit is part of every call.
Row row(std::string what, const StampedExchange& line, const OneRowCommits& limit)
{
    const bool all = line.missing() == 0 && line.latencies().size() != 0;
    std::string measured =
        fmt::format("{}; one-row commits just before: {}", line.latencies().text(), limit.latencies.text());
    if (line.missing() != 0)
    {
        measured += fmt::format(", {} never called", line.missing());
    }
    return {std::move(what), fmt::format("p99 at most {} ms", goal), std::move(measured),
            all && line.latencies().at(0.99) <= goal};
}

boost::asio::awaitable<void> receive(Gateway& gateway, MailboxEntryId entry, std::string device)
{
    gateway.line().expect(device, false);
    const auto received = co_await gateway.reception().received(entry, mailbox::Reception::By::retr, "127.0.0.1");
    received.value();
}
} // namespace

std::vector<Row> release(const Size& size)
{
    const auto limit = one_row_commits(size.directory, std::chrono::seconds(2));
    Gateway gateway({size.directory, size.devices, 0, unlimited()});
    fill_waiting(gateway, size.waiting, size.devices);
    gateway.occupy_all();
    gateway.run([&] {
        return at_rate(gateway, size, [&](std::size_t i) {
            const auto device = phone(Phone::destination, i % size.devices);
            gateway.line().expect(device, true);
            gateway.exchange().hang_up(device).value();
        });
    });
    return {row(fmt::format("{} wait: release reported by the exchange → next call asked of it ({} a second)",
                            size.waiting, size.rate),
                gateway.line(), limit)};
}

std::vector<Row> reception(const Size& size)
{
    const auto limit = one_row_commits(size.directory, std::chrono::seconds(2));
    Gateway gateway({size.directory, size.devices, size.samples, unlimited()});
    fill_waiting(gateway, size.waiting, size.devices);
    std::vector<MailboxEntryId> entries;
    gateway.write([&](store::Connection& connection) {
        for (std::size_t i = 0; i < size.samples; ++i)
        {
            entries.push_back(insert_unread(connection, gateway.user_id(), i, gateway.clock().now()));
        }
    });
    gateway.occupy_all();
    gateway.run([&] {
        return at_rate(gateway, size, [&](std::size_t i) {
            spawn(gateway.executor(), "bench.receive", receive(gateway, entries.at(i), phone(Phone::idle, i)));
        });
    });
    return {row(fmt::format("{} wait: RETR's end → call asked of the exchange ({} a second)", size.waiting, size.rate),
                gateway.line(), limit)};
}

std::vector<Row> prepare(const Size& size)
{
    Gateway gateway({size.directory, size.devices, 0, {}});
    fill_waiting(gateway, size.waiting, size.devices);
    // The telephones of a simulated exchange are idle when it starts: nobody is called before one of them was used.
    gateway.write([](store::Connection& connection) {
        connection.execute("UPDATE request SET wait = 'use', wake_at = expires_at WHERE wait = 'release'");
    });
    return {};
}
} // namespace ringpost::bench
