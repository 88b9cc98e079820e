// SPDX-License-Identifier: Apache-2.0
// The one way to start a coroutine that nobody awaits: it has a name, is counted, and an exception that leaves it is
// logged (or, in tests, comes out of the run() of its context). Cancelled ones end quietly.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace ringpost
{
enum class OnException
{
    log,
    rethrow ///< from the completion, thus out of io_context::run() or poll()
};

/// Coroutines that are waited for together, on whatever executors they run. Thread-safe. May be destroyed before them.
class TaskGroup
{
public:
    explicit TaskGroup(OnException on_exception = OnException::log);

    /// Starts `task` on `executor`; never runs any of it inside this call.
    void spawn(const boost::asio::any_io_executor& executor, std::string name, boost::asio::awaitable<void> task);

    /// Coroutines that have not ended.
    [[nodiscard]] std::size_t live() const;
    void on_exception(OnException what);

    /// Calls `action` once from `executor` when none is live (at once, but not inside this call, if none is now).
    void when_empty(const boost::asio::any_io_executor& executor, std::function<void()> action);
    /// Suspends the caller until none is live. The caller must not be of this group.
    boost::asio::awaitable<void> when_empty();

private:
    class State;
    std::shared_ptr<State> state_;
};

/// The group of those that belong to no other group, one for each execution context.
[[nodiscard]] TaskGroup& tasks_of(boost::asio::execution_context& context);

/// Starts `task` in the group of the executor's context.
void spawn(const boost::asio::any_io_executor& executor, std::string name, boost::asio::awaitable<void> task);
} // namespace ringpost
