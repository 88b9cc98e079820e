// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/causes.h"

#include <array>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace
{
/// Depends on whether it rang: no-answer or unreachable.
constexpr Cause silent = Cause::none;

using Row = std::pair<int, Cause>;

/// SIP status codes; what is not here goes by its Q.850 cause.
constexpr std::array<Row, 17> by_status{{
    {403, Cause::rejected},
    {404, Cause::no_such_number},
    {408, silent},
    {410, Cause::no_such_number},
    {480, silent},
    {484, Cause::no_such_number},
    {485, Cause::no_such_number},
    {486, Cause::busy},
    {487, silent},
    {500, Cause::congestion},
    {502, Cause::congestion},
    {503, Cause::congestion},
    {504, Cause::congestion},
    {600, Cause::busy},
    {603, Cause::rejected},
    {604, Cause::no_such_number},
    {607, Cause::rejected},
}};

/// Q.850 causes; any other is a trouble on the way: congestion, which is tried again.
constexpr std::array<Row, 17> by_cause{{
    {1, Cause::no_such_number},  // unallocated number
    {2, Cause::no_such_number},  // no route to transit network
    {3, Cause::no_such_number},  // no route to destination
    {16, Cause::congestion},     // normal clearing: Asterisk itself has ended it, because it stops, or was told to
    {17, Cause::busy},           // user busy
    {18, silent},                // no user responding
    {19, silent},                // no answer
    {20, Cause::unreachable},    // subscriber absent
    {21, Cause::rejected},       // call rejected
    {22, Cause::no_such_number}, // number changed
    {27, Cause::unreachable},    // destination out of order
    {28, Cause::no_such_number}, // invalid number format
    {31, silent},                // normal, unspecified
    {34, Cause::congestion},     // no circuit
    {38, Cause::congestion},     // network out of order
    {42, Cause::congestion},     // switching equipment congestion
    {102, silent},               // recovery on timer expiry
}};

const Row* find(const std::array<Row, 17>& rows, int number)
{
    for (const auto& row : rows)
    {
        if (row.first == number)
        {
            return &row;
        }
    }
    return nullptr;
}
} // namespace

Cause cause_of(const Ending& ending)
{
    const Cause when_silent = ending.rang ? Cause::no_answer : Cause::unreachable;
    if (ending.expired)
    {
        return when_silent;
    }
    const Row* row = find(by_status, ending.tech_cause);
    row = row == nullptr ? find(by_cause, ending.cause) : row;
    if (row == nullptr)
    {
        return Cause::congestion;
    }
    return row->second == silent ? when_silent : row->second;
}

DeviceState device_state_from(std::string_view word)
{
    constexpr std::array<std::pair<std::string_view, DeviceState>, 6> words{{
        {"NOT_INUSE", DeviceState::idle},
        {"RINGING", DeviceState::ringing},
        {"ONHOLD", DeviceState::held},
        {"UNAVAILABLE", DeviceState::unreachable},
        {"INVALID", DeviceState::no_such},
        {"UNKNOWN", DeviceState::cannot_know},
    }};
    for (const auto& [text, state] : words)
    {
        if (text == word)
        {
            return state;
        }
    }
    return DeviceState::talking;
}

Cause cause_of_look(DeviceState state)
{
    switch (state)
    {
    case DeviceState::ringing:
    case DeviceState::talking:
    case DeviceState::held:
        return Cause::busy;
    case DeviceState::unreachable:
        return Cause::unreachable;
    case DeviceState::no_such:
        return Cause::no_such_number;
    case DeviceState::idle:
    case DeviceState::cannot_know:
        break;
    }
    return Cause::none;
}

Cause cause_of_status(int status, bool external)
{
    if (status >= 200 && status < 300)
    {
        return Cause::none;
    }
    if (status >= 500)
    {
        return external ? Cause::congestion : Cause::unreachable;
    }
    return Cause::error;
}
} // namespace ringpost::pbx::asterisk
