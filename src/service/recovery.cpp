// SPDX-License-Identifier: Apache-2.0
// What the scheduler does after a restart, and after the exchange was away: attempts that were under way are settled,
// and devices that somebody waits for are looked at anew.
#include "core/log.h"
#include "service/scheduler.h"

namespace ringpost::service
{
boost::asio::awaitable<void> Scheduler::recover()
{
    co_await settle_left();
    co_await look_at_waited(store::Requests::Silent::too);
    offer_ports();
    pump();
}

/// One at a time: who comes meanwhile makes it begin anew.
boost::asio::awaitable<void> Scheduler::settle_left()
{
    settle_anew_ = true;
    if (settling_)
    {
        co_return;
    }
    settling_ = true;
    bool well = true;
    while (settle_anew_ && !stopping_)
    {
        settle_anew_ = false;
        well = co_await settle_once();
    }
    settling_ = false;
    if (!well)
    {
        settle_later();
    }
    else if (exchange_.link_up() && !settled_)
    {
        settled_ = true;
        pump();
    }
}

/// While the link to the exchange is down nothing can be settled; link_regained calls recover().
void Scheduler::settle_later()
{
    if (stopping_ || settle_again_.set())
    {
        return;
    }
    settle_again_ = clock_.at(clock_.now() + breath, [this] {
        settle_again_.cancel();
        if (!stopping_ && exchange_.link_up())
        {
            tasks_.spawn(executor_, "service.settle", settle_left());
        }
    });
}

boost::asio::awaitable<bool> Scheduler::settle_once()
{
    // What ran when the rows were read is no business of ours, though it may be over when its row's turn comes.
    const std::set<RequestId> beginning = beginning_;
    std::set<AttemptId> running;
    for (const auto& [id, attempt] : attempts_)
    {
        running.insert(id);
    }
    std::function<Result<std::vector<Request>>(store::Connection&)> dialling =
        [](store::Connection& connection) -> Result<std::vector<Request>> {
        return store::Requests(connection).dialling();
    };
    std::set<AttemptId> rest;
    for (const auto& [id, reservation] : unsettled_)
    {
        rest.insert(id);
    }
    const auto left = co_await database_.read<std::vector<Request>>(std::move(dialling));
    if (left.has_error())
    {
        co_return false;
    }
    bool well = true;
    for (const auto& request : *left)
    {
        const bool ours = running.contains(request.attempt) || attempts_.contains(request.attempt) ||
                          beginning.contains(request.id) || beginning_.contains(request.id);
        if (!ours)
        {
            const bool settled = co_await settle(request);
            well = well && settled;
        }
        rest.erase(request.attempt);
    }
    // Of requests that have ended: only the exchange must still hear of it.
    for (const auto attempt : rest)
    {
        const bool cleared = co_await clear_left(attempt);
        well = well && cleared;
    }
    if (well)
    {
        well = co_await clear_orphans();
    }
    co_return well;
}

/// What the exchange still has of attempts that are over, here or in an earlier run. Meanwhile none is begun: it would
/// be taken for one of those.
boost::asio::awaitable<bool> Scheduler::clear_orphans()
{
    if (!beginning_.empty())
    {
        co_return false;
    }
    clearing_ = true;
    std::set<AttemptId> keep;
    for (const auto& [id, attempt] : attempts_)
    {
        keep.insert(id);
    }
    const auto cleared = co_await exchange_.clear_orphans(std::move(keep));
    clearing_ = false;
    pump();
    co_return cleared.has_value();
}

boost::asio::awaitable<bool> Scheduler::clear_left(AttemptId attempt)
{
    const auto cleared = co_await exchange_.clear_call(attempt);
    if (cleared.has_value())
    {
        let_go(attempt);
    }
    co_return cleared.has_value();
}

void Scheduler::keep_unsettled(AttemptId attempt, std::unique_ptr<Reservation> reservation)
{
    unsettled_.emplace(attempt, std::move(reservation));
    settle_later();
}

/// It rings no more, and what became of it is stored: its devices are for others again.
void Scheduler::let_go(AttemptId attempt)
{
    auto left = unsettled_.extract(attempt);
    if (left.empty() || left.mapped() == nullptr)
    {
        return;
    }
    const std::vector<std::string> devices{left.mapped()->first(), left.mapped()->second()};
    left.mapped().reset();
    for (const auto& device : devices)
    {
        if (device.empty())
        {
            continue; // a voice rings nobody else
        }
        if (!in_use(device))
        {
            on_released(device, false);
        }
        board_.tidy(device);
    }
}

/// "Not found" at the exchange means never dialled or already over: what is stored decides (design rule 1).
boost::asio::awaitable<bool> Scheduler::settle(Request request)
{
    const auto found = co_await exchange_.find_attempt(request.attempt);
    if (found.has_error())
    {
        log::warning("service.not-settled", {{"request", request.number}, {"why", found.error().message()}});
        co_return false;
    }
    const pbx::AttemptLegs legs = found->value_or(pbx::AttemptLegs{});
    std::vector<RequestEvent> events;
    if (legs.first_answered && legs.second_answered && request.first_answered)
    {
        events.emplace_back(event::Connected{request.attempt});
    }
    else
    {
        if (*found)
        {
            const bool cleared = co_await clear_left(request.attempt);
            if (!cleared)
            {
                co_return false;
            }
        }
        if (legs.first_answered && request.state == RequestState::dialling_first)
        {
            // The answer came before it could be stored: nevertheless nobody is rung again who has answered.
            events.emplace_back(event::FirstAnswered{request.attempt});
        }
        events.emplace_back(event::Interrupted{request.attempt});
    }
    const auto settled = co_await book_.apply(request.id, std::move(events));
    if (settled.has_error())
    {
        co_return false;
    }
    log::warning("service.settled",
                 {{"request", request.number}, {"attempt", request.attempt}, {"state", word(settled->after.state)}});
    let_go(request.attempt);
    handed_over(settled->after);
    co_return true;
}

/// A device that somebody waits for and that is not in use is taken for released: also one that can no longer be
/// monitored, whose release nobody will ever report.
boost::asio::awaitable<void> Scheduler::look_at_waited(store::Requests::Silent silent)
{
    std::function<Result<std::vector<std::string>>(store::Connection&)> waited =
        [silent](store::Connection& connection) -> Result<std::vector<std::string>> {
        return store::Requests(connection).waited_for_devices(silent);
    };
    const auto devices = co_await database_.read<std::vector<std::string>>(std::move(waited));
    if (devices.has_error() || !exchange_.link_up())
    {
        co_return;
    }
    for (const auto& device : *devices)
    {
        static_cast<void>(monitor(device));
        if (!in_use(device) && !board_.at(device).guard.set())
        {
            on_released(device, false);
        }
        board_.tidy(device);
    }
}

void Scheduler::relook_later()
{
    relook_ = clock_.after(options_.release_relook, [this] {
        relook_.cancel();
        if (!stopping_)
        {
            tasks_.spawn(executor_, "service.relook", relook());
        }
    });
}

boost::asio::awaitable<void> Scheduler::relook()
{
    co_await look_at_waited(store::Requests::Silent::not_yet);
    if (!stopping_)
    {
        relook_later();
    }
}
} // namespace ringpost::service
