// SPDX-License-Identifier: Apache-2.0
// Stands between the service and an exchange and notes when a device is reported released and when a call is asked for.
// On the control executor, as every exchange.
#pragma once

#include "bench/measure.h"
#include "pbx/exchange.h"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace ringpost::bench
{
class StampedExchange : public pbx::Exchange
{
public:
    explicit StampedExchange(pbx::Exchange& behind) : behind_(behind) {}

    /// From now on the next call to `device` as first is timed; from its release on where `from_release`.
    void expect(const std::string& device, bool from_release);
    [[nodiscard]] const Latencies& latencies() const { return latencies_; }
    /// Expected, and not asked for.
    [[nodiscard]] std::size_t missing() const { return expected_.size(); }
    /// Devices that the service has monitored, and when the last of them was added.
    [[nodiscard]] std::size_t monitored() const { return monitored_.size(); }
    [[nodiscard]] Steady::time_point last_monitored() const { return last_monitored_; }
    [[nodiscard]] std::size_t calls() const { return calls_; }

    [[nodiscard]] bool supports(pbx::Capability capability) const override { return behind_.supports(capability); }
    [[nodiscard]] std::string name() const override { return behind_.name(); }
    [[nodiscard]] bool link_up() const override { return behind_.link_up(); }
    void on_event(std::function<void(const pbx::Event&)> sink) override;
    boost::asio::awaitable<Result<>> make_call(pbx::MakeCall call) override;
    boost::asio::awaitable<Result<>> alert_second(AttemptId attempt) override { return behind_.alert_second(attempt); }
    boost::asio::awaitable<Result<>> clear_call(AttemptId attempt) override { return behind_.clear_call(attempt); }
    boost::asio::awaitable<Result<>> announce(AttemptId attempt, pbx::Announcement announcement) override
    {
        return behind_.announce(attempt, announcement);
    }
    boost::asio::awaitable<Result<std::unique_ptr<pbx::AudioPort>>> connect_port(AttemptId attempt) override
    {
        return behind_.connect_port(attempt);
    }
    boost::asio::awaitable<Result<std::optional<pbx::AttemptLegs>>> find_attempt(AttemptId attempt) override
    {
        return behind_.find_attempt(attempt);
    }
    boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> keep) override
    {
        return behind_.clear_orphans(std::move(keep));
    }
    boost::asio::awaitable<Result<std::vector<pbx::Finding>>> check() override { return behind_.check(); }
    [[nodiscard]] pbx::DeviceState snapshot_device(const pbx::DeviceId& device) const override
    {
        return behind_.snapshot_device(device);
    }
    Result<> monitor_start(const pbx::DeviceId& device) override;
    void monitor_stop(const pbx::DeviceId& device) override { behind_.monitor_stop(device); }

private:
    void note_call(const std::string& device);

    pbx::Exchange& behind_;
    std::unordered_map<std::string, Steady::time_point> expected_; ///< since when; time_point{}: not released yet
    std::unordered_set<std::string> monitored_;
    Steady::time_point last_monitored_{};
    Latencies latencies_;
    std::size_t calls_ = 0;
};
} // namespace ringpost::bench
