// SPDX-License-Identifier: Apache-2.0
#include "simulation/city.h"

#include "core/spawn.h"
#include "simulation/customs.h"

#include <algorithm>

namespace ringpost::simulation
{
namespace
{
/// 2026-12-01T00:00:00Z, a Tuesday.
constexpr Instant first_morning{Duration{1'796'083'200'000'000}};
/// Until the last request has ended: it is asked for, then fetched, then tried for its monitor time.
constexpr Duration evening = customs::latest_reading + customs::monitor_time_cap + 5min;
/// Until the last of them has hung up.
constexpr Duration night = customs::longest_talk + customs::longest_absence;

// Streams of chance; people use three, and one each from a thousand on.
constexpr std::uint64_t orders_stream = 1;
constexpr std::uint64_t cuts_stream = 10;
constexpr std::uint64_t people_stream = 1'000'000;

OfficeOptions office_options(const CityOptions& city, std::size_t which)
{
    const std::array<OfficeOptions, 2> offices{
        {{"office-a.example", "+81441", "office-b.example", "+81442", city.telephones / 2, city.lines},
         {"office-b.example", "+81442", "office-a.example", "+81441", city.telephones / 2, city.lines}}};
    return offices.at(which);
}
} // namespace

City::City(const CityOptions& options)
    : options_(options), clock_(context_, first_morning), start_(clock_.now()), agenda_(clock_)
{
    tasks_of(context_).on_exception(OnException::rethrow);
    for (std::size_t i = 0; i < offices_.size(); ++i)
    {
        offices_.at(i) = std::make_unique<Office>(context_.get_executor(), clock_, office_options(options_, i));
        people_.at(i) = std::make_unique<People>(agenda_, *offices_.at(i), options_.seed, people_stream * (i + 1));
    }
    connect();
    orders_ = std::make_unique<Orders>(agenda_, std::array{offices_[0].get(), offices_[1].get()}, options_.seed,
                                       orders_stream);
}

City::~City()
{
    // A city that was never lived, or came to an exception: coroutines end before what they refer to.
    stop();
}

void City::connect()
{
    for (std::size_t i = 0; i < offices_.size(); ++i)
    {
        Office& from = *offices_.at(i);
        Office& to = *offices_.at(1 - i);
        trunks_.at(i) = std::make_unique<Trunk>(context_.get_executor(),
                                                [&to](auto link) { to.exchange().trunks().accept(std::move(link)); });
        from.exchange().trunks().add_route(to.options().prefix, trunks_.at(i)->take_near());
    }
    for (std::size_t i = 0; i < 2 * offices_.size(); ++i)
    {
        cutting_.emplace_back(options_.seed, cuts_stream + i);
    }
}

Day City::live()
{
    orders_->live(options_.camp_ons, options_.day);
    for (std::size_t i = 0; i < offices_.size(); ++i)
    {
        people_.at(i)->live(options_.day);
        cut_now_and_then(2 * i, [this, i](bool up) { trunks_.at(i)->set_up(up); });
        cut_now_and_then(2 * i + 1, [this, i](bool up) { offices_.at(i)->exchange().set_link(up); });
    }
    counted_until_ = start_;
    each_minute();
    const Instant end = start_ + options_.day;
    const bool lived = live_until(end, [] { return false; }) && live_until(end + evening, [this] { return settled(); });
    const Duration lasted = clock_.now() - start_;
    if (lived && live_until(clock_.now() + night, [] { return false; }))
    {
        for (const auto& office : offices_)
        {
            office->send_notices();
            office->check_end();
        }
    }
    stop();
    Day day = figures();
    day.lasted = lasted;
    return day;
}

/// False: a rule was broken.
bool City::live_until(Instant end, const std::function<bool()>& enough)
{
    while (!broken() && !enough() && clock_.step(end))
    {
        ++events_;
        for (const auto& office : offices_)
        {
            office->check();
        }
        count_lines();
    }
    return !broken();
}

bool City::broken() const
{
    return std::any_of(offices_.begin(), offices_.end(),
                       [](const auto& office) { return !office->witness().broken().empty(); });
}

bool City::settled() const
{
    return orders_->done() && std::all_of(offices_.begin(), offices_.end(),
                                          [](const auto& office) { return office->witness().all_ended(); });
}

/// Both offices have the same lines; a call that is still on its way stands on one side only.
void City::count_lines()
{
    const Instant now = std::min(clock_.now(), start_ + options_.day);
    line_time_ += static_cast<double>(busy_lines_) * static_cast<double>((now - counted_until_).count());
    counted_until_ = now;
    busy_lines_ =
        std::max(offices_[0]->exchange().trunks().busy_lines(), offices_[1]->exchange().trunks().busy_lines());
    most_lines_ = std::max(most_lines_, busy_lines_);
}

void City::each_minute()
{
    for (const auto& office : offices_)
    {
        office->send_notices();
        office->check_patience();
    }
    minute_ = clock_.after(1min, [this] { each_minute(); });
}

void City::cut_now_and_then(std::size_t which, const std::function<void(bool up)>& set)
{
    Dice& dice = cutting_.at(which);
    const Duration lasts = dice.around(customs::link_lasts, 100 * 24h);
    const Duration cut = dice.between(customs::shortest_cut, customs::longest_cut);
    if (clock_.now() + lasts + cut >= start_ + options_.day)
    {
        return;
    }
    agenda_.after(lasts, [this, which, set, cut] {
        cut_once(set, cut);
        cut_now_and_then(which, set);
    });
}

void City::cut_once(const std::function<void(bool up)>& set, Duration time)
{
    set(false);
    agenda_.after(time, [set] { set(true); });
}

void City::stop()
{
    minute_.cancel();
    agenda_.clear();
    for (const auto& office : offices_)
    {
        office->stop();
    }
    // A message to somebody may still be playing, or the second of two ring.
    const Instant end = clock_.now() + customs::longest_ring + 1min;
    while (!std::all_of(offices_.begin(), offices_.end(), [](const auto& office) { return office->stopped(); }) &&
           clock_.step(end))
    {
    }
}

Day City::figures() const
{
    Day day;
    day.options = options_;
    for (std::size_t i = 0; i < offices_.size(); ++i)
    {
        const Witness& witness = offices_.at(i)->witness();
        for (const auto& request : witness.requests())
        {
            (request.between_offices() ? day.between : day.inside).add(request);
        }
        day.calls_by_hand += people_.at(i)->calls();
        day.attempts += witness.dials();
        const auto& traffic = offices_.at(i)->exchange().trunks().traffic();
        day.offered += traffic.offered;
        day.blocked += traffic.blocked;
        day.digest = day.digest * 31 + witness.digest();
        day.broken.insert(day.broken.end(), witness.broken().begin(), witness.broken().end());
    }
    day.between.sort();
    day.inside.sort();
    day.events = events_;
    day.utilisation = line_time_ / static_cast<double>(options_.day.count()) / static_cast<double>(options_.lines);
    day.most_lines = most_lines_;
    return day;
}
} // namespace ringpost::simulation
