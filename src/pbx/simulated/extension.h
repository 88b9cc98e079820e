// SPDX-License-Identifier: Apache-2.0
// One telephone of the simulated exchange: a single line without call waiting, and the person beside it.
// Knows its own state only; who is told of a change is the switchboard's business.
#pragma once

#include "core/clock.h"
#include "pbx/telephones.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ringpost::pbx::simulated
{
/// Names a call inside one switchboard; never used twice.
using CallKey = std::uint64_t;

class Extension
{
public:
    explicit Extension(std::string number) : number_(std::move(number)) {}

    [[nodiscard]] const std::string& number() const { return number_; }
    [[nodiscard]] DeviceState state() const { return state_; }
    [[nodiscard]] const std::optional<std::string>& with() const { return with_; }
    [[nodiscard]] std::optional<CallKey> call() const { return call_; }
    [[nodiscard]] bool off_hook() const { return state_ == DeviceState::talking || state_ == DeviceState::held; }

    /// Idle → ringing. Throws std::logic_error in any other state: a telephone in use must never be rung.
    void ring(CallKey call, std::string with);
    /// Idle → talking (dials), or ringing → talking (answers); throws std::logic_error in any other state.
    void lift(CallKey call, std::string with);
    /// The call is over: idle again, or unreachable when it was unplugged meanwhile.
    void release();
    /// Plugs the telephone in or out. One that is in use keeps its state until release().
    void plug(bool in);

    Habit habit;
    Timer person; ///< what the person does next at this call: answers, refuses, hangs up

private:
    std::string number_;
    DeviceState state_ = DeviceState::idle;
    bool plugged_ = true;
    std::optional<std::string> with_;
    std::optional<CallKey> call_;
};
} // namespace ringpost::pbx::simulated
