// SPDX-License-Identifier: Apache-2.0
#include "pbx/outbox.h"

#include <boost/asio/post.hpp>

#include <deque>
#include <utility>
#include <variant>
#include <vector>

namespace ringpost::pbx
{
namespace
{
using Item = std::variant<Event, TelephoneEvent>;

class Watcher : public Watch
{
public:
    using Sink = std::function<void(const TelephoneEvent&)>;
    explicit Watcher(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}

private:
    std::shared_ptr<Sink> sink_;
};
} // namespace

struct Outbox::State
{
    std::deque<Item> items;
    std::function<void(const Event&)> sink;
    std::vector<std::weak_ptr<Watcher::Sink>> watchers;

    void deliver_one();
    void tell_watchers(const TelephoneEvent& event);
};

void Outbox::State::deliver_one()
{
    if (items.empty())
    {
        return;
    }
    const Item item = std::move(items.front());
    items.pop_front();
    if (const auto* change = std::get_if<TelephoneEvent>(&item))
    {
        tell_watchers(*change);
    }
    // A copy: the sink may end the driver.
    else if (const auto sink_now = sink)
    {
        sink_now(std::get<Event>(item));
    }
}

void Outbox::State::tell_watchers(const TelephoneEvent& event)
{
    std::erase_if(watchers, [](const auto& watcher) { return watcher.expired(); });
    // A copy: a sink may begin or end a watch.
    const auto now = watchers;
    for (const auto& watcher : now)
    {
        if (const auto sink_now = watcher.lock())
        {
            (*sink_now)(event);
        }
    }
}

Outbox::Outbox(boost::asio::any_io_executor executor)
    : executor_(std::move(executor)), state_(std::make_shared<State>())
{}

Outbox::~Outbox()
{
    state_->items.clear();
}

void Outbox::on_event(std::function<void(const Event&)> sink)
{
    state_->sink = std::move(sink);
}

std::unique_ptr<Watch> Outbox::watch(std::function<void(const TelephoneEvent&)> sink)
{
    auto held = std::make_shared<Watcher::Sink>(std::move(sink));
    state_->watchers.emplace_back(held);
    return std::make_unique<Watcher>(std::move(held));
}

void Outbox::post(Event event)
{
    state_->items.emplace_back(std::move(event));
    post_delivery();
}

void Outbox::post(TelephoneEvent event)
{
    if (state_->watchers.empty())
    {
        return;
    }
    state_->items.emplace_back(std::move(event));
    post_delivery();
}

void Outbox::drop(AttemptId attempt)
{
    std::erase_if(state_->items, [attempt](const Item& item) {
        const auto* event = std::get_if<Event>(&item);
        return event != nullptr && event->attempt == attempt;
    });
}

void Outbox::close()
{
    state_->items.clear();
    state_->sink = {};
}

void Outbox::post_delivery()
{
    auto deliver = [weak = std::weak_ptr(state_)] {
        if (const auto state = weak.lock())
        {
            state->deliver_one();
        }
    };
    boost::asio::post(executor_, std::move(deliver));
}
} // namespace ringpost::pbx
