// SPDX-License-Identifier: Apache-2.0
#include "core/config.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string text(data, data + size);
    // toml++ 3.3 reaches undefined behaviour on letters beyond ASCII in places that only a full parser could tell from
    // strings; the common ones are refused before it (core/toml_file.cpp), the rest is left out here.
    std::for_each(text.begin(), text.end(), [](char& c) { c = static_cast<char>(c & 0x7f); });
    const auto config = ringpost::parse_config(text, "fuzz");
    if (config ? config->gateway.domain.empty() : config.error().text().empty())
    {
        std::abort();
    }
    (void)ringpost::parse_endpoint(text);
    (void)ringpost::parse_trunk_route(text);
    return 0;
}
