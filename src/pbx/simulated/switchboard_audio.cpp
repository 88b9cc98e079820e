// SPDX-License-Identifier: Apache-2.0
// What is heard and said at the telephones, what is pressed, and the voice board ports. People say nothing: whoever
// talks with one hears silence. Machines speak.
#include "core/log.h"
#include "pbx/dtmf.h"
#include "pbx/simulated/switchboard.h"

#include <boost/asio/post.hpp>

#include <utility>

namespace ringpost::pbx::simulated
{
Result<std::unique_ptr<AudioPort>> Switchboard::connect_port(AttemptId attempt)
{
    const std::string where = "attempt " + std::to_string(attempt.value);
    Call* const call = find(attempt);
    if (call == nullptr || call->side(Leg::first).state != SideState::answered)
    {
        return fail(Errc::not_found, where, "has no first leg that has answered");
    }
    if (call->announcing || call->both_talk() || call->port)
    {
        return fail(Errc::conflict, where, "has no first leg alone, or that has a port already");
    }
    PortLine::Call ends;
    ends.hear = [this, key = call->key](std::span<const std::int16_t> samples) { hear(key, Leg::first, samples); };
    ends.left = [this, key = call->key] {
        if (const auto found = calls_.find(key); found != calls_.end())
        {
            end_port(found->second);
        }
    };
    call->port = std::make_shared<PortLine>(outbox_.executor(), std::move(ends));
    return PortLine::make_port(call->port);
}

void Switchboard::end_port(Call& call)
{
    if (const auto port = std::exchange(call.port, nullptr))
    {
        port->end();
        if (const auto& ear = call.side(Leg::first).ear)
        {
            ear->cut();
        }
    }
}

/// A telephone that is in a call again, from its first side, keeps its ear.
void Switchboard::give_ear(Side& side)
{
    if (side.trunk || side.ear)
    {
        return;
    }
    std::optional<Recording> recording;
    if (!office_.recordings.empty())
    {
        unsigned& number = next_recording_.try_emplace(side.device.number, 1U).first->second;
        auto opened = Recording::open(office_.recordings, side.device.number, number, office_.recording_time);
        if (opened.has_error())
        {
            log::warning("pbx.recording", {{"telephone", side.device.number}, {"why", opened.error().message()}});
        }
        else
        {
            recording.emplace(std::move(*opened));
        }
    }
    side.ear = std::make_unique<Ear>(clock_, std::move(recording));
}

/// After the answer has been told: a machine that hangs up at once must have been there.
void Switchboard::give_machine(Call& call, Leg leg)
{
    Side& side = call.side(leg);
    if (!office_.machines.extensions.contains(side.device.number) || !office_.machines.answered)
    {
        return;
    }
    PortLine::Call ends;
    ends.hear = [this, key = call.key, leg](std::span<const std::int16_t> samples) { said(key, leg, samples); };
    ends.left = [this, key = call.key, leg] {
        if (const auto found = calls_.find(key); found != calls_.end())
        {
            leg_hung_up(found->second, leg);
        }
    };
    side.machine = std::make_shared<PortLine>(outbox_.executor(), std::move(ends));
    auto begin = [answered = office_.machines.answered, number = side.device.number,
                  port = PortLine::make_port(side.machine)]() mutable { answered(number, std::move(port)); };
    boost::asio::post(outbox_.executor(), std::move(begin));
}

void Switchboard::end_machine(Side& side)
{
    if (const auto machine = std::exchange(side.machine, nullptr))
    {
        machine->end();
    }
}

void Switchboard::said(CallKey key, Leg leg, std::span<const std::int16_t> samples)
{
    const auto found = calls_.find(key);
    if (found == calls_.end() || found->second.side(leg).state != SideState::answered)
    {
        return;
    }
    if (leg == Leg::first && found->second.port)
    {
        found->second.port->audio(samples);
        return;
    }
    hear(key, other(leg), samples);
}

void Switchboard::hear(CallKey key, Leg leg, std::span<const std::int16_t> samples)
{
    const auto found = calls_.find(key);
    if (found == calls_.end())
    {
        return;
    }
    const Side& side = found->second.side(leg);
    if (side.trunk && side.state == SideState::answered)
    {
        trunks_.send_audio(*side.trunk, samples);
    }
    if (side.ear)
    {
        side.ear->hear(samples);
    }
    if (side.machine)
    {
        side.machine->audio(samples);
    }
}

/// A key at the telephone of `leg`.
void Switchboard::pressed(Call& call, Leg leg, char digit)
{
    if (call.side(leg).state != SideState::answered)
    {
        return;
    }
    const Side& far = call.side(other(leg));
    if (leg == Leg::first && call.port)
    {
        call.port->digit(digit);
    }
    else if (far.machine)
    {
        far.machine->digit(digit);
    }
    else if (far.trunk && far.state == SideState::answered)
    {
        trunks_.send_digit(*far.trunk, digit);
    }
}

Result<> Switchboard::press(const std::string& number, const std::string& digits)
{
    Extension* const extension = find(number);
    if (extension == nullptr)
    {
        return fail(Errc::not_found, number, "there is no such telephone");
    }
    const auto keys = dtmf_digits(number, digits);
    if (keys.has_error())
    {
        return keys.error();
    }
    if (extension->state() != DeviceState::talking || !extension->call())
    {
        return fail(Errc::conflict, number, "the telephone is in no call");
    }
    Call& call = calls_.at(extension->call().value());
    const Leg leg = leg_of(call, *extension);
    for (const char digit : *keys)
    {
        pressed(call, leg, digit);
    }
    return {};
}
} // namespace ringpost::pbx::simulated
