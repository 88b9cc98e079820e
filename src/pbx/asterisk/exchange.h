// SPDX-License-Identifier: Apache-2.0
// Asterisk 16.6 and later as the exchange, controlled through its REST interface (ARI).
// Mapping: an extension is an endpoint (`PJSIP/2000`); a leg is a channel that we originate with an id of ours into an
// ARI application; when both legs are up the dialplan's extension `resume` bridges them into an ordinary call of the
// PBX, which goes on without the gateway. Where the dialplan has none, they talk in a bridge of ours.
// A voice board port is a channel of external media, by WebSocket where Asterisk has chan_websocket, else by RTP.
// A telephone that refuses says `rejected` or `busy`, as its make of SIP telephone does (603 or 486).
// Until the link stands for the first time every own device is `cannot_know`; then all endpoints are known.
#pragma once

#include "core/clock.h"
#include "pbx/asterisk/driver.h"
#include "pbx/exchange.h"

#include <memory>

namespace ringpost::pbx
{
class AsteriskExchange : public Exchange
{
public:
    /// Begins to connect at once and goes on until it is destroyed; link_regained tells when the link stands.
    AsteriskExchange(const boost::asio::any_io_executor& executor, Clock& clock, asterisk::DriverOptions options);
    /// Calls that were handed over, or talk in a bridge, go on.
    ~AsteriskExchange() override;
    AsteriskExchange(const AsteriskExchange&) = delete;
    AsteriskExchange& operator=(const AsteriskExchange&) = delete;

    [[nodiscard]] bool supports(Capability capability) const override;
    [[nodiscard]] std::string name() const override { return "asterisk"; }
    [[nodiscard]] bool link_up() const override { return driver_->link_up(); }
    [[nodiscard]] std::string link_trouble() const override { return driver_->link_trouble(); }
    void on_event(std::function<void(const Event&)> sink) override { driver_->on_event(std::move(sink)); }
    boost::asio::awaitable<Result<>> make_call(MakeCall call) override;
    boost::asio::awaitable<Result<>> alert_second(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_call(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> announce(AttemptId attempt, Announcement announcement) override;
    boost::asio::awaitable<Result<std::unique_ptr<AudioPort>>> connect_port(AttemptId attempt) override;
    boost::asio::awaitable<Result<std::optional<AttemptLegs>>> find_attempt(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> keep) override;
    boost::asio::awaitable<Result<std::vector<Finding>>> check() override;
    [[nodiscard]] DeviceState snapshot_device(const DeviceId& device) const override
    {
        return driver_->snapshot(device);
    }
    Result<> monitor_start(const DeviceId& device) override { return driver_->monitor_start(device); }
    void monitor_stop(const DeviceId& device) override { driver_->monitor_stop(device); }

private:
    std::shared_ptr<asterisk::Driver> driver_;
};
} // namespace ringpost::pbx
