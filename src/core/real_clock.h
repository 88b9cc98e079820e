// SPDX-License-Identifier: Apache-2.0
// The clock of the running gateway: the system's wall clock for at(), its steady clock for after(). However many timers
// are set, one timer of the operating system waits for the earliest.
#pragma once

#include "core/clock.h"

#include <boost/asio/any_io_executor.hpp>

namespace ringpost
{
class RealClock final : public Clock
{
public:
    /// Timers fire on `executor`, which must run one handler at a time.
    explicit RealClock(boost::asio::any_io_executor executor);
    ~RealClock() override;
    RealClock(const RealClock&) = delete;
    RealClock& operator=(const RealClock&) = delete;

    [[nodiscard]] Instant now() const override;
    [[nodiscard]] Duration steady() const override;
    [[nodiscard]] Timer at(Instant when, std::function<void()> action) override;
    [[nodiscard]] Timer after(Duration delay, std::function<void()> action) override;

private:
    class State;
    std::shared_ptr<State> state_;
};
} // namespace ringpost
