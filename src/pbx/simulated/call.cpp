// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/call.h"

namespace ringpost::pbx::simulated
{
bool Call::both_talk() const
{
    return side(Leg::first).state == SideState::answered && side(Leg::second).state == SideState::answered;
}

bool DialledAttempts::add(AttemptId attempt)
{
    if (!known_.insert(attempt).second)
    {
        return false;
    }
    order_.push_back(attempt);
    if (order_.size() > limit_)
    {
        known_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}
} // namespace ringpost::pbx::simulated
