// SPDX-License-Identifier: Apache-2.0
// A scenario, and after an octet 0 what happens to it, two octets each: whatever happens, the stored run can be read
// back, and there is one end. The same octets are also read as a stored run.
#include "scenario/player.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace
{
using namespace ringpost;
using namespace ringpost::scenario;

void require(bool good)
{
    if (!good)
    {
        std::abort();
    }
}

Event event_of(std::uint8_t kind, std::uint8_t number)
{
    const std::size_t at = number / 8U;
    const Reference content{number % 8};
    const std::array<Event, 8> events{event::Started{},
                                      event::ContentEnded{at, content, true, Cause::none, {number, number}},
                                      event::ContentEnded{at, content, false, Cause::busy, {}},
                                      event::TimeReached{},
                                      event::InquiryAnswered{at, number % 2 == 0},
                                      event::ConnectByKey{at, content, {0}, {}},
                                      event::Cancelled{},
                                      event::GivenUp{}};
    return events.at(kind % events.size());
}

void play(const Script& script, std::string_view happenings)
{
    Run run;
    Instant now{};
    for (std::size_t i = 0; i + 1 < std::min<std::size_t>(happenings.size(), 400); i += 2)
    {
        const auto kind = static_cast<std::uint8_t>(happenings[i]);
        const auto number = static_cast<std::uint8_t>(happenings[i + 1]);
        now += std::chrono::seconds{kind};
        const Transition transition = step(script, run, event_of(kind, number), now, {});
        const bool ends = std::count_if(transition.actions.begin(), transition.actions.end(), [](const Action& action) {
                              return std::holds_alternative<action::Finish>(action);
                          }) == 1;
        require(transition.applied || (transition.after == run && transition.actions.empty()));
        require(!(transition.applied && is_end(run.state)) &&
                ends == (transition.applied && is_end(transition.after.state)));
        run = parse_run(format_run(transition.after), script).value();
        require(run == transition.after);
    }
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input(data, data + size);
    const auto end = input.find('\0');
    const auto script = parse(std::string_view(input).substr(0, end), {});
    if (script)
    {
        require(parse_stored(canonical(*script)).value() == *script);
        const auto rest = std::string_view(input).substr(end == std::string::npos ? size : end + 1);
        play(*script, rest);
        const auto run = parse_run(rest, *script);
        require(!run || format_run(*run) == rest);
    }
    return 0;
}
