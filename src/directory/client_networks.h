// SPDX-License-Identifier: Apache-2.0
// Which client addresses count as reception (spec 2.6): `192.0.2.0/24, 2001:db8::/32`, a lone address for itself.
#pragma once

#include "core/result.h"

#include <string_view>

namespace ringpost::directory
{
/// Errc::malformed: something in the list is no network. An empty list is right and means every address.
[[nodiscard]] Result<> check_client_networks(std::string_view networks);

/// Is `address` (as written by the system, IPv4 also as `::ffff:192.0.2.1`) in one of them? Nothing is in a malformed
/// list.
[[nodiscard]] bool client_counts(std::string_view networks, std::string_view address);
} // namespace ringpost::directory
