// SPDX-License-Identifier: Apache-2.0
// Who waits for a port of the voice board: rows, like all that waits. What is not being dialled holds no telephone and
// is no attempt, so a cancel and the end of the monitor time reach it as ever, and ordinary calls go on beside it.
#include "core/log.h"
#include "service/scheduler.h"

namespace ringpost::service
{
/// Whoever comes just now does not pass those who wait.
bool Scheduler::may_have_port(const std::string& device) const
{
    return ports_.free() > 0 && (offered_.contains(device) || (!port_wanted_ && ports_.free() > offered_.size()));
}

boost::asio::awaitable<bool> Scheduler::wait_for_port(Request request)
{
    std::vector<RequestEvent> events{event::NoPort{}};
    const auto waits = co_await book_.apply(request.id, std::move(events));
    if (waits.has_error())
    {
        not_stored(request, waits.error());
        co_return false;
    }
    port_wanted_ = true;
    co_return true;
}

/// To those who wait, as many as are free.
void Scheduler::offer_ports()
{
    if (!stopping_ && !offering_ && port_wanted_ && ports_.free() > offered_.size())
    {
        offering_ = true;
        tasks_.spawn(executor_, "service.offer-ports", offer_in_turn());
    }
}

boost::asio::awaitable<void> Scheduler::offer_in_turn()
{
    while (!stopping_ && !pause_.set() && port_wanted_ && ports_.free() > offered_.size())
    {
        port_wanted_ = false; // unless somebody is found, or comes meanwhile
        std::function<Result<std::optional<RequestId>>(store::Connection&)> unit =
            [](store::Connection& connection) -> Result<std::optional<RequestId>> {
            return store::Requests(connection).first_for_port();
        };
        const auto next = co_await database_.read<std::optional<RequestId>>(std::move(unit));
        if (next.has_error())
        {
            port_wanted_ = true;
            not_stored({}, next.error());
            break;
        }
        if (!*next)
        {
            continue;
        }
        port_wanted_ = true;
        std::vector<RequestEvent> events{event::PortFree{}};
        const auto offered = co_await book_.apply(**next, std::move(events));
        if (offered.has_error())
        {
            not_stored({}, offered.error());
            break;
        }
        if (offered->applied && offered->after.state == RequestState::waiting)
        {
            offered_.insert(offered->after.destination_device);
            ready(offered->after.destination_device, offered->after.express);
        }
    }
    offering_ = false;
    pump();
}
} // namespace ringpost::service
