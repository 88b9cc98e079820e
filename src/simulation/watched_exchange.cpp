// SPDX-License-Identifier: Apache-2.0
#include "simulation/watched_exchange.h"

#include <utility>

namespace ringpost::simulation
{
namespace asio = boost::asio;

void WatchedExchange::on_event(std::function<void(const pbx::Event&)> sink)
{
    behind_.on_event([this, sink = std::move(sink)](const pbx::Event& event) {
        witness_.told(event);
        if (sink)
        {
            sink(event);
        }
    });
}

asio::awaitable<Result<>> WatchedExchange::make_call(pbx::MakeCall call)
{
    const AttemptId attempt = call.attempt;
    witness_.dialled(call);
    const auto made = co_await behind_.make_call(std::move(call));
    if (made.has_error())
    {
        witness_.cleared(attempt);
    }
    co_return made;
}

asio::awaitable<Result<>> WatchedExchange::alert_second(AttemptId attempt)
{
    witness_.alerted(attempt);
    const auto alerted = co_await behind_.alert_second(attempt);
    co_return alerted;
}

asio::awaitable<Result<>> WatchedExchange::clear_call(AttemptId attempt)
{
    const auto cleared = co_await behind_.clear_call(attempt);
    if (cleared.has_value())
    {
        witness_.cleared(attempt);
    }
    co_return cleared;
}

asio::awaitable<Result<>> WatchedExchange::announce(AttemptId attempt, pbx::Announcement announcement)
{
    const auto announced = co_await behind_.announce(attempt, announcement);
    co_return announced;
}

asio::awaitable<Result<std::unique_ptr<pbx::AudioPort>>> WatchedExchange::connect_port(AttemptId attempt)
{
    auto port = co_await behind_.connect_port(attempt);
    co_return port;
}

asio::awaitable<Result<std::optional<pbx::AttemptLegs>>> WatchedExchange::find_attempt(AttemptId attempt)
{
    const auto found = co_await behind_.find_attempt(attempt);
    if (found.has_value())
    {
        witness_.found(attempt, *found);
    }
    co_return found;
}

asio::awaitable<Result<>> WatchedExchange::clear_orphans(std::set<AttemptId> keep)
{
    const std::set<AttemptId> kept = keep;
    const auto cleared = co_await behind_.clear_orphans(std::move(keep));
    if (cleared.has_value())
    {
        witness_.cleared_all_but(kept);
    }
    co_return cleared;
}
} // namespace ringpost::simulation
