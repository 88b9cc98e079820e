// SPDX-License-Identifier: Apache-2.0
#include "exchange/rig.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ringpost::pbx::conformance
{
namespace
{
/// After the last event that is wanted, for one too many.
constexpr Duration afterwards = 100ms;

const char* word_of(Event::Kind kind)
{
    switch (kind)
    {
    case Event::Kind::delivered:
        return "delivered";
    case Event::Kind::established:
        return "established";
    case Event::Kind::failed:
        return "failed";
    case Event::Kind::connection_cleared:
        return "connection_cleared";
    case Event::Kind::announced:
        return "announced";
    case Event::Kind::device_in_use:
        return "device_in_use";
    case Event::Kind::device_released:
        return "device_released";
    case Event::Kind::device_in_service:
        return "device_in_service";
    case Event::Kind::device_out_of_service:
        return "device_out_of_service";
    case Event::Kind::link_lost:
        return "link_lost";
    case Event::Kind::link_regained:
        break;
    }
    return "link_regained";
}

std::string line_of(const Event& event)
{
    std::string line = word_of(event.kind);
    if (event.attempt)
    {
        line += " " + std::to_string(event.attempt.value);
        if (event.kind != Event::Kind::announced)
        {
            line += event.leg == Leg::first ? " first" : " second";
        }
    }
    else if (!event.device.number.empty())
    {
        line += " " + event.device.number;
    }
    if (event.cause != Cause::none)
    {
        line += " " + std::string(word(event.cause));
    }
    return event.was_answered ? line + " answered" : line;
}
} // namespace

void Rig::listen()
{
    exchange().on_event([this](const Event& event) { events_.push_back(event); });
}

Result<> Rig::make_call(std::int64_t attempt, const std::string& first, const std::string& second, Duration ring_first,
                        Duration ring_second)
{
    MakeCall call;
    call.attempt = AttemptId{attempt};
    call.first = {first};
    call.second = {second};
    call.ring_first = ring_first;
    call.ring_second = ring_second;
    call.show_first = second;
    call.show_second = first;
    return complete<Result<>>([&] { return exchange().make_call(call); });
}

Result<> Rig::call_and_clear(std::int64_t attempt, const std::string& first, const std::string& second)
{
    MakeCall call;
    call.attempt = AttemptId{attempt};
    call.first = {first};
    call.second = {second};
    call.ring_first = 25s;
    call.ring_second = 25s;
    const auto both = [&]() -> boost::asio::awaitable<Result<>> {
        Result<> done = co_await exchange().make_call(call);
        if (done.has_value())
        {
            done = co_await exchange().clear_call(call.attempt);
        }
        co_return done;
    };
    return complete<Result<>>(both);
}

Result<> Rig::alert_second(std::int64_t attempt)
{
    return complete<Result<>>([&] { return exchange().alert_second(AttemptId{attempt}); });
}

Result<> Rig::clear_call(std::int64_t attempt)
{
    return complete<Result<>>([&] { return exchange().clear_call(AttemptId{attempt}); });
}

Result<> Rig::announce(std::int64_t attempt)
{
    return complete<Result<>>([&] { return exchange().announce(AttemptId{attempt}, Announcement::source_busy); });
}

Result<std::unique_ptr<AudioPort>> Rig::connect_port(std::int64_t attempt)
{
    return complete<Result<std::unique_ptr<AudioPort>>>([&] { return exchange().connect_port(AttemptId{attempt}); });
}

std::string Rig::find_attempt(std::int64_t attempt)
{
    using Found = Result<std::optional<AttemptLegs>>;
    const Found found = complete<Found>([&] { return exchange().find_attempt(AttemptId{attempt}); });
    if (found.has_error())
    {
        return to_string(found.error().code());
    }
    if (!found->has_value())
    {
        return "none";
    }
    const AttemptLegs legs = **found;
    const std::string first = legs.first_answered ? "first" : "-";
    return legs.second_answered ? first + " second" : first;
}

void Rig::answered_first(std::int64_t attempt, const std::string& first, const std::string& second,
                         Duration ring_second)
{
    const auto made = make_call(attempt, first, second, 25s, ring_second);
    run_for(1s);
    if (made.has_error() || !answers(attempt, "first"))
    {
        throw std::runtime_error("the first telephone did not answer");
    }
    settle();
    events_.clear();
}

void Rig::both_talk(std::int64_t attempt, const std::string& first, const std::string& second)
{
    answered_first(attempt, first, second);
    const auto alerted = alert_second(attempt);
    run_for(1s);
    // Twice: between the answer and the connection the exchange may know it already and the driver not yet, which
    // then says that it is just connecting them.
    if (alerted.has_error())
    {
        throw std::runtime_error("the second telephone is not rung: " + alerted.error().message());
    }
    if (!answers(attempt, "first second"))
    {
        throw std::runtime_error("the second telephone did not answer: " + find_attempt(attempt));
    }
    settle();
    if (!answers(attempt, "first second"))
    {
        throw std::runtime_error("they do not talk: " + find_attempt(attempt));
    }
    events_.clear();
}

bool Rig::answers(std::int64_t attempt, const std::string& legs)
{
    return wait_until([&] { return find_attempt(attempt) == legs; });
}

void Rig::habit(const std::string& number, Habit::Answer answer, Duration after)
{
    const auto set = telephones().set(number, [&](Habit& habit) {
        habit.answer = answer;
        habit.answer_after = after;
    });
    if (set.has_error())
    {
        throw std::runtime_error(set.error().message());
    }
}

std::vector<std::string> Rig::events()
{
    std::vector<std::string> lines;
    for (const Event& event : std::exchange(events_, {}))
    {
        lines.push_back(line_of(event));
    }
    return lines;
}

/// Asked once more after it was true it need not be true any more: while two legs are being connected, for example.
bool Rig::wait_until(const std::function<bool()>& done)
{
    constexpr Duration step = 5ms;
    for (Duration waited{0}; !done(); waited += step)
    {
        if (waited >= patience())
        {
            return false;
        }
        run_for(step);
    }
    return true;
}

/// What belongs to the last event that came has come too.
void Rig::settle()
{
    if (patience() > Duration{0})
    {
        run_for(afterwards);
    }
}

bool Rig::tells(const std::vector<std::string>& expected)
{
    wait_until([&] { return events_.size() >= expected.size(); });
    settle();
    const auto told = events();
    std::string text;
    for (const std::string& line : told)
    {
        text += "\n  " + line;
    }
    UNSCOPED_INFO("told:" << text);
    return told == expected;
}

bool Rig::is(const std::string& number, DeviceState state)
{
    return wait_until([&] { return exchange().snapshot_device({number}) == state; });
}

Result<> Rig::clear_orphans(const std::set<std::int64_t>& keep)
{
    std::set<AttemptId> ids;
    for (const std::int64_t id : keep)
    {
        ids.insert(AttemptId{id});
    }
    return complete<Result<>>([&] { return exchange().clear_orphans(ids); });
}
} // namespace ringpost::pbx::conformance
