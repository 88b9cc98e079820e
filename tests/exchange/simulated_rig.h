// SPDX-License-Identifier: Apache-2.0
// The simulated exchange in virtual time, without trunks.
#pragma once

#include "core/virtual_clock.h"
#include "exchange/rig.h"
#include "pbx/simulated/exchange.h"
#include "unit/temporary_directory.h"

#include <filesystem>
#include <memory>
#include <string>

namespace ringpost::pbx::conformance
{
/// Extensions 2000, 2100 and 2200; outside they are the external prefix (E.164) and the extension. Numbers dialled
/// with a leading 0 are Japanese ones.
[[nodiscard]] simulated::Office sample_office(const std::string& name, const std::string& external_prefix);

class SimulatedRig : public Rig
{
public:
    /// With a call log, unless the path is empty.
    explicit SimulatedRig(const std::filesystem::path& call_log = {}, simulated::Machines machines = {});

    Exchange& exchange() override { return *exchange_; }
    Telephones& telephones() override { return *exchange_; }
    boost::asio::io_context& context() override { return context_; }
    void run_for(Duration duration) override { clock_.run_for(duration); }
    void set_reachable(const std::string& number, bool reachable) override;
    void set_link(bool up) override { exchange_->set_link(up); }
    [[nodiscard]] Duration announcement() const override { return 3s; }
    [[nodiscard]] std::vector<std::int16_t> heard(const std::string& number) override;
    [[nodiscard]] int tone_of(const std::string& /*number*/) const override { return 0; }

    SimulatedExchange& simulated() { return *exchange_; }
    /// Virtual time has no moment between an event and what is known of it.
    [[nodiscard]] DeviceState state(const std::string& number) { return exchange_->snapshot_device({number}); }
    VirtualClock& clock() { return clock_; }

    /// Where the recordings are.
    [[nodiscard]] const std::filesystem::path& recordings() const { return recordings_.path(); }

private:
    test::TemporaryDirectory recordings_;
    boost::asio::io_context context_;
    VirtualClock clock_;
    std::unique_ptr<SimulatedExchange> exchange_;
};
} // namespace ringpost::pbx::conformance
