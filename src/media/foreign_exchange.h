// SPDX-License-Identifier: Apache-2.0
// The field `Ringpost-Exchange:` tells what a gateway has resolved; from anybody else it is renamed on acceptance, the
// only change ever made to the octets of a mail.
#pragma once

#include <string>
#include <string_view>

namespace ringpost::media
{
/// `octets` (a header, or a whole mail) with each field `Ringpost-Exchange` (any case, blanks before the colon) named
/// `X-Foreign-Ringpost-Exchange`; every other octet is kept. Looks at every line up to the first empty one, also behind
/// a line that is no field, because other readers go on there.
[[nodiscard]] std::string rename_foreign_exchange(std::string_view octets);
} // namespace ringpost::media
