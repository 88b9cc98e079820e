// SPDX-License-Identifier: Apache-2.0
#include "service/attempt.h"

#include "core/log.h"

#include <array>

namespace ringpost::service
{
namespace
{
Cause cause_from(const Failure& failure)
{
    switch (failure.code())
    {
    case Errc::conflict:
    case Errc::malformed:
    case Errc::internal:
        return Cause::error;
    default:
        // Whatever stands between us and the exchange, a changed password too, says nothing of the telephone: it is
        // tried again.
        return Cause::congestion;
    }
}

pbx::Announcement announcement_for(const Request& request, Cause cause)
{
    if (side_of(request, pbx::Leg::second) == Side::destination)
    {
        return pbx::Announcement::destination_failed;
    }
    const bool busy = cause == Cause::busy || cause == Cause::rejected;
    return busy ? pbx::Announcement::source_busy : pbx::Announcement::source_no_answer;
}
} // namespace

boost::asio::awaitable<AttemptEnd> Attempt::run()
{
    if (stopped_)
    {
        // Cancelled in the moment in which it was begun: nothing has rung, and nothing may ring any more.
        co_return end_;
    }
    if (request_.medium != Medium::exchange)
    {
        const bool prepared = co_await prepare();
        if (!prepared || stopped_)
        {
            co_return end_;
        }
    }
    co_await book_.others_done(request_);
    if (stopped_)
    {
        // As above, in the moment in which its attempt was stored.
        co_return end_;
    }
    log::info("service.attempt", {{"request", request_.number},
                                  {"attempt", call_.attempt},
                                  {"first", call_.first.number},
                                  {"second", call_.second.number}});
    called_ = true;
    const auto made = co_await exchange_.make_call(call_);
    if (made.has_error())
    {
        log::warning("service.make-call-failed", {{"request", request_.number}, {"why", made.error().message()}});
        co_await on_failed(pbx::Leg::first, cause_from(made.error()));
    }
    while (!over_)
    {
        const auto item = co_await inbox_.next();
        if (const auto* event = std::get_if<pbx::Event>(&item))
        {
            co_await on_event(*event);
            continue;
        }
        if (std::holds_alternative<Performed>(item))
        {
            co_await on_performed();
            continue;
        }
        if (const auto* progress = std::get_if<Progress>(&item))
        {
            Progress told = *progress;
            co_await on_progress(std::move(told));
            continue;
        }
        if (std::holds_alternative<Answered>(item))
        {
            if (content_ && performing_)
            {
                content_->stop(); // it goes on when that is over
            }
            continue;
        }
        co_await clear();
    }
    // With its leg the content ends too.
    co_await tasks_.when_empty();
    co_await keep_progress();
    if (performing_ && performance_ && performance_->has_value())
    {
        if ((request_.medium == Medium::fax || request_.confidential) && (*performance_)->cause != Cause::none)
        {
            // Ended from outside (the gateway is being stopped, the exchange was lost), which says nothing of the other
            // FAX, nor of who was asked for a PIN: as after a crash.
            end_.unsettled = true;
            co_return end_;
        }
        // So much was heard.
        co_await store_performance();
    }
    co_return end_;
}

boost::asio::awaitable<void> Attempt::on_event(const pbx::Event& event)
{
    using Kind = pbx::Event::Kind;
    switch (event.kind)
    {
    case Kind::established:
        if (event.leg == pbx::Leg::first)
        {
            co_await on_first_answered();
            break;
        }
        co_await on_second_answered();
        break;
    case Kind::failed:
        co_await on_failed(event.leg, event.cause);
        break;
    case Kind::connection_cleared:
        if (performing_)
        {
            first_gone_ = true;
            break; // the content ends with the leg, and says how much of it was heard
        }
        static_cast<void>(co_await store(event::FirstHungUp{call_.attempt}));
        over_ = true;
        break;
    case Kind::link_lost:
        // Its legs ring or talk on, unseen. What became of them is asked when the link is back.
        end_.unsettled = true;
        over_ = true;
        break;
    default:
        break;
    }
}

boost::asio::awaitable<void> Attempt::on_first_answered()
{
    end_.first_answered = true;
    // Stored before the second device is rung: after a crash the first is known to have answered and is not rung again.
    const Stored stored = co_await store(event::FirstAnswered{call_.attempt});
    if (stored != Stored::yes)
    {
        co_await clear();
        co_return;
    }
    if (content_)
    {
        performing_ = true;
        tasks_.spawn(executor_, "service.perform", perform());
        co_return;
    }
    co_await ring_second();
}

/// Its person may have lifted it while the first device rang: an exchange that offers a second call to a telephone in
/// use would ring it.
boost::asio::awaitable<void> Attempt::ring_second()
{
    co_await book_.others_done(request_);
    if (stopped_)
    {
        co_return; // it is in the inbox
    }
    if (pbx::in_use(exchange_.snapshot_device({device_of(request_, pbx::Leg::second)})))
    {
        co_await on_failed(pbx::Leg::second, Cause::busy);
        co_return;
    }
    const auto alerted = co_await exchange_.alert_second(call_.attempt);
    if (alerted.has_error() && alerted.error().code() != Errc::not_found)
    {
        co_await on_failed(pbx::Leg::second, cause_from(alerted.error()));
    }
    // Errc::not_found: the person on the first leg has hung up, its event is in the inbox.
}

boost::asio::awaitable<void> Attempt::on_second_answered()
{
    const Stored stored = co_await store(event::Connected{call_.attempt});
    if (stored == Stored::too_late)
    {
        co_await clear();
    }
    // Stored::no: two people talk, whatever the database says; it is told when it can be.
    over_ = true;
}

boost::asio::awaitable<void> Attempt::on_failed(pbx::Leg leg, Cause cause)
{
    const bool monitorable = release_will_be_told({device_of(request_, leg)}, cause);
    const Stored stored = co_await store(event::LegFailed{call_.attempt, leg, cause, monitorable});
    if (cause == Cause::no_answer)
    {
        end_.silent = side_of(request_, leg);
    }
    if (leg == pbx::Leg::first)
    {
        over_ = true;
        co_return;
    }
    if (stored != Stored::yes)
    {
        co_await clear();
        co_return;
    }
    const auto announced = co_await exchange_.announce(call_.attempt, announcement_for(request_, cause));
    if (announced.has_error())
    {
        co_await clear();
        co_return;
    }
    co_await on_second_failed();
}

/// A telephone that says busy although it is in no call, as somebody set it to or pressed a key, is never released.
bool Attempt::release_will_be_told(const pbx::DeviceId& device, Cause cause) const
{
    if (!exchange_.supports(pbx::Capability::monitor_device) || device.external())
    {
        return false;
    }
    // It may still be told to ring, by the very call that it has refused.
    const auto state = exchange_.snapshot_device(device);
    return cause != Cause::busy || state == pbx::DeviceState::talking || state == pbx::DeviceState::held;
}

boost::asio::awaitable<void> Attempt::on_second_failed()
{
    // The request has ended; only the message to whoever answered is still running.
    for (;;)
    {
        const auto item = co_await inbox_.next();
        const auto* event = std::get_if<pbx::Event>(&item);
        if (event == nullptr)
        {
            co_await clear();
            co_return;
        }
        if (event->kind == pbx::Event::Kind::announced || event->kind == pbx::Event::Kind::connection_cleared ||
            event->kind == pbx::Event::Kind::link_lost)
        {
            end_.unsettled = event->kind == pbx::Event::Kind::link_lost;
            over_ = true;
            co_return;
        }
    }
}

std::unique_ptr<Reservation> Attempt::take_reservation()
{
    if (!source_)
    {
        return std::move(reservation_);
    }
    // That of the source was taken later, after key 9.
    const auto both = std::make_shared<std::array<std::unique_ptr<Reservation>, 2>>(
        std::array{std::move(reservation_), std::move(source_)});
    const std::string destination = both->at(0)->first();
    const std::string source = both->at(1)->first();
    return std::make_unique<Reservation>(destination, source, [both](const std::string&, const std::string&) {
        for (auto& one : *both)
        {
            one.reset();
        }
    });
}

boost::asio::awaitable<void> Attempt::clear()
{
    over_ = true;
    const auto cleared = co_await exchange_.clear_call(call_.attempt);
    if (cleared.has_error())
    {
        end_.unsettled = true;
        log::warning("service.clear-call-failed",
                     {{"request", request_.number}, {"attempt", call_.attempt}, {"why", cleared.error().message()}});
    }
}

boost::asio::awaitable<Attempt::Stored> Attempt::store(RequestEvent event)
{
    std::vector<RequestEvent> events{std::move(event)};
    auto stored = co_await book_.apply(request_.id, std::move(events));
    if (stored.has_error())
    {
        log::error("service.not-stored", {{"request", request_.number}, {"why", stored.error().message()}});
        end_.unsettled = true;
        co_return Stored::no;
    }
    if (!stored->applied)
    {
        co_return Stored::too_late;
    }
    request_ = std::move(stored->after);
    if (const auto* next = next_over_call(stored->follow_ups, call_.attempt))
    {
        next_ = *next;
    }
    co_return Stored::yes;
}
} // namespace ringpost::service
