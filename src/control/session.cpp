// SPDX-License-Identifier: Apache-2.0
#include "control/session.h"

#include "core/fault_point.h"
#include "core/log.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace ringpost::control
{
using boost::asio::redirect_error;
using boost::asio::use_awaitable;

Session::Session(Socket socket, const Verbs& verbs, Clock& clock, const SocketLimits& limits)
    : socket_(std::move(socket)), verbs_(verbs), clock_(clock), limits_(limits), lines_(limits.protocol.request_line)
{}

boost::asio::awaitable<void> Session::run()
{
    const auto self = shared_from_this();
    start_deadline();
    bool more = co_await read_chunk();
    while (more)
    {
        auto line = lines_.next();
        if (line)
        {
            more = co_await answer(std::move(*line));
            // A new deadline for each line, not for each octet: who trickles a line has no more time than others.
            start_deadline();
        }
        else
        {
            more = co_await read_chunk();
        }
        more = more && !finishing_;
    }
    close();
    subscription_.reset();
}

boost::asio::awaitable<bool> Session::read_chunk()
{
    if (closed_)
    {
        co_return false;
    }
    boost::system::error_code error;
    const std::size_t count =
        co_await socket_.async_read_some(boost::asio::buffer(chunk_), redirect_error(use_awaitable, error));
    if (!error)
    {
        lines_.append({chunk_.data(), count});
    }
    co_return !error;
}

boost::asio::awaitable<bool> Session::answer(LineSplitter::Line line)
{
    auto request =
        line.too_long
            ? Result<VerbRequest>(fail(Errc::too_large, "request",
                                       fmt::format("is longer than {} octets", limits_.protocol.request_line)))
            : parse_request(line.text, limits_.protocol);
    bool more = false;
    if (!request)
    {
        more = co_await write(reply_line(request.error(), limits_.protocol));
    }
    else if (verbs_.is_stream(request->verb))
    {
        more = co_await stream(std::move(*request));
    }
    else
    {
        more = co_await answer_verb(std::move(*request));
    }
    co_return more;
}

boost::asio::awaitable<bool> Session::answer_verb(VerbRequest request)
{
    // How long a handler may take is its own affair; the client's deadline stands still meanwhile.
    deadline_.cancel();
    working_ = true;
    const Result<nlohmann::json> outcome = co_await verbs_.call(std::move(request.verb), std::move(request.arguments));
    const bool written = co_await write(reply_line(outcome, limits_.protocol));
    working_ = false;
    co_return written;
}

boost::asio::awaitable<bool> Session::write(std::string line)
{
    if (closed_)
    {
        co_return false;
    }
    start_deadline();
    if (fault_point("control.reply"))
    {
        co_return false;
    }
    boost::system::error_code error;
    co_await boost::asio::async_write(socket_, boost::asio::buffer(line), redirect_error(use_awaitable, error));
    co_return !error;
}

boost::asio::awaitable<bool> Session::stream(VerbRequest request)
{
    // Held back until the reply that announces the stream is in front of the queue.
    sending_events_ = true;
    Sink sink = [weak = weak_from_this()](const nlohmann::json& event) {
        if (const auto self = weak.lock())
        {
            self->push(event);
        }
    };
    auto subscription = verbs_.subscribe(request.verb, std::move(request.arguments), std::move(sink));
    if (!subscription)
    {
        sending_events_ = false;
        events_.clear();
        const bool written = co_await write(reply_line(subscription.error(), limits_.protocol));
        co_return written;
    }
    start_events(std::move(*subscription));
    boost::system::error_code error;
    while (!error && !closed_)
    {
        // Nothing is asked for any more: what the client still sends is read for the sake of its end only.
        co_await socket_.async_read_some(boost::asio::buffer(chunk_), redirect_error(use_awaitable, error));
    }
    co_return false;
}

void Session::start_events(std::unique_ptr<Subscription> subscription)
{
    deadline_.cancel();
    subscription_ = std::move(subscription);
    events_.push_front(reply_line(nlohmann::json(nullptr), limits_.protocol));
    sending_events_ = false;
    send_next_event();
}

void Session::push(const nlohmann::json& event)
{
    if (closed_)
    {
        return;
    }
    if (events_.size() >= limits_.event_queue)
    {
        log::warning("control.watcher_dropped", {{"waiting", events_.size()}});
        close();
        return;
    }
    auto line = event_line(event, limits_.protocol);
    if (!line)
    {
        log::warning("control.event_too_long", {});
        return;
    }
    events_.push_back(std::move(*line));
    send_next_event();
}

void Session::send_next_event()
{
    if (sending_events_ || closed_ || events_.empty())
    {
        return;
    }
    sending_events_ = true;
    boost::asio::async_write(socket_, boost::asio::buffer(events_.front()),
                             [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                                 self->sending_events_ = false;
                                 self->events_.pop_front();
                                 if (error)
                                 {
                                     self->close();
                                     return;
                                 }
                                 self->send_next_event();
                             });
}

void Session::start_deadline()
{
    deadline_.cancel();
    if (closed_)
    {
        return;
    }
    deadline_ = clock_.after(limits_.idle_timeout, [weak = weak_from_this()] {
        if (const auto self = weak.lock())
        {
            self->closed_ = true;
            boost::system::error_code ignored;
            self->socket_.close(ignored);
        }
    });
}

void Session::finish()
{
    finishing_ = true;
    if (!working_)
    {
        close();
    }
}

void Session::close()
{
    deadline_.cancel();
    closed_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
}
} // namespace ringpost::control
