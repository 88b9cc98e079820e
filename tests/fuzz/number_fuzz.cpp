// SPDX-License-Identifier: Apache-2.0
// A number that a stranger wrote, read at the performing exchange: whatever comes out is an extension or E.164.
#include "directory/ascii.h"
#include "directory/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace ringpost::directory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Snapshot office({{}, {{"20xx", "+814422233xx"}, {"3000", "+81312345678"}}, {}, {}, {}, {}, {}},
                                 {{"office.example"}, "", {}, {"110", "2900"}});
    const std::string written(data, data + size);
    const auto target = read_number(office, written);
    if (target.has_value())
    {
        const std::string& device = target->device;
        const bool external = device.starts_with('+');
        if (device.size() > 16 || !all_digits(device.substr(external ? 1 : 0)) ||
            (!external && !office.own_extension(device)))
        {
            std::abort();
        }
    }
    static_cast<void>(external_form(office, written));
    return 0;
}
