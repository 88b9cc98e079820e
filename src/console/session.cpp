// SPDX-License-Identifier: Apache-2.0
#include "console/session.h"

#include "console/inquiry_page.h"
#include "core/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>
#include <variant>

namespace ringpost::console
{
namespace
{
using scenario::InquiryDesk;
using scenario::InquiryView;

constexpr Duration farewell_time = 2s;

// Coroutines, so that the desk's functions themselves are called on the control executor too.
boost::asio::awaitable<Result<InquiryView>> look(InquiryDesk& desk, std::string token)
{
    co_return co_await desk.look(std::move(token));
}

boost::asio::awaitable<Result<>> give_answer(InquiryDesk& desk, std::string token, bool ok)
{
    co_return co_await desk.answer(std::move(token), ok);
}
} // namespace

Session::Session(ServerContext& context, LineStream stream) : context_(context), stream_(std::move(stream)) {}

void Session::stop()
{
    stopping_ = true;
    dialog_.end_after_response();
    if (waiting_)
    {
        stream_.interrupt();
    }
}

boost::asio::awaitable<void> Session::serve()
{
    due_ = std::chrono::steady_clock::now() + context_.config.console.idle_time;
    Step step;
    while (!gone_)
    {
        if (!step.reply.empty())
        {
            const auto written = co_await stream_.write(step.reply, context_.config.console.idle_time);
            if (written.has_error())
            {
                break;
            }
        }
        if (step.next == Next::close)
        {
            break;
        }
        step = co_await advance(step.next);
    }
    co_await stream_.finish(farewell_time);
}

boost::asio::awaitable<Step> Session::advance(Next next)
{
    if (next == Next::answer)
    {
        co_return co_await answer();
    }
    co_return co_await read();
}

boost::asio::awaitable<Step> Session::read()
{
    if (stopping_)
    {
        co_return dialog_.on_shutdown();
    }
    const auto left = std::chrono::duration_cast<Duration>(due_ - std::chrono::steady_clock::now());
    if (left <= Duration{})
    {
        co_return dialog_.on_timeout(context_.clock.now());
    }
    waiting_ = true;
    const auto octets = co_await stream_.read_some(left);
    waiting_ = false;
    if (octets.has_error())
    {
        switch (octets.error().code())
        {
        case Errc::timeout:
            co_return dialog_.on_timeout(context_.clock.now());
        case Errc::unavailable:
            co_return dialog_.on_shutdown();
        default:
            gone_ = true;
            co_return Step{};
        }
    }
    Step step = dialog_.feed(*octets, context_.clock.now());
    stream_.consume(octets->size());
    co_return step;
}

boost::asio::awaitable<Step> Session::answer()
{
    const Response response = co_await ask_desk();
    due_ = std::chrono::steady_clock::now() + context_.config.console.idle_time;
    co_return dialog_.on_response(response, context_.clock.now());
}

boost::asio::awaitable<Response> Session::ask_desk()
{
    auto read = read_wish(dialog_.request());
    if (auto* refused = std::get_if<Response>(&read))
    {
        co_return std::move(*refused);
    }
    const Wish wish = std::get<Wish>(std::move(read));
    // Before an answer too: it tells the language of what is shown after it.
    auto looking = look(context_.desk, wish.token);
    const auto inquiry =
        co_await boost::asio::co_spawn(context_.control, std::move(looking), boost::asio::use_awaitable);
    if (inquiry.has_error())
    {
        co_return failed_page(inquiry.error());
    }
    if (!wish.ok)
    {
        co_return question_page(*inquiry);
    }
    auto answering = give_answer(context_.desk, wish.token, *wish.ok);
    const auto answered =
        co_await boost::asio::co_spawn(context_.control, std::move(answering), boost::asio::use_awaitable);
    if (answered.has_error())
    {
        co_return failed_page(answered.error());
    }
    log::info("console.answered", {{"peer", stream_.peer_address()}, {"ok", *wish.ok}});
    co_return answered_page(*inquiry, *wish.ok);
}
} // namespace ringpost::console
