// SPDX-License-Identifier: Apache-2.0
// Stands between a gateway of the city and its exchange, and tells the Witness what passes.
#pragma once

#include "pbx/exchange.h"
#include "simulation/witness.h"

namespace ringpost::simulation
{
class WatchedExchange final : public pbx::Exchange
{
public:
    WatchedExchange(pbx::Exchange& behind, Witness& witness) : behind_(behind), witness_(witness) {}

    [[nodiscard]] bool supports(pbx::Capability capability) const override { return behind_.supports(capability); }
    [[nodiscard]] std::string name() const override { return behind_.name(); }
    [[nodiscard]] bool link_up() const override { return behind_.link_up(); }
    void on_event(std::function<void(const pbx::Event&)> sink) override;
    boost::asio::awaitable<Result<>> make_call(pbx::MakeCall call) override;
    boost::asio::awaitable<Result<>> alert_second(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_call(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> announce(AttemptId attempt, pbx::Announcement announcement) override;
    boost::asio::awaitable<Result<std::unique_ptr<pbx::AudioPort>>> connect_port(AttemptId attempt) override;
    boost::asio::awaitable<Result<std::optional<pbx::AttemptLegs>>> find_attempt(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> keep) override;
    boost::asio::awaitable<Result<std::vector<pbx::Finding>>> check() override { return behind_.check(); }
    [[nodiscard]] pbx::DeviceState snapshot_device(const pbx::DeviceId& device) const override
    {
        return behind_.snapshot_device(device);
    }
    [[nodiscard]] bool lines_free(const std::vector<pbx::DeviceId>& devices) const override
    {
        return behind_.lines_free(devices);
    }
    Result<> monitor_start(const pbx::DeviceId& device) override { return behind_.monitor_start(device); }
    void monitor_stop(const pbx::DeviceId& device) override { behind_.monitor_stop(device); }

private:
    pbx::Exchange& behind_;
    Witness& witness_;
};
} // namespace ringpost::simulation
