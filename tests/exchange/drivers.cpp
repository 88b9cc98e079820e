// SPDX-License-Identifier: Apache-2.0
// The explicit list of drivers under the conformance cases.
#include "exchange/rig.h"
#include "exchange/simulated_rig.h"

namespace ringpost::pbx::conformance
{
std::vector<Driver> drivers()
{
    return {{"simulated", [] { return std::make_unique<SimulatedRig>(); }}};
}
} // namespace ringpost::pbx::conformance
