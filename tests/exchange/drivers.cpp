// SPDX-License-Identifier: Apache-2.0
// The explicit list of drivers under the conformance cases.
#include "exchange/asterisk_rig.h"
#include "exchange/rig.h"
#include "exchange/simulated_rig.h"

#include <cstdlib>

namespace ringpost::pbx::conformance
{
std::vector<Driver> drivers()
{
    std::vector<Driver> all{{"simulated", [] { return std::make_unique<SimulatedRig>(); }}};
    // Written by the test bed, which has an Asterisk and real telephones: tests/offices.
    if (const char* const bed = std::getenv("RINGPOST_ASTERISK_RIG"))
    {
        all.push_back({"asterisk", [file = std::string(bed)] { return std::make_unique<AsteriskRig>(file); }});
    }
    return all;
}
} // namespace ringpost::pbx::conformance
