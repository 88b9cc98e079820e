// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/ari_event.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::pbx::asterisk;
    using Kind = AriEvent::Kind;
    const std::string text(data, data + size);
    const AriEvent event = read_ari_event(text);
    const bool of_channel = event.kind == Kind::stasis_start || event.kind == Kind::destroyed ||
                            event.kind == Kind::state_change || event.kind == Kind::dial;
    const bool of_device = event.kind == Kind::device_state || event.kind == Kind::endpoint_state;
    if (of_channel && event.channel.empty())
    {
        std::abort();
    }
    if (of_device && event.device.empty())
    {
        std::abort();
    }
    if (event.channel.size() > max_name_octets || event.cause < 0 || event.tech_cause < 0)
    {
        std::abort();
    }
    return 0;
}
