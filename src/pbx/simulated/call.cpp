// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/call.h"

namespace ringpost::pbx::simulated
{
bool Call::both_talk() const
{
    return side(Leg::first).state == SideState::answered && side(Leg::second).state == SideState::answered;
}
} // namespace ringpost::pbx::simulated
