// SPDX-License-Identifier: Apache-2.0
// A city in virtual time: two offices, each with its gateway (the real service), its exchange and its people, and trunk
// lines between them that are cut now and then. Everything follows from the options. Everything runs on the thread that
// calls live().
#pragma once

#include "core/virtual_clock.h"
#include "pbx/simulated/trunk.h"
#include "simulation/agenda.h"
#include "simulation/day.h"
#include "simulation/office.h"
#include "simulation/orders.h"
#include "simulation/people.h"

#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <memory>

namespace ringpost::simulation
{
class City
{
public:
    explicit City(const CityOptions& options);
    ~City();
    City(const City&) = delete;
    City& operator=(const City&) = delete;

    /// Lives the day, and on until every request has ended and everybody has hung up; or to the first broken rule.
    /// Called once. Exceptions are defects.
    Day live();

    /// For who wants to disturb it: runs `action` so long after the beginning.
    void at(Duration when, std::function<void()> action) { agenda_.after(when, std::move(action)); }
    Office& office(std::size_t which) { return *offices_.at(which); }

private:
    using Trunk = pbx::simulated::MemoryTrunk;

    void connect();
    [[nodiscard]] bool live_until(Instant end, const std::function<bool()>& enough);
    [[nodiscard]] bool broken() const;
    [[nodiscard]] bool settled() const;
    void count_lines();
    void each_minute();
    void cut_now_and_then(std::size_t which, const std::function<void(bool up)>& set);
    void cut_once(const std::function<void(bool up)>& set, Duration time);
    void stop();
    [[nodiscard]] Day figures() const;

    CityOptions options_;
    boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE}; ///< one thread: without locks
    VirtualClock clock_;
    Instant start_;
    Agenda agenda_;
    std::array<std::unique_ptr<Office>, 2> offices_;
    std::array<std::unique_ptr<Trunk>, 2> trunks_;
    std::array<std::unique_ptr<People>, 2> people_;
    std::unique_ptr<Orders> orders_;
    std::vector<Dice> cutting_;
    Timer minute_;
    std::uint64_t events_ = 0;
    Instant counted_until_{};
    std::size_t busy_lines_ = 0;
    std::size_t most_lines_ = 0;
    double line_time_ = 0; ///< microseconds, of all lines together, up to the end of the day
};
} // namespace ringpost::simulation
