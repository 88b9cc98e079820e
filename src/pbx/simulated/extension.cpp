// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/extension.h"

#include <stdexcept>
#include <utility>

namespace ringpost::pbx::simulated
{
void Extension::ring(CallKey call, std::string with)
{
    if (state_ != DeviceState::idle)
    {
        throw std::logic_error("telephone " + number_ + " is not idle and cannot be rung");
    }
    state_ = DeviceState::ringing;
    call_ = call;
    with_ = std::move(with);
}

void Extension::lift(CallKey call, std::string with)
{
    const bool answers = state_ == DeviceState::ringing && call_ == call;
    if (state_ != DeviceState::idle && !answers)
    {
        throw std::logic_error("telephone " + number_ + " is in use and cannot be lifted for another call");
    }
    person.cancel();
    state_ = DeviceState::talking;
    call_ = call;
    with_ = std::move(with);
}

void Extension::release()
{
    person.cancel();
    call_.reset();
    with_.reset();
    state_ = plugged_ ? DeviceState::idle : DeviceState::unreachable;
}

void Extension::plug(bool in)
{
    plugged_ = in;
    if (!call_)
    {
        release();
    }
}
} // namespace ringpost::pbx::simulated
