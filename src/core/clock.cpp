// SPDX-License-Identifier: Apache-2.0
#include "core/clock.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>

namespace ringpost
{
namespace
{
namespace asio = boost::asio;

/// One sleeping coroutine. Held by its timer's action, so that it goes when the timer goes.
template <class Handler>
struct Sleep
{
    explicit Sleep(Handler&& resume) : handler(std::move(resume)) {}

    void end()
    {
        if (handler)
        {
            auto resume = std::move(*handler);
            handler.reset();
            asio::post(std::move(resume));
        }
    }

    std::optional<Handler> handler;
    Timer timer;
};

using SetTimer = std::function<Timer(std::function<void()>)>;

asio::awaitable<void> sleep(SetTimer set_timer)
{
    auto initiate = [&set_timer](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto self = std::make_shared<Sleep<decltype(handler)>>(std::move(handler));
        if (slot.is_connected())
        {
            slot.assign([weak = std::weak_ptr(self)](asio::cancellation_type) {
                if (const auto sleeping = weak.lock())
                {
                    sleeping->end();
                    sleeping->timer.cancel();
                }
            });
        }
        self->timer = set_timer([self] { self->end(); });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
}
} // namespace

asio::awaitable<void> Clock::sleep_for(Duration delay)
{
    SetTimer set = [this, delay](std::function<void()> action) { return after(delay, std::move(action)); };
    co_await sleep(std::move(set));
}

asio::awaitable<void> Clock::sleep_until(Instant when)
{
    SetTimer set = [this, when](std::function<void()> action) { return at(when, std::move(action)); };
    co_await sleep(std::move(set));
}
} // namespace ringpost
