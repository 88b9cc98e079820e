// SPDX-License-Identifier: Apache-2.0
// What a peer of the simulated exchange may send on a trunk: whatever is read can be written and read again.
#include "pbx/simulated/trunk.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::pbx::simulated;
    const std::string line(data, data + size);
    const auto message = decode(line);
    if (message.has_value())
    {
        const auto again = decode(encode(*message));
        if (again.has_error() || encode(*again) != encode(*message))
        {
            std::abort();
        }
    }
    return 0;
}
