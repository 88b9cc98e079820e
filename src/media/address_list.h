// SPDX-License-Identifier: Apache-2.0
// Reader of address lists (RFC 5322 3.4, 4.4; UTF-8 of RFC 6532) for From: and the like.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
struct Mailbox
{
    std::string display_name; ///< UTF-8, encoded words decoded; empty where none is written
    std::string addr_spec;    ///< `taro@office-a.example`: without comments, blanks and needless quotes
};

/// Mailboxes in order, those of groups included. Errc::malformed where any part of the list does not follow the
/// grammar, Errc::too_large for more than 100: nothing of such a list may be believed. Linear.
[[nodiscard]] Result<std::vector<Mailbox>> parse_address_list(std::string_view raw_value);
} // namespace ringpost::media
