// SPDX-License-Identifier: Apache-2.0
#include "core/spawn.h"

#include "core/log.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <mutex>
#include <vector>

namespace ringpost
{
namespace asio = boost::asio;

class TaskGroup::State
{
public:
    using Waiter = std::pair<asio::any_io_executor, std::function<void()>>;

    explicit State(OnException on_exception) : on_exception_(on_exception) {}

    [[nodiscard]] std::size_t live() const
    {
        const std::lock_guard lock(mutex_);
        return live_;
    }

    void on_exception(OnException what)
    {
        const std::lock_guard lock(mutex_);
        on_exception_ = what;
    }

    [[nodiscard]] OnException on_exception() const
    {
        const std::lock_guard lock(mutex_);
        return on_exception_;
    }

    void begin()
    {
        const std::lock_guard lock(mutex_);
        ++live_;
    }

    /// Without `tell` the waiters stay: their context may be going just now.
    void end(bool tell)
    {
        std::vector<Waiter> waiters;
        {
            const std::lock_guard lock(mutex_);
            if (--live_ == 0 && tell)
            {
                waiters.swap(waiters_);
            }
        }
        for (auto& [executor, action] : waiters)
        {
            asio::post(executor, std::move(action));
        }
    }

    void wait(Waiter waiter)
    {
        {
            const std::lock_guard lock(mutex_);
            if (live_ > 0)
            {
                waiters_.push_back(std::move(waiter));
                return;
            }
        }
        asio::post(waiter.first, std::move(waiter.second));
    }

private:
    mutable std::mutex mutex_;
    std::size_t live_ = 0;
    OnException on_exception_;
    std::vector<Waiter> waiters_;
};

namespace
{
void report(const std::string& name, const std::exception_ptr& thrown, OnException on_exception)
{
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (const boost::system::system_error& error)
    {
        if (error.code() == asio::error::operation_aborted)
        {
            log::debug("task.cancelled", {{"task", name}});
            return;
        }
        log::error("task.failed", {{"task", name}, {"what", error.what()}});
    }
    catch (const std::exception& error)
    {
        log::error("task.failed", {{"task", name}, {"what", error.what()}});
    }
    catch (...)
    {
        log::error("task.failed", {{"task", name}, {"what", "not a std::exception"}});
    }
    if (on_exception == OnException::rethrow)
    {
        std::rethrow_exception(thrown);
    }
}

/// Completion of a task. A task that goes with its context is never completed, but must not be counted for ever.
template <class State>
class Completion
{
public:
    Completion(std::shared_ptr<State> state, std::string name) : state_(std::move(state)), name_(std::move(name))
    {
        state_->begin();
    }
    Completion(Completion&&) noexcept = default;
    Completion& operator=(Completion&&) = delete;
    Completion(const Completion&) = delete;
    Completion& operator=(const Completion&) = delete;
    ~Completion()
    {
        if (state_)
        {
            state_->end(false);
        }
    }

    void operator()(const std::exception_ptr& thrown)
    {
        const auto state = std::move(state_);
        state->end(true);
        if (thrown)
        {
            report(name_, thrown, state->on_exception());
        }
    }

private:
    std::shared_ptr<State> state_;
    std::string name_;
};

class TaskService : public asio::execution_context::service
{
public:
    using key_type = TaskService;
    static inline asio::execution_context::id id;

    explicit TaskService(asio::execution_context& context) : service(context) {}
    TaskGroup& group() { return group_; }

private:
    void shutdown() override {}
    TaskGroup group_;
};
} // namespace

TaskGroup::TaskGroup(OnException on_exception) : state_(std::make_shared<State>(on_exception)) {}

void TaskGroup::spawn(const asio::any_io_executor& executor, std::string name, asio::awaitable<void> task)
{
    asio::co_spawn(executor, std::move(task), Completion<State>(state_, std::move(name)));
}

std::size_t TaskGroup::live() const
{
    return state_->live();
}

void TaskGroup::on_exception(OnException what)
{
    state_->on_exception(what);
}

void TaskGroup::when_empty(const asio::any_io_executor& executor, std::function<void()> action)
{
    state_->wait({executor, std::move(action)});
}

asio::awaitable<void> TaskGroup::when_empty()
{
    const auto executor = co_await asio::this_coro::executor;
    auto initiate = [state = state_, executor](auto handler) {
        // std::function wants what it holds to be copyable; a coroutine's handler can only be moved.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        state->wait({executor, [shared] { (*shared)(); }});
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
}

TaskGroup& tasks_of(asio::execution_context& context)
{
    return asio::use_service<TaskService>(context).group();
}

void spawn(const asio::any_io_executor& executor, std::string name, asio::awaitable<void> task)
{
    auto& context = asio::query(executor, asio::execution::context);
    tasks_of(context).spawn(executor, std::move(name), std::move(task));
}
} // namespace ringpost
