// SPDX-License-Identifier: Apache-2.0
// Address lists of From: and the like: at most 100 mailboxes, whose addresses are read again as the same.
#include "media/address_list.h"
#include "media/charset.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ringpost::media;
    const auto list = parse_address_list(std::string(data, data + size));
    if (!list)
    {
        return 0;
    }
    bool good = list->size() <= 100;
    for (const Mailbox& mailbox : *list)
    {
        const auto again = parse_address_list(mailbox.addr_spec);
        good = good && again && again->size() == 1 && again->front().addr_spec == mailbox.addr_spec &&
               mailbox.addr_spec.find_first_of("\r\n") == std::string::npos && valid_utf8(mailbox.display_name);
    }
    return good ? 0 : (std::abort(), 1);
}
