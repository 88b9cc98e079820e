// SPDX-License-Identifier: Apache-2.0
// Whatever a FAX address is, what is dialled are digits.
#include "media/fax_address.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const std::string text(data, data + size);
    const auto address = parse_fax_address(text);
    if (address.has_error())
    {
        return address.error().text().empty() ? (std::abort(), 1) : 0;
    }
    const auto digits = [](std::string_view number) {
        return std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    const std::string& number = address->number;
    const std::size_t from = number.starts_with('+') ? 1 : 0;
    if (!is_fax_address(text) || number.size() == from || number.size() > 20 || !digits(number.substr(from)) ||
        !digits(address->sub_address) || address->sub_address.size() > 20)
    {
        std::abort();
    }
    return 0;
}
