// SPDX-License-Identifier: Apache-2.0
// A real Asterisk with three real SIP telephones (baresip), in real time. What there is says a JSON file of the test
// bed:
// {"url", "user", "password_file", "telephones": {"2000": "127.0.0.1:4444", …}, "tones": {"2000": 700, …},
//  "recordings": {"2000": "/directory", …}}.
#pragma once

#include "core/real_clock.h"
#include "exchange/cut_proxy.h"
#include "exchange/rig.h"
#include "pbx/asterisk/exchange.h"
#include "pbx/baresip/telephones.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ringpost::pbx::conformance
{
class AsteriskRig : public Rig
{
public:
    /// Waits for link and telephones, whose calls of earlier cases are ended. Throws where they do not come.
    explicit AsteriskRig(const std::string& file);
    ~AsteriskRig() override;

    Exchange& exchange() override { return *exchange_; }
    Telephones& telephones() override { return *telephones_; }
    boost::asio::io_context& context() override { return context_; }
    void run_for(Duration duration) override;
    void set_reachable(const std::string& number, bool reachable) override;
    void set_link(bool up) override { proxy_->set_up(up); }
    [[nodiscard]] Duration announcement() const override { return 1500ms; }
    [[nodiscard]] std::vector<std::int16_t> heard(const std::string& number) override;
    [[nodiscard]] int tone_of(const std::string& number) const override { return tones_.at(number); }
    [[nodiscard]] std::size_t ports_at_exchange() override;
    [[nodiscard]] Duration long_time() const override { return 2s; }
    [[nodiscard]] Duration patience() const override { return 15s; }
    [[nodiscard]] Duration slack() const override { return 500ms; }
    /// SIP telephones that are refused by their user may say 486 (RFC 3261 21.4.24), and baresip does.
    [[nodiscard]] std::string refusal() const override { return "busy"; }
    /// What is withdrawn is the registration.
    [[nodiscard]] bool unplugging_ends_calls() const override { return false; }

private:
    void open(const std::string& file);
    void wait_for_telephones();
    [[nodiscard]] bool all_idle() const;
    void end_what_is_left();
    std::string hang_up_all();
    [[nodiscard]] std::string standing() const;

    std::string gateway_;
    boost::asio::io_context context_;
    RealClock clock_;
    std::map<std::string, int> tones_;
    std::map<std::string, std::string> recordings_;
    std::unique_ptr<asterisk::Rest> rest_; ///< past the proxy
    std::unique_ptr<CutProxy> proxy_;
    std::unique_ptr<BaresipTelephones> telephones_;
    std::unique_ptr<AsteriskExchange> exchange_;
};
} // namespace ringpost::pbx::conformance
