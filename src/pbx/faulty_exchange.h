// SPDX-License-Identifier: Apache-2.0
// An exchange with a fault point in front of each call that is made to it, and one behind it, where only a kill makes
// sense: `exchange.make-call`, `exchange.make-call.done`, and `exchange.event` before an event is handed on. In test
// builds alone the factory puts it around the driver.
#pragma once

#include "pbx/exchange.h"

#include <memory>
#include <utility>

namespace ringpost::pbx
{
class FaultyExchange : public Exchange
{
public:
    explicit FaultyExchange(std::unique_ptr<Exchange> real) : real_(std::move(real)) {}

    [[nodiscard]] bool supports(Capability capability) const override { return real_->supports(capability); }
    [[nodiscard]] std::string name() const override { return real_->name(); }
    [[nodiscard]] bool link_up() const override { return real_->link_up(); }
    [[nodiscard]] std::string link_trouble() const override { return real_->link_trouble(); }
    void on_event(std::function<void(const Event&)> sink) override;
    boost::asio::awaitable<Result<>> make_call(MakeCall call) override;
    boost::asio::awaitable<Result<>> alert_second(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_call(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> announce(AttemptId attempt, Announcement announcement) override;
    boost::asio::awaitable<Result<std::unique_ptr<AudioPort>>> connect_port(AttemptId attempt) override;
    boost::asio::awaitable<Result<std::optional<AttemptLegs>>> find_attempt(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> keep) override;
    boost::asio::awaitable<Result<std::vector<Finding>>> check() override { return real_->check(); }
    [[nodiscard]] DeviceState snapshot_device(const DeviceId& device) const override
    {
        return real_->snapshot_device(device);
    }
    Result<> monitor_start(const DeviceId& device) override;
    void monitor_stop(const DeviceId& device) override { real_->monitor_stop(device); }

private:
    std::unique_ptr<Exchange> real_;
};
} // namespace ringpost::pbx
