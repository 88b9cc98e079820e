// SPDX-License-Identifier: Apache-2.0
// What an attempt does for a content: reads it before anything rings, performs it over the call, and goes on with what
// follows in the same call.
#include "core/log.h"
#include "service/attempt.h"

namespace ringpost::service
{
/// What is thrown about one content ends this one.
boost::asio::awaitable<Result<std::shared_ptr<Content>>> Attempt::read_content()
{
    if (contents_ == nullptr)
    {
        co_return fail(Errc::unsupported, "", "is not offered by this gateway");
    }
    try
    {
        auto content = co_await contents_->prepare(request_);
        co_return content;
    }
    catch (const std::exception& error)
    {
        log::error("service.content-failed", {{"request", request_.number}, {"what", error.what()}});
    }
    co_return fail(Errc::internal, "", "an error in the gateway");
}

/// Nobody is rung for a content that cannot be performed.
boost::asio::awaitable<bool> Attempt::prepare()
{
    auto content = co_await read_content();
    if (content.has_error() && stopped_)
    {
        co_return false;
    }
    if (content.has_error())
    {
        const Failure& failure = content.error();
        log::warning("service.content-unusable", {{"request", request_.number}, {"why", failure.message()}});
        // Named before the call: g++ 12 destroys temporaries inside an awaited call twice.
        const Cause cause = failure.code() == Errc::internal ? Cause::error : Cause::bad_request;
        RequestEvent unusable = event::Unusable{call_.attempt, failure.message(), cause};
        if (failure.code() == Errc::unavailable && request_.state == RequestState::dialling_second)
        {
            // Over a call that is open: who has answered is not rung again for it.
            unusable = event::Unusable{call_.attempt, failure.message(), Cause::congestion};
        }
        else if (failure.code() == Errc::unavailable)
        {
            // Not for now: too much is converted at this moment.
            unusable = event::LegFailed{call_.attempt, pbx::Leg::first, Cause::congestion, false};
        }
        const Stored stored = co_await store(std::move(unusable));
        static_cast<void>(stored);
        co_return false;
    }
    content_ = std::move(*content);
    co_return true;
}

boost::asio::awaitable<void> Attempt::perform()
{
    auto performance = co_await performed();
    performance_ = std::move(performance);
    inbox_.push(Performed{});
}

boost::asio::awaitable<Result<Performance>> Attempt::performed()
{
    try
    {
        Content::Told told = [this](Progress progress) { inbox_.push(std::move(progress)); };
        auto performance = co_await content_->perform(exchange_, call_.attempt, std::move(told));
        co_return performance;
    }
    catch (const std::exception& error)
    {
        log::error("service.content-failed", {{"request", request_.number}, {"what", error.what()}});
    }
    co_return fail(Errc::internal, "", "an error in the gateway");
}

boost::asio::awaitable<void> Attempt::give_up()
{
    if (content_ && performing_)
    {
        content_->stop();
    }
    co_await tasks_.when_empty();
}

/// What was still to be stored when the call ended, by the loss of the exchange for example: the other FAX has
/// confirmed it all the same.
boost::asio::awaitable<void> Attempt::keep_progress()
{
    while (auto item = inbox_.take())
    {
        if (auto* progress = std::get_if<Progress>(&*item))
        {
            RequestEvent progressed = event::Progressed{call_.attempt, std::move(*progress)};
            const Stored stored = co_await store(std::move(progressed));
            static_cast<void>(stored);
        }
    }
}

/// Stored while the call goes on: what the other FAX has confirmed is not sent again, whatever happens now.
boost::asio::awaitable<void> Attempt::on_progress(Progress progress)
{
    RequestEvent progressed = event::Progressed{call_.attempt, std::move(progress)};
    const Stored stored = co_await store(std::move(progressed));
    if (stored == Stored::no)
    {
        co_await clear();
    }
}

boost::asio::awaitable<void> Attempt::on_performed()
{
    if (answered_)
    {
        co_await on_answered();
        co_return;
    }
    if (performance_->has_error() && performance_->error().code() == Errc::unavailable &&
        request_.medium == Medium::fax)
    {
        // The exchange was lost before it could begin: as when it is lost in the middle.
        performing_ = false;
        over_ = true;
        end_.unsettled = true;
        co_return;
    }
    if (performance_->has_error() || first_gone_ || !(*performance_)->open)
    {
        co_await store_performance();
        co_await clear();
        co_return;
    }
    performing_ = false;
    const Performance performance = **performance_;
    const Stored stored = co_await store_performed(performance);
    if (stored == Stored::too_late && answered_)
    {
        co_await on_answered();
        co_return;
    }
    if (stored != Stored::yes || !next_)
    {
        co_await clear();
        co_return;
    }
    co_await go_on();
}

/// Everything is stored already.
boost::asio::awaitable<void> Attempt::on_answered()
{
    answered_ = false;
    performing_ = false;
    if (!next_)
    {
        co_await clear();
        co_return;
    }
    if (first_gone_)
    {
        request_ = *next_;
        const Stored stored = co_await store(event::FirstHungUp{call_.attempt});
        static_cast<void>(stored);
        co_await clear();
        co_return;
    }
    co_await go_on();
}

boost::asio::awaitable<void> Attempt::store_performance()
{
    performing_ = false;
    if (performance_->has_value())
    {
        Performance performance = **performance_;
        performance.open = false;
        performance.connect = false;
        const Stored stored = co_await store_performed(performance);
        static_cast<void>(stored);
        co_return;
    }
    const std::string why = performance_->error().message();
    log::warning("service.not-performed", {{"request", request_.number}, {"why", why}});
    RequestEvent unusable = event::Unusable{call_.attempt, why, Cause::error};
    const Stored stored = co_await store(std::move(unusable));
    static_cast<void>(stored);
}

boost::asio::awaitable<Attempt::Stored> Attempt::store_performed(const Performance& performance)
{
    RequestEvent performed = event::Performed{call_.attempt, performance};
    const Stored stored = co_await store(std::move(performed));
    co_return stored;
}

/// From here on this attempt and its call belong to the request that follows. That is stored before anything is done
/// for it, so that after a crash the addressee is known to have answered it.
boost::asio::awaitable<void> Attempt::go_on()
{
    request_ = *next_;
    next_.reset();
    performance_.reset();
    log::info("service.same-call",
              {{"request", request_.number}, {"attempt", call_.attempt}, {"medium", word(request_.medium)}});
    if (!rings_source(request_))
    {
        co_await begin_over_call();
        co_return;
    }
    content_.reset();
    place_.reset();
    SourceTaken source = take_source_(request_);
    source_ = std::move(source.device);
    std::vector<RequestEvent> events;
    if (!source.verdict.allowed)
    {
        events.emplace_back(event::Refused{source.verdict.rule});
    }
    // The audit row, before anything is dialled.
    RequestBook::Also also = std::move(source.also);
    const auto noted = co_await book_.apply(request_.id, std::move(events), std::move(also));
    if (noted.has_error() || !source.verdict.allowed || stopped_ || is_end(noted->after.state))
    {
        end_.unsettled = end_.unsettled || noted.has_error();
        co_await clear();
        co_return;
    }
    if (!source_)
    {
        co_await on_failed(pbx::Leg::second, Cause::busy);
        co_return;
    }
    co_await ring_second();
}

boost::asio::awaitable<void> Attempt::begin_over_call()
{
    bool goes_on = co_await prepare();
    if (goes_on && !stopped_ && !request_.first_answered)
    {
        // From here on it counts as heard, and not before.
        const Stored stored = co_await store(event::FirstAnswered{call_.attempt});
        goes_on = stored == Stored::yes;
    }
    if (!goes_on || stopped_)
    {
        co_await clear();
        co_return;
    }
    performing_ = true;
    tasks_.spawn(executor_, "service.perform", perform());
}
} // namespace ringpost::service
