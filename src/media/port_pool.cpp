// SPDX-License-Identifier: Apache-2.0
#include "media/port_pool.h"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <map>
#include <utility>

namespace ringpost::media
{
class PortPool::State : public std::enable_shared_from_this<PortPool::State>
{
public:
    using Handler = boost::asio::any_completion_handler<void()>;

    State(boost::asio::any_io_executor executor, std::size_t ports) : executor_(std::move(executor)), free_(ports) {}

    [[nodiscard]] std::shared_ptr<Place> place_of(AttemptId attempt) const
    {
        const auto known = places_.find(attempt);
        return known == places_.end() ? nullptr : known->second.lock();
    }
    [[nodiscard]] bool must_wait() const { return !stopped && free_ == promised_; }
    void wait(Handler handler) { waiting_.push_back(std::move(handler)); }
    void woken() { --promised_; }
    [[nodiscard]] std::shared_ptr<Place> take(AttemptId attempt);
    void give_back(AttemptId attempt)
    {
        ++free_;
        places_.erase(attempt);
        wake_first();
    }
    void wake_first()
    {
        if (waiting_.empty())
        {
            return;
        }
        ++promised_;
        Handler handler;
        handler.swap(waiting_.front()); // its move assignment recurses in Boost 1.81
        waiting_.pop_front();
        boost::asio::post(executor_, std::move(handler));
    }
    void stop()
    {
        stopped = true;
        while (!waiting_.empty())
        {
            wake_first();
        }
    }
    [[nodiscard]] std::size_t free() const { return free_; }

    bool stopped = false;

private:
    boost::asio::any_io_executor executor_;
    std::size_t free_;
    std::size_t promised_ = 0; ///< to those who were woken and have not run yet
    std::deque<Handler> waiting_;
    std::map<AttemptId, std::weak_ptr<Place>> places_;
};

class PortPool::Place
{
public:
    Place(std::weak_ptr<State> pool, AttemptId attempt) : pool_(std::move(pool)), attempt_(attempt) {}
    ~Place()
    {
        if (const auto pool = pool_.lock())
        {
            pool->give_back(attempt_);
        }
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

private:
    std::weak_ptr<State> pool_;
    AttemptId attempt_;
};

std::shared_ptr<PortPool::Place> PortPool::State::take(AttemptId attempt)
{
    --free_;
    auto place = std::make_shared<Place>(weak_from_this(), attempt);
    places_[attempt] = place;
    return place;
}

PortPool::PortPool(boost::asio::any_io_executor executor, std::size_t ports)
    : state_(std::make_shared<State>(std::move(executor), ports))
{}

PortPool::~PortPool() = default;

boost::asio::awaitable<Result<std::shared_ptr<PortPool::Place>>> PortPool::place_for(AttemptId attempt)
{
    const auto state = state_;
    if (auto known = state->place_of(attempt))
    {
        co_return known;
    }
    if (state->must_wait())
    {
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
            [&state](State::Handler handler) { state->wait(std::move(handler)); }, boost::asio::use_awaitable);
        state->woken();
    }
    if (state->stopped)
    {
        co_return fail(Errc::unavailable, "voice board", "the gateway is being stopped");
    }
    co_return state->take(attempt);
}

void PortPool::stop()
{
    state_->stop();
}

std::size_t PortPool::free() const
{
    return state_->free();
}
} // namespace ringpost::media
