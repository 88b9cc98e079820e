// SPDX-License-Identifier: Apache-2.0
// What is behind AsteriskExchange: joins the link, the requests, the attempts and the devices. Its coroutines hold it,
// so that it may be closed while they wait. One executor.
#pragma once

#include "core/clock.h"
#include "pbx/asterisk/attempt_book.h"
#include "pbx/asterisk/device_board.h"
#include "pbx/asterisk/dial_plan.h"
#include "pbx/asterisk/link.h"
#include "pbx/asterisk/port.h"
#include "pbx/asterisk/rest.h"
#include "pbx/outbox.h"

#include <boost/asio/ip/address.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ringpost::pbx::asterisk
{
struct DriverOptions
{
    std::string gateway; ///< names our legs
    Account account;
    Link::Options link;
    std::string context = "ringpost"; ///< where extension `resume` gives a call back to the PBX
    std::string endpoint = "PJSIP/{number}";
    std::vector<Trunk> trunks;
    std::function<std::string(const std::string& e164)> as_dialled;
    std::string rtp_address;    ///< of ours, where audio comes by RTP; empty: the one from which ARI is reached
    Duration announcement = 3s; ///< no announcement lasts longer
    bool t38 = true;            ///< where Asterisk has res_fax
    std::string source_busy = "tone:busy";
    std::string source_no_answer = "tone:busy";
    std::string destination_failed = "tone:busy";
};

class Driver : public std::enable_shared_from_this<Driver>
{
public:
    using Done = boost::asio::awaitable<Result<>>;
    using Self = std::shared_ptr<Driver>;

    Driver(boost::asio::any_io_executor executor, Clock& clock, DriverOptions options);

    void start();
    /// Ends link, timers and requests; coroutines that wait go on with Errc::unavailable.
    void close();

    void on_event(std::function<void(const Event&)> sink) { events_.on_event(std::move(sink)); }
    [[nodiscard]] bool link_up() const { return link_.up(); }
    [[nodiscard]] std::string link_trouble() const { return link_.trouble(); }
    [[nodiscard]] DeviceState snapshot(const DeviceId& device) const;
    Result<> monitor_start(const DeviceId& device);
    void monitor_stop(const DeviceId& device) { devices_.monitor(device.number, false); }

    static Done make_call(Self self, MakeCall call);
    static Done alert_second(Self self, AttemptId attempt);
    static Done clear_call(Self self, AttemptId attempt);
    static Done announce(Self self, AttemptId attempt, Announcement announcement);
    static boost::asio::awaitable<Result<std::unique_ptr<AudioPort>>> connect_port(Self self, AttemptId attempt);
    static boost::asio::awaitable<Result<std::optional<AttemptLegs>>> find_attempt(Self self, AttemptId attempt);
    static Done clear_orphans(Self self, std::set<AttemptId> keep);
    static boost::asio::awaitable<Result<std::vector<Finding>>> check(Self self);

private:
    using LegKey = std::pair<AttemptId, Leg>;
    struct Held
    {
        std::vector<DeviceState> states;
        Timer limit;
    };

    [[nodiscard]] Result<> need_link() const;
    void take(Step step);
    void wait_for_end(const Act& act);

    // What Asterisk tells (driver.cpp).
    void on_message(const std::string& text);
    void on_leg(const AriEvent& event);
    void on_device(const AriEvent& event);

    // Devices (driver_devices.cpp).
    void device_now(const std::string& number, DeviceState state);
    void apply(const std::string& number, DeviceState state);
    [[nodiscard]] bool must_wait(const std::string& number, DeviceState state) const;
    [[nodiscard]] std::optional<DeviceState> newest(const std::string& number) const;
    void let_go(const std::string& number, bool all);
    void let_go_what_may();
    static boost::asio::awaitable<void> learn(Self self, std::string number);
    static Done hear_of(Self self, std::vector<std::string> numbers);
    static boost::asio::awaitable<Result<DeviceState>> ask_state(Self self, std::string number);

    // Requests (driver_calls.cpp).
    static Done dial(Self self, AttemptId attempt, Leg leg);
    static boost::asio::awaitable<Result<Cause>> look(Self self, DeviceId device);
    static boost::asio::awaitable<bool> can_t38(Self self);
    static boost::asio::awaitable<Result<bool>> audio_by_web_socket(Self self);
    static boost::asio::awaitable<void> perform(Self self, Act act);
    static boost::asio::awaitable<void> ring_device(Self self, Act act);
    static boost::asio::awaitable<void> hang_up(Self self, Act act);
    static boost::asio::awaitable<void> connect(Self self, AttemptId attempt);
    static Done hand_over(Self self, AttemptId attempt, std::string second_name);
    static Done join_left(Self self, AttemptId attempt, std::string second_name);
    static Done bridge(Self self, AttemptId attempt);
    static boost::asio::awaitable<void> play(Self self, AttemptId attempt);
    static Done end_bridge(Self self, AttemptId attempt);
    [[nodiscard]] const std::string& sound(Announcement announcement) const;

    // Voice board ports (driver_ports.cpp).
    using PortRef = std::shared_ptr<Port>;
    [[nodiscard]] Result<> port_possible(AttemptId attempt) const;
    static Done open_media(Self self, AttemptId attempt, PortRef port);
    static Done open_media_socket(Self self, AttemptId attempt, PortRef port);
    static Done open_rtp(Self self, AttemptId attempt, PortRef port);
    [[nodiscard]] Result<boost::asio::ip::address> rtp_address() const;
    [[nodiscard]] Media::Sinks media_sinks(AttemptId attempt, const PortRef& port);
    static Done started(Self self, PortRef port, bool by_web_socket);
    static Done join_port(Self self, AttemptId attempt, PortRef port);
    void on_port(AttemptId attempt, const AriEvent& event);
    void on_digit(AttemptId attempt, Leg leg, char digit);
    bool end_port(AttemptId attempt, const PortRef& port);
    void leave_port(AttemptId attempt, PortRef port);
    void leave_port(AttemptId attempt);
    void leave_all_ports();
    static boost::asio::awaitable<void> take_port(Self self, AttemptId attempt);
    static boost::asio::awaitable<void> free_leaving(Self self, AttemptId attempt, std::string id);
    static boost::asio::awaitable<void> free_port(Self self, std::string id);
    static boost::asio::awaitable<void> free_left_ports(Self self, std::set<std::string> ids);

    // What an administrator may have forgotten (driver_check.cpp).
    using Findings = std::vector<Finding>;
    static boost::asio::awaitable<bool> check_access(Self self, Findings& findings);
    static boost::asio::awaitable<void> check_link(Self self, Findings& findings);
    static boost::asio::awaitable<void> check_context(Self self, Findings& findings);
    static boost::asio::awaitable<void> check_modules(Self self, Findings& findings);
    static boost::asio::awaitable<void> check_endpoints(Self self, Findings& findings);
    static boost::asio::awaitable<void> check_trunks(Self self, Findings& findings);
    static boost::asio::awaitable<void> check_sounds(Self self, Findings& findings);
    static boost::asio::awaitable<void> check_audio(Self self, Findings& findings);

    // Reading everything after a connection (driver_recovery.cpp).
    static boost::asio::awaitable<void> read_all(Self self, std::uint64_t round);
    static boost::asio::awaitable<void> ask_taken(Self self, std::uint64_t round);
    static Done read_devices(Self self, std::vector<std::pair<std::string, DeviceState>>& found);
    void compare(const std::vector<Channel>& channels);
    static boost::asio::awaitable<Result<bool>> orphaned(Self self, Channel channel, AttemptId attempt);

    boost::asio::any_io_executor executor_;
    Clock& clock_;
    DriverOptions options_;
    LegIds ids_;
    DialPlan plan_;
    Rest rest_;
    Outbox events_;
    AttemptBook attempts_;
    DeviceBoard devices_;
    std::map<std::string, Held> held_;
    std::map<LegKey, Timer> timers_;
    std::map<AttemptId, PortRef> ports_;
    std::map<AttemptId, std::string> leaving_; ///< ports that are just being freed
    std::uint64_t last_port_ = 0;
    std::optional<bool> by_web_socket_;     ///< how audio goes; nullopt: not asked yet
    std::optional<bool> has_res_fax_;       ///< nullopt: not asked yet
    std::map<LegKey, Timer> hang_up_again_; ///< Asterisk has not taken it yet
    std::uint64_t probes_ = 0;              ///< of check()
    bool devices_known_ = false;
    bool closed_ = false;
    Link link_;
};
} // namespace ringpost::pbx::asterisk
