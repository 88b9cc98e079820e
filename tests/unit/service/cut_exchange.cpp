// SPDX-License-Identifier: Apache-2.0
#include "cut_exchange.h"

namespace ringpost::service::test
{
void CutExchange::connect(pbx::Exchange& behind)
{
    behind_ = &behind;
    behind.on_event([this](const pbx::Event& event) { deliver(event); });
}

void CutExchange::die_at(int point)
{
    die_at_ = point;
}

void CutExchange::cut()
{
    dead_ = true;
}

void CutExchange::revive()
{
    dead_ = false;
    die_at_ = 0;
}

void CutExchange::lose_waiters()
{
    pbx::Event lost;
    lost.kind = pbx::Event::Kind::link_lost;
    if (sink_)
    {
        sink_(lost);
    }
}

void CutExchange::point()
{
    if (!dead_ && ++points_ == die_at_)
    {
        dead_ = true;
    }
    if (dead_)
    {
        throw Dead();
    }
}

void CutExchange::note_dialled(const pbx::MakeCall& call)
{
    if (!ids_.insert(call.attempt).second)
    {
        fault("attempt " + std::to_string(call.attempt.value) + " is dialled twice");
    }
    dialled_.push_back(call);
    if (on_dial)
    {
        on_dial(call);
    }
}

void CutExchange::deliver(const pbx::Event& event)
{
    if (silent_about_releases_ && event.kind == pbx::Event::Kind::device_released)
    {
        return;
    }
    try
    {
        point();
        if (sink_)
        {
            sink_(event);
        }
        point();
    }
    catch (const Dead&)
    {
        // What is not delivered is lost with the process.
        return;
    }
}

boost::asio::awaitable<Result<>> CutExchange::make_call(pbx::MakeCall call)
{
    point();
    note_dialled(call);
    if (mute_)
    {
        co_return fail(Errc::timeout, "exchange", "no reply");
    }
    const auto made = co_await behind_->make_call(std::move(call));
    point();
    co_return made;
}

boost::asio::awaitable<Result<>> CutExchange::alert_second(AttemptId attempt)
{
    point();
    ++alerted_;
    const auto alerted = co_await behind_->alert_second(attempt);
    point();
    co_return alerted;
}

boost::asio::awaitable<Result<>> CutExchange::clear_call(AttemptId attempt)
{
    point();
    const auto cleared = co_await behind_->clear_call(attempt);
    point();
    co_return cleared;
}

boost::asio::awaitable<Result<std::unique_ptr<pbx::AudioPort>>> CutExchange::connect_port(AttemptId attempt)
{
    point();
    auto port = co_await behind_->connect_port(attempt);
    point();
    co_return port;
}

boost::asio::awaitable<Result<>> CutExchange::announce(AttemptId attempt, pbx::Announcement announcement)
{
    point();
    const auto announced = co_await behind_->announce(attempt, announcement);
    point();
    co_return announced;
}

boost::asio::awaitable<Result<std::optional<pbx::AttemptLegs>>> CutExchange::find_attempt(AttemptId attempt)
{
    point();
    const auto found = co_await behind_->find_attempt(attempt);
    point();
    co_return found;
}
} // namespace ringpost::service::test
