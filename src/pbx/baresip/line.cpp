// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/line.h"

#include "pbx/dtmf.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ringpost::pbx::baresip
{
namespace
{
constexpr std::size_t most_calls = 8;
constexpr std::size_t most_commands = 64;
constexpr const char* delete_account = "uadel";

/// Events that may be the first that is heard of a call.
bool begins_call(const CtrlEvent& event)
{
    static constexpr std::array<std::string_view, 5> types{"CALL_INCOMING", "CALL_LOCAL_SDP", "CALL_RINGING",
                                                           "CALL_PROGRESS", "CALL_ESTABLISHED"};
    const bool sdp_of_offered = event.type == "CALL_LOCAL_SDP" && event.direction != Direction::outgoing;
    return std::ranges::find(types, event.type) != types.end() && !sdp_of_offered;
}

bool agree(Direction one, Direction other)
{
    return one == other || one == Direction::unknown || other == Direction::unknown;
}
} // namespace

DeviceState Line::state() const
{
    if (const Call* const call = shown())
    {
        return call->stage == Stage::ringing ? DeviceState::ringing : DeviceState::talking;
    }
    return up_ && known_ && registered_ ? DeviceState::idle : DeviceState::unreachable;
}

std::optional<std::string> Line::with() const
{
    const Call* const call = shown();
    return call == nullptr ? std::nullopt : std::optional(call->with);
}

/// The call that the person is at: one that he has lifted the receiver for before one that rings.
const Line::Call* Line::shown() const
{
    const Call* ringing = nullptr;
    for (const Call& call : calls_)
    {
        if (call.ending != 0)
        {
            continue;
        }
        if (call.stage != Stage::ringing)
        {
            return &call;
        }
        ringing = ringing == nullptr ? &call : ringing;
    }
    return ringing;
}

void Line::link_up()
{
    up_ = true;
    known_ = false;
    commands_.clear();
    hangups_done_ = hangups_sent_;
    reginfos_awaited_ = 0;
    // The calls first: with the registration the telephone comes into service.
    send("listcalls");
    ask_registration();
}

void Line::link_lost()
{
    up_ = false;
    known_ = false;
    registered_ = false;
    calls_.clear();
    commands_.clear();
    intend();
}

void Line::on_event(const CtrlEvent& event)
{
    if (event.type == "CALL_CLOSED")
    {
        on_closed(event);
    }
    else if (event.type.starts_with("CALL_"))
    {
        on_call(event);
    }
    else if (event.type == "REGISTER_OK")
    {
        registered_ = true;
    }
    else if (event.type == "REGISTER_FAIL" || event.type == "UNREGISTERING")
    {
        registered_ = false;
        if (event.type == "UNREGISTERING")
        {
            // The account goes, and its calls with it; of them baresip tells nothing more.
            calls_.clear();
        }
    }
    intend();
}

void Line::on_call(const CtrlEvent& event)
{
    Call* call = find(event);
    if (call == nullptr && begins_call(event))
    {
        call = add(event.id, event.direction, event.number);
    }
    if (call != nullptr && event.type == "CALL_ESTABLISHED")
    {
        call->stage = Stage::established;
    }
}

void Line::on_closed(const CtrlEvent& event)
{
    if (const Call* const call = find(event))
    {
        std::erase_if(calls_, [serial = call->serial](const Call& each) { return each.serial == serial; });
    }
}

/// By its id; a call without one learns it from the first event that can be its own.
Line::Call* Line::find(const CtrlEvent& event)
{
    const auto same =
        std::ranges::find_if(calls_, [&](const Call& call) { return !event.id.empty() && call.id == event.id; });
    if (same != calls_.end())
    {
        return &*same;
    }
    if (event.type == "CALL_INCOMING")
    {
        return nullptr; // always a new one
    }
    const auto nameless = std::ranges::find_if(
        calls_, [&](const Call& call) { return call.id.empty() && agree(call.direction, event.direction); });
    if (nameless == calls_.end())
    {
        return nullptr;
    }
    nameless->id = event.id;
    return &*nameless;
}

Line::Call* Line::add(const std::string& id, Direction direction, const std::string& with)
{
    if (calls_.size() >= most_calls)
    {
        return nullptr;
    }
    const Stage stage = direction == Direction::incoming ? Stage::ringing : Stage::lifted;
    calls_.push_back({++last_serial_, id, direction, with, stage, 0});
    return &calls_.back();
}

void Line::on_reply(const Command& command, const CtrlReply& reply)
{
    if (command.name == "listcalls")
    {
        set_calls(read_listcalls(reply.data));
    }
    else if (command.name == "reginfo")
    {
        on_registration(read_reginfo(reply.data));
    }
    else if (command.name == "dial" && !reply.ok)
    {
        forget_dialled();
    }
    else if (command.name == "hangup")
    {
        // Where it has found a call, an event has told of its end before.
        ++hangups_done_;
        std::erase_if(calls_, [this](const Call& call) { return call.ending == hangups_done_; });
    }
    intend();
}

void Line::on_registration(const Registration& registration)
{
    known_ = true;
    registered_ = registration.registered;
    address_ = registration.account ? registration.address : address_;
    // Where it has been asked again, the account is about to be changed.
    account_ = --reginfos_awaited_ > 0 ? account_ : registration.account;
}

void Line::set_calls(const std::vector<ListedCall>& listed)
{
    std::vector<Call> now;
    for (const ListedCall& each : listed)
    {
        if (now.size() < most_calls)
        {
            now.push_back(taken_over(each));
        }
    }
    calls_ = std::move(now);
}

/// A call that is listed, with what an event has told of it meanwhile.
Line::Call Line::taken_over(const ListedCall& listed)
{
    const bool established = listed.state == "ESTABLISHED";
    const bool incoming = listed.state == "INCOMING";
    const Direction direction = established ? Direction::unknown : incoming ? Direction::incoming : Direction::outgoing;
    const auto known = std::ranges::find_if(calls_, [&](const Call& call) {
        return !call.id.empty() && call.with == listed.number && agree(call.direction, direction);
    });
    if (known != calls_.end())
    {
        Call call = *known;
        calls_.erase(known);
        return call;
    }
    const Stage stage = established ? Stage::established : incoming ? Stage::ringing : Stage::lifted;
    return {++last_serial_, {}, direction, listed.number, stage, 0};
}

void Line::forget_dialled()
{
    const auto refused = std::ranges::find_if(
        calls_, [](const Call& call) { return call.id.empty() && call.direction == Direction::outgoing; });
    if (refused != calls_.end())
    {
        calls_.erase(refused);
    }
}

Result<> Line::dial(std::string_view written)
{
    if (state() != DeviceState::idle)
    {
        return fail(Errc::conflict, number_, "the telephone is not idle");
    }
    const std::string keys = dialled_keys(written);
    if (keys.empty())
    {
        return fail(Errc::malformed, number_, "what is dialled is no number");
    }
    if (commands_.size() >= most_commands)
    {
        return fail(Errc::unavailable, number_, "the telephone does not keep up");
    }
    send("dial", keys);
    add({}, Direction::outgoing, keys);
    intend();
    return {};
}

Result<> Line::answer()
{
    if (state() != DeviceState::ringing)
    {
        return fail(Errc::conflict, number_, "the telephone does not ring");
    }
    send("accept");
    const auto serial = shown()->serial;
    std::ranges::find(calls_, serial, &Call::serial)->stage = Stage::lifted;
    intend();
    return {};
}

void Line::hang_up()
{
    const auto last = std::find_if(calls_.rbegin(), calls_.rend(), [](const Call& call) { return call.ending == 0; });
    if (last != calls_.rend())
    {
        last->ending = ++hangups_sent_;
        send("hangup");
    }
    intend();
}

Result<> Line::press(std::string_view keys)
{
    const auto digits = dtmf_digits(number_, keys);
    if (digits.has_error())
    {
        return digits.error();
    }
    const Call* const call = shown();
    if (call == nullptr || call->stage != Stage::established)
    {
        return fail(Errc::conflict, number_, "the telephone is in no call");
    }
    if (commands_.size() + digits->size() > most_commands)
    {
        return fail(Errc::unavailable, number_, "the telephone does not keep up");
    }
    for (const char digit : *digits)
    {
        send("sndcode", std::string(1, digit));
    }
    return {};
}

void Line::act()
{
    if (intention_.act == Intention::Act::hang_up)
    {
        hang_up();
    }
    else if (intention_.act == Intention::Act::answer && state() == DeviceState::ringing)
    {
        static_cast<void>(answer());
    }
}

Result<> Line::set_registered(bool registered)
{
    if (!up_ || !known_)
    {
        return fail(Errc::unavailable, number_, "the telephone is not connected");
    }
    if (registered == account_)
    {
        return {};
    }
    account_ = registered;
    if (registered)
    {
        // The module reads the accounts file when it is loaded: the only way that needs no password here.
        send("rmmod", "account");
        send("insmod", "account");
    }
    else
    {
        send(delete_account);
    }
    ask_registration();
    return {};
}

std::optional<Command> Line::take_command()
{
    if (commands_.empty())
    {
        return std::nullopt;
    }
    Command command = std::move(commands_.front());
    commands_.pop_front();
    if (command.name == delete_account)
    {
        // Only now: a reginfo whose reply has just come may have told it first.
        command.parameters = address_;
    }
    return command;
}

void Line::send(std::string name, std::string parameters)
{
    commands_.push_back({std::move(name), std::move(parameters)});
}

void Line::ask_registration()
{
    ++reginfos_awaited_;
    send("reginfo");
}

/// Makes up the person's mind anew where the call that he is at, or its stage, has become another one.
void Line::intend()
{
    const Call* const call = shown();
    const std::pair now{call == nullptr ? 0 : call->serial, call == nullptr ? Stage::ringing : call->stage};
    if (now == intended_for_)
    {
        return;
    }
    intended_for_ = now;
    intention_ = {intention_.number + 1, Intention::Act::none, {}};
    if (call != nullptr && call->stage == Stage::ringing && habit.answer != Habit::Answer::never)
    {
        const bool rejects = habit.answer == Habit::Answer::reject;
        intention_.act = rejects ? Intention::Act::hang_up : Intention::Act::answer;
        intention_.after = habit.answer_after;
    }
    else if (call != nullptr && call->stage == Stage::established && habit.talk)
    {
        intention_.act = Intention::Act::hang_up;
        intention_.after = *habit.talk;
    }
}
} // namespace ringpost::pbx::baresip
