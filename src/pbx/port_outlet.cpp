// SPDX-License-Identifier: Apache-2.0
#include "pbx/port_outlet.h"

#include "pbx/dtmf.h"

#include <boost/asio/post.hpp>

#include <deque>
#include <utility>
#include <variant>

namespace ringpost::pbx
{
namespace
{
using Samples = std::vector<std::int16_t>;
struct Closed
{};
using Heard = std::variant<Samples, char, Closed>;

constexpr std::size_t most_audio = 100;
/// Nobody presses so many keys before somebody listens.
constexpr std::size_t most_items = 200;
} // namespace

struct PortOutlet::State
{
    std::deque<Heard> items;
    std::shared_ptr<const AudioPort::Sinks> sinks;
    bool posted = false;
    bool closed = false;

    void deliver();
};

void PortOutlet::State::deliver()
{
    posted = false;
    while (!items.empty() && sinks)
    {
        // Held here: a sink may end the port.
        const auto now = sinks;
        const Heard item = std::move(items.front());
        items.pop_front();
        if (const auto* samples = std::get_if<Samples>(&item))
        {
            if (now->audio)
            {
                now->audio(*samples);
            }
        }
        else if (const auto* digit = std::get_if<char>(&item))
        {
            if (now->digit)
            {
                now->digit(*digit);
            }
        }
        else if (now->closed)
        {
            now->closed();
        }
    }
}

PortOutlet::PortOutlet(boost::asio::any_io_executor executor)
    : executor_(std::move(executor)), state_(std::make_shared<State>())
{}

PortOutlet::~PortOutlet()
{
    silence();
}

void PortOutlet::listen(AudioPort::Sinks sinks)
{
    state_->sinks = std::make_shared<const AudioPort::Sinks>(std::move(sinks));
    wake();
}

void PortOutlet::silence()
{
    state_->items.clear();
    state_->sinks.reset();
    state_->closed = true;
}

void PortOutlet::audio(std::vector<std::int16_t> samples)
{
    if (!state_->closed && !samples.empty() && state_->items.size() < most_audio)
    {
        state_->items.emplace_back(std::move(samples));
        wake();
    }
}

void PortOutlet::digit(char digit)
{
    const auto known = dtmf_digit(digit);
    if (!state_->closed && known && state_->items.size() < most_items)
    {
        state_->items.emplace_back(*known);
        wake();
    }
}

void PortOutlet::close()
{
    if (!std::exchange(state_->closed, true))
    {
        state_->items.emplace_back(Closed{});
        wake();
    }
}

bool PortOutlet::closed() const
{
    return state_->closed;
}

void PortOutlet::wake()
{
    if (state_->posted || !state_->sinks || state_->items.empty())
    {
        return;
    }
    state_->posted = true;
    boost::asio::post(executor_, [weak = std::weak_ptr(state_)] {
        if (const auto state = weak.lock())
        {
            state->deliver();
        }
    });
}
} // namespace ringpost::pbx
