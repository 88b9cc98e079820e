// SPDX-License-Identifier: Apache-2.0
// The heart of the simulated exchange: telephones, calls and what happens to their legs. No I/O of its own: it is told
// by timers of the Clock, by the TrunkGroup and by its callers, and tells through the Outbox and the CallLog.
// One executor; what it refers to must outlive it.
#pragma once

#include "core/clock.h"
#include "pbx/audio_port.h"
#include "pbx/exchange.h"
#include "pbx/newest.h"
#include "pbx/outbox.h"
#include "pbx/simulated/call.h"
#include "pbx/simulated/call_log.h"
#include "pbx/simulated/extension.h"
#include "pbx/simulated/trunk_group.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ringpost::pbx::simulated
{
/// How the office converts numbers. All three are called on the control executor.
struct Numbering
{
    /// The external number (E.164) that calls of an extension show outside.
    std::function<std::string(const std::string& extension)> external_number;
    /// The own extension behind an external number; nullopt: not ours.
    std::function<std::optional<std::string>(const std::string& e164)> extension_of;
    /// What a person dialled, in dialable form: an extension, or E.164 for what is not in the office.
    std::function<std::string(const std::string& written)> normalise;
};

/// Machines that stand at extensions instead of people: each answers after the habit's time, hears and speaks.
struct Machines
{
    std::set<std::string> extensions;
    /// One of them has answered; called from the executor. The port is the sound of this call: its destruction is the
    /// machine hanging up, and it is told where the other side does.
    std::function<void(const std::string& extension, std::unique_ptr<AudioPort> port)> answered;
};

struct Office
{
    std::string name; ///< of the exchange, in call logs here and at peers
    std::vector<std::string> extensions;
    Numbering numbering;
    Duration announcement = 3s;       ///< how long an announcement lasts
    Duration patience = 60s;          ///< how long a person who dialled by hand lets it ring
    std::filesystem::path recordings; ///< directory for what each telephone hears; empty: not recorded
    Duration recording_time = 10min;  ///< no recording is longer
    Machines machines;
};

class Switchboard
{
public:
    Switchboard(Clock& clock, Outbox& outbox, CallLog& log, TrunkGroup& trunks, Office office);
    ~Switchboard();
    Switchboard(const Switchboard&) = delete;
    Switchboard& operator=(const Switchboard&) = delete;

    /// The services of pbx/exchange.h, at once.
    Result<> make_call(const MakeCall& wanted);
    Result<> alert_second(AttemptId attempt);
    void clear_call(AttemptId attempt);
    void clear_orphans(const std::set<AttemptId>& keep);
    Result<> announce(AttemptId attempt);
    Result<std::unique_ptr<AudioPort>> connect_port(AttemptId attempt);
    [[nodiscard]] std::optional<AttemptLegs> find_attempt(AttemptId attempt) const;
    [[nodiscard]] DeviceState state_of(const DeviceId& device) const;
    void monitor(const DeviceId& device, bool wanted);
    /// While the link to the gateway is down it hears of nothing; calls go on.
    void set_link(bool up);
    [[nodiscard]] bool link_up() const { return link_up_; }

    /// The services of pbx/telephones.h.
    [[nodiscard]] std::vector<Telephone> list() const;
    Result<> dial(const std::string& from, const std::string& to);
    Result<> answer(const std::string& number);
    Result<> hang_up(const std::string& number);
    Result<> press(const std::string& number, const std::string& digits);
    Result<> set(const std::string& number, const std::function<void(Habit&)>& change);
    Result<> set_reachable(const std::string& number, bool reachable);

private:
    [[nodiscard]] Call& open_call();
    [[nodiscard]] Call* find(AttemptId attempt);
    [[nodiscard]] const Call* find(AttemptId attempt) const;
    [[nodiscard]] Extension* find(const std::string& number);
    [[nodiscard]] Leg leg_of(const Call& call, const Extension& extension) const;
    void forget(Call& call);

    /// The life of a leg. Each of these may end the call: the reference is dead afterwards.
    void start_leg(Call& call, Leg leg);
    void leg_rings_far_away(Call& call, Leg leg);
    void leg_answered(Call& call, Leg leg);
    void leg_failed(Call& call, Leg leg, Cause cause);
    void leg_hung_up(Call& call, Leg leg);

    /// Cause::none: it rings.
    [[nodiscard]] Cause ring_extension(Call& call, Leg leg);
    [[nodiscard]] Cause place_on_trunk(Call& call, Leg leg);
    void expect_person(Extension& extension, CallKey key, Leg leg);
    void begin_talk(Call& call);
    void end_leg(Call& call, Leg leg);
    void release_leg(Call& call, Leg leg);

    /// What is heard (switchboard_audio.cpp).
    void give_ear(Side& side);
    void give_machine(Call& call, Leg leg);
    void end_machine(Side& side);
    /// Whoever is on `leg` says, or has to hear.
    void said(CallKey key, Leg leg, std::span<const std::int16_t> samples);
    void hear(CallKey key, Leg leg, std::span<const std::int16_t> samples);
    void pressed(Call& call, Leg leg, char digit);
    /// The call goes on without its port, where it has one.
    void end_port(Call& call);

    void on_offered(const TrunkLeg& trunk, const TrunkMessage& setup);
    void on_trunk(const TrunkLeg& trunk, const std::function<void(Call&, Leg)>& action);
    [[nodiscard]] Timer later(Duration delay, CallKey key, std::function<void(Call&)> action);

    [[nodiscard]] bool write_log(const Call& call, Leg leg, CallLogEntry::What what, Cause cause = Cause::none);
    void tell(const Call& call, Event::Kind kind, Leg leg, Cause cause = Cause::none);
    void tell_device(const std::string& number, Event::Kind kind, bool was_answered = false);
    void tell_change(const Extension& extension);
    void tell_gateway(Event event);

    Clock& clock_;
    Outbox& outbox_;
    CallLog& log_;
    TrunkGroup& trunks_;
    Office office_;
    std::unordered_map<std::string, Extension> extensions_;
    std::unordered_map<CallKey, Call> calls_;
    std::unordered_map<AttemptId, CallKey> attempts_;
    std::map<TrunkLeg, std::pair<CallKey, Leg>> trunk_legs_;
    Newest<AttemptId> dialled_; ///< by this process
    std::unordered_set<std::string> monitored_;
    std::map<std::string, unsigned> next_recording_;
    CallKey last_call_ = 0;
    bool link_up_ = true;
};
} // namespace ringpost::pbx::simulated
