// SPDX-License-Identifier: Apache-2.0
// Addresses and paths: what is accepted is written so that it is read back as the same.
#include "mta/server/address.h"

#include <cstdlib>

using namespace ringpost::mta;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(data, data + size);
    const auto mailbox = parse_mailbox(text);
    if (mailbox)
    {
        const auto again = parse_mailbox(to_string(*mailbox));
        if (!again || *again != *mailbox || to_string(*mailbox).find_first_of("\r\n") != std::string::npos)
        {
            std::abort();
        }
        (void)split_plus(*mailbox);
    }
    (void)parse_path(text, PathKind::reverse);
    (void)parse_path(text, PathKind::forward);
    return 0;
}
