// SPDX-License-Identifier: Apache-2.0
// The telephones of an exchange as a person at them, for the simulated exchange and the testbed:
// `ringpost phone list|call|answer|hangup|press|set|watch`.
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "pbx/exchange.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ringpost::pbx
{
struct Telephone
{
    std::string number;              ///< extension
    DeviceState state{};             ///< idle, ringing, talking, held or unreachable
    std::optional<std::string> with; ///< the other party's number as shown to this telephone; nullopt when idle
};

/// The word of a telephone's state: `idle`, `ringing`, `talking`, `held`, and `unreachable` for all others.
[[nodiscard]] constexpr const char* telephone_word(DeviceState state)
{
    switch (state)
    {
    case DeviceState::idle:
        return "idle";
    case DeviceState::ringing:
        return "ringing";
    case DeviceState::talking:
        return "talking";
    case DeviceState::held:
        return "held";
    case DeviceState::unreachable:
    case DeviceState::no_such:
    case DeviceState::cannot_know:
        break;
    }
    return "unreachable";
}

/// What the person at a telephone does.
struct Habit
{
    enum class Answer
    {
        after,
        never,
        reject
    };
    Answer answer = Answer::after;
    Duration answer_after = 1s;
    std::optional<Duration> talk{}; ///< hangs up after this long; nullopt: never by himself
};

/// A change at a telephone, for `phone watch`: event is the telephone_word() of its new state.
struct TelephoneEvent
{
    Instant time;
    std::string number;
    std::string event;
    std::optional<std::string> with;
};

/// Destruction ends the watching.
class Watch
{
public:
    virtual ~Watch() = default;
};

class Telephones
{
public:
    virtual ~Telephones() = default;
    [[nodiscard]] virtual std::vector<Telephone> list() const = 0;
    /// Somebody lifts `from` and dials `to` (extension or external number). Returns once the call is placed.
    /// Errc::not_found: no such telephone; Errc::conflict: `from` is not idle.
    virtual Result<> call(const std::string& from, const std::string& to) = 0;
    /// Errc::conflict: it does not ring.
    virtual Result<> answer(const std::string& number) = 0;
    /// Ends its call, or refuses the one that rings; an idle telephone succeeds.
    virtual Result<> hang_up(const std::string& number) = 0;
    /// Presses these keys (0-9 * # A-D), one after the other. Errc::conflict: it is in no call; Errc::malformed.
    virtual Result<> press(const std::string& number, const std::string& digits) = 0;
    /// From the next ring (or, for talk, answer) on. Parts left out stay as they are.
    virtual Result<> set(const std::string& number, const std::function<void(Habit&)>& change) = 0;
    [[nodiscard]] virtual std::unique_ptr<Watch> watch(std::function<void(const TelephoneEvent&)> sink) = 0;
};
} // namespace ringpost::pbx
