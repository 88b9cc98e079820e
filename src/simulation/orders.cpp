// SPDX-License-Identifier: Apache-2.0
#include "simulation/orders.h"

#include "simulation/customs.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace ringpost::simulation
{
namespace
{
/// A moment of the day, more often a busy one.
Duration moment(Dice& dice, Duration day)
{
    const auto& shape = customs::day_shape;
    double left = dice.share() * std::accumulate(shape.begin(), shape.end(), 0.0);
    std::size_t eighth = 0;
    while (eighth + 1 < shape.size() && left >= shape.at(eighth))
    {
        left -= shape.at(eighth);
        ++eighth;
    }
    return day / 8 * static_cast<Duration::rep>(eighth) + dice.between(Duration{}, day / 8);
}
} // namespace

void Orders::live(std::size_t count, Duration day)
{
    begin_ = agenda_.clock().now();
    times_.resize(count);
    std::generate(times_.begin(), times_.end(), [this, day] { return moment(dice_, day); });
    std::sort(times_.begin(), times_.end());
    next();
}

void Orders::next()
{
    if (asked_ < times_.size())
    {
        agenda_.after(begin_ + times_[asked_] - agenda_.clock().now(), [this] {
            ask();
            next();
        });
    }
}

void Orders::ask()
{
    const std::size_t number = ++asked_;
    const std::size_t here = dice_.below(2);
    Office& office = *offices_.at(here);
    Office& other = *offices_.at(1 - here);
    const double kind = dice_.share();
    const bool relayed = kind < customs::relayed;
    const bool inside = !relayed && kind < customs::relayed + customs::inside;
    Office& of_destination = relayed || inside ? office : other;
    Office& of_source = relayed ? other : office;
    const std::size_t count = office.options().telephones;
    const std::size_t destination = somebody_called(dice_, count);
    std::size_t source = dice_.below(count);
    source = source == destination ? (source + 1) % count : source;

    store::Request request;
    request.number = fmt::format("{}@{}", number, of_source.options().domain);
    request.submitter = relayed ? Submitter{Standing::peer, other.options().domain}
                                : Submitter{Standing::own_user, office.address(source)};
    request.sender = of_source.address(source);
    request.addressee = of_destination.address(destination);
    request.destination_number = relayed || inside ? extension(destination) : other.external(destination);
    request.destination_device = request.destination_number;
    request.source_number = relayed ? other.external(source) : extension(source);
    request.source_device = request.source_number;
    request.asked = agenda_.clock().now();
    say_how(request);
    follow(office, office.determine(request));
}

void Orders::say_how(store::Request& request)
{
    const bool by_reception = dice_.chance(customs::by_reception);
    request.trigger = by_reception ? Trigger::user_reception : Trigger::system_recognition;
    request.express = dice_.chance(customs::express);
    const Duration cycle = dice_.between(customs::shortest_cycle, customs::longest_cycle);
    const bool external = pbx::DeviceId{request.destination_device}.external();
    if (dice_.chance(customs::periodic) || external)
    {
        request.retry_every = cycle;
    }
    const Duration monitor_time = dice_.between(customs::shortest_monitor_time, customs::longest_monitor_time);
    if (dice_.chance(customs::monitored))
    {
        request.monitor_time = monitor_time;
    }
    request.ring_time = dice_.between(customs::shortest_ring, customs::longest_ring);
    const bool source_first = dice_.chance(customs::source_first);
    request.call_order = source_first ? CallOrder::source_first : CallOrder::destination_first;
    request.first_attempt = !dice_.chance(customs::begin_by_waiting);
    request.result_notification = !dice_.chance(customs::silent);
}

/// The addressee fetches the mail or deletes it; some think better of it.
void Orders::follow(Office& office, const store::Request& request)
{
    const Duration reading = dice_.around(customs::reading, customs::latest_reading);
    const bool deleted = dice_.chance(customs::deleted_unread);
    const bool cancelled = dice_.chance(customs::cancelled);
    const Duration until_cancel = dice_.around(customs::until_cancel, customs::latest_cancel);
    if (request.trigger == Trigger::user_reception)
    {
        later(reading,
              [&office, request, deleted] { deleted ? office.delete_unread(request) : office.receive(request); });
    }
    if (cancelled)
    {
        later(until_cancel, [&office, request] { office.cancel(request); });
    }
}

void Orders::later(Duration delay, std::function<void()> action)
{
    ++pending_;
    agenda_.after(delay, [this, action = std::move(action)] {
        --pending_;
        action();
    });
}
} // namespace ringpost::simulation
