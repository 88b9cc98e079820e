// SPDX-License-Identifier: Apache-2.0
#include "pbx/faulty_exchange.h"

#include "core/fault_point.h"

namespace ringpost::pbx
{
namespace
{
Failure unreachable(std::string_view what)
{
    return fail(Errc::unavailable, "fault point exchange." + std::string(what), "the exchange cannot be reached");
}
} // namespace

void FaultyExchange::on_event(std::function<void(const Event&)> sink)
{
    real_->on_event([sink = std::move(sink)](const Event& event) {
        crash_point("exchange.event");
        sink(event);
    });
}

boost::asio::awaitable<Result<>> FaultyExchange::make_call(MakeCall call)
{
    if (fault_point("exchange.make-call"))
    {
        co_return unreachable("make-call");
    }
    auto done = co_await real_->make_call(std::move(call));
    crash_point("exchange.make-call.done");
    co_return done;
}

boost::asio::awaitable<Result<>> FaultyExchange::alert_second(AttemptId attempt)
{
    if (fault_point("exchange.alert-second"))
    {
        co_return unreachable("alert-second");
    }
    auto done = co_await real_->alert_second(attempt);
    crash_point("exchange.alert-second.done");
    co_return done;
}

boost::asio::awaitable<Result<>> FaultyExchange::clear_call(AttemptId attempt)
{
    if (fault_point("exchange.clear-call"))
    {
        co_return unreachable("clear-call");
    }
    auto done = co_await real_->clear_call(attempt);
    crash_point("exchange.clear-call.done");
    co_return done;
}

boost::asio::awaitable<Result<>> FaultyExchange::announce(AttemptId attempt, Announcement announcement)
{
    if (fault_point("exchange.announce"))
    {
        co_return unreachable("announce");
    }
    auto done = co_await real_->announce(attempt, announcement);
    crash_point("exchange.announce.done");
    co_return done;
}

boost::asio::awaitable<Result<std::unique_ptr<AudioPort>>> FaultyExchange::connect_port(AttemptId attempt)
{
    if (fault_point("exchange.connect-port"))
    {
        co_return unreachable("connect-port");
    }
    auto done = co_await real_->connect_port(attempt);
    crash_point("exchange.connect-port.done");
    co_return done;
}

boost::asio::awaitable<Result<std::optional<AttemptLegs>>> FaultyExchange::find_attempt(AttemptId attempt)
{
    if (fault_point("exchange.find-attempt"))
    {
        co_return unreachable("find-attempt");
    }
    auto done = co_await real_->find_attempt(attempt);
    crash_point("exchange.find-attempt.done");
    co_return done;
}

boost::asio::awaitable<Result<>> FaultyExchange::clear_orphans(std::set<AttemptId> keep)
{
    if (fault_point("exchange.clear-orphans"))
    {
        co_return unreachable("clear-orphans");
    }
    auto done = co_await real_->clear_orphans(std::move(keep));
    crash_point("exchange.clear-orphans.done");
    co_return done;
}

Result<> FaultyExchange::monitor_start(const DeviceId& device)
{
    if (fault_point("exchange.monitor-start"))
    {
        return unreachable("monitor-start");
    }
    return real_->monitor_start(device);
}
} // namespace ringpost::pbx
