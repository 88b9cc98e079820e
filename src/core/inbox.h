// SPDX-License-Identifier: Apache-2.0
// A queue of events for one coroutine: a serial inbox. Used on one executor only.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <optional>
#include <utility>

namespace ringpost
{
template <class T>
class Inbox
{
public:
    explicit Inbox(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    void push(T item)
    {
        items_.push_back(std::move(item));
        wake();
    }

    /// The next item, in the order of push(). One waiter at a time.
    boost::asio::awaitable<T> next()
    {
        while (items_.empty())
        {
            co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
                [this](boost::asio::any_completion_handler<void()> handler) { waiter_.swap(handler); },
                boost::asio::use_awaitable);
        }
        T item = std::move(items_.front());
        items_.pop_front();
        co_return item;
    }

    /// The next item, if one is there.
    [[nodiscard]] std::optional<T> take()
    {
        if (items_.empty())
        {
            return std::nullopt;
        }
        std::optional<T> item = std::move(items_.front());
        items_.pop_front();
        return item;
    }

private:
    void wake()
    {
        if (waiter_)
        {
            boost::asio::post(executor_, std::exchange(waiter_, nullptr));
        }
    }

    boost::asio::any_io_executor executor_;
    std::deque<T> items_;
    boost::asio::any_completion_handler<void()> waiter_; // swapped in: its move assignment recurses in Boost 1.81
};
} // namespace ringpost
