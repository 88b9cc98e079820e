// SPDX-License-Identifier: Apache-2.0
// The exchange that is built in: telephones and people that are simulated, trunks to other simulated exchanges, and
// a call log. Deterministic where its Clock is.
// Mapping: an extension is a device; a leg of an attempt is a side of a call of the switchboard; there is nothing else
// behind it. Everything on one executor; Clock, executor and the functions of Numbering must outlive it.
#pragma once

#include "core/clock.h"
#include "pbx/exchange.h"
#include "pbx/outbox.h"
#include "pbx/simulated/call_log.h"
#include "pbx/simulated/switchboard.h"
#include "pbx/simulated/tcp_trunk.h"
#include "pbx/simulated/trunk_group.h"
#include "pbx/telephones.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ringpost::pbx
{
class SimulatedExchange : public Exchange, public Telephones
{
public:
    /// Calls to numbers that begin with `prefix` (E.164; the longest wins) go to the exchange that listens at `peer`.
    struct Trunk
    {
        std::string prefix;
        simulated::TrunkAddress peer;
    };

    struct Options
    {
        simulated::Office office;
        std::filesystem::path call_log; ///< empty: none
        std::vector<Trunk> trunks;
        std::size_t trunk_lines = 256;                 ///< calls at once on all trunks together, in both directions
        std::optional<simulated::TrunkAddress> listen; ///< where peers connect their trunks; nullopt: nowhere
    };

    /// Errc::malformed, Errc::refused: a trunk address (tcp_trunk.h); Errc::io: call log or listening port.
    [[nodiscard]] static Result<std::unique_ptr<SimulatedExchange>> open(const boost::asio::any_io_executor& executor,
                                                                         Clock& clock, Options options);

    [[nodiscard]] bool supports(Capability capability) const override;
    [[nodiscard]] std::string name() const override { return "simulated"; }
    [[nodiscard]] bool link_up() const override { return switchboard_.link_up(); }
    void on_event(std::function<void(const Event&)> sink) override;
    boost::asio::awaitable<Result<>> make_call(MakeCall call) override;
    boost::asio::awaitable<Result<>> alert_second(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_call(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> announce(AttemptId attempt, Announcement announcement) override;
    boost::asio::awaitable<Result<std::unique_ptr<AudioPort>>> connect_port(AttemptId attempt) override;
    boost::asio::awaitable<Result<std::optional<AttemptLegs>>> find_attempt(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> keep) override;
    boost::asio::awaitable<Result<std::vector<Finding>>> check() override;
    [[nodiscard]] DeviceState snapshot_device(const DeviceId& device) const override;
    [[nodiscard]] bool lines_free(const std::vector<DeviceId>& devices) const override;
    Result<> monitor_start(const DeviceId& device) override;
    void monitor_stop(const DeviceId& device) override;

    [[nodiscard]] std::vector<Telephone> list() const override;
    Result<> call(const std::string& from, const std::string& to) override;
    Result<> answer(const std::string& number) override;
    Result<> hang_up(const std::string& number) override;
    Result<> press(const std::string& number, const std::string& digits) override;
    Result<> set(const std::string& number, const std::function<void(Habit&)>& change) override;
    [[nodiscard]] std::unique_ptr<Watch> watch(std::function<void(const TelephoneEvent&)> sink) override;

    /// Plugs a telephone in or out. One in use loses its call. Errc::not_found.
    Result<> set_reachable(const std::string& number, bool reachable);
    /// Breaks and mends the link between gateway and exchange; calls go on meanwhile, their events are lost.
    void set_link(bool up) { switchboard_.set_link(up); }
    /// The port that peers connect to; 0 where there is none.
    [[nodiscard]] std::uint16_t trunk_port() const { return listener_ ? listener_->port() : std::uint16_t{0}; }
    /// For trunks inside the process (simulated::MemoryTrunk).
    [[nodiscard]] simulated::TrunkGroup& trunks() { return trunks_; }

private:
    SimulatedExchange(const boost::asio::any_io_executor& executor, Clock& clock, simulated::CallLog log,
                      simulated::Office office, std::size_t trunk_lines);
    Result<> open_trunks(const boost::asio::any_io_executor& executor, Clock& clock, const Options& options);
    /// Errc::unavailable while the link is down.
    [[nodiscard]] Result<> need_link() const;

    simulated::CallLog log_;
    Outbox outbox_;
    simulated::TrunkGroup trunks_;
    simulated::Switchboard switchboard_;
    std::optional<simulated::TrunkListener> listener_;
};
} // namespace ringpost::pbx
