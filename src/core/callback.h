// SPDX-License-Identifier: Apache-2.0
// Waiting in a coroutine for something that another thread does: the other thread calls a function once, and the
// coroutine goes on, on its own executor, with the value.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace ringpost
{
/// A completion handler, and the work that keeps its context running meanwhile.
template <class Handler, class Value>
class Resumption
{
public:
    explicit Resumption(Handler handler)
        : work_(boost::asio::any_io_executor(boost::asio::get_associated_executor(handler))),
          handler_(std::move(handler))
    {}

    static void resume(const std::shared_ptr<Resumption>& self, Value value)
    {
        auto executor = self->work_.get_executor();
        boost::asio::post(executor, [self, value = std::move(value)]() mutable {
            self->work_.reset();
            std::move(self->handler_)(std::move(value));
        });
    }

private:
    boost::asio::executor_work_guard<boost::asio::any_io_executor> work_;
    Handler handler_;
};

/// Calls `start` with a function that is to be called exactly once, on any thread, also inside `start`.
template <class Value>
boost::asio::awaitable<Value> wait_for_callback(std::function<void(std::function<void(Value)>)> start)
{
    auto initiate = [&start](auto handler) {
        using Waiting = Resumption<decltype(handler), Value>;
        // Shared, because std::function wants a copyable target and the handler is not.
        auto waiting = std::make_shared<Waiting>(std::move(handler));
        start([waiting](Value value) { Waiting::resume(waiting, std::move(value)); });
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(Value)>(
        initiate, boost::asio::use_awaitable);
}
} // namespace ringpost
