// SPDX-License-Identifier: Apache-2.0
// A FAX machine as a mail address: `FAX=+81442223333@office-a.example`, `FAX=+81442223333/T33S=1234@…` (RFC 3191 2,
// RFC 3192 2, ITU-T T.33).
#pragma once

#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::media
{
struct FaxAddress
{
    std::string number;      ///< `+81442223333` (E.164), or `0442223333`, an extension: as dialled here; digits only
    std::string sub_address; ///< of T.33, digits; empty: none

    friend bool operator==(const FaxAddress&, const FaxAddress&) = default;
};

/// Whether the unquoted local part of an address claims to be a FAX machine.
[[nodiscard]] bool is_fax_address(std::string_view local_part);

/// `local_part`: unquoted. Keywords in any case, `/` around it as of X.400, separators `-` and `.` in the numbers.
/// Errc::malformed: it is no such address, or not a good one; Errc::unsupported: pauses, waiting for a tone and tone
/// keys (`p`, `w`, `#`, `*`, A to D), or a qualifier other than T33S; Errc::too_large: more digits than a number has
/// (15 of E.164, 20 of others and of a sub-address).
[[nodiscard]] Result<FaxAddress> parse_fax_address(std::string_view local_part);

/// The machine that a whole mail address names, its local part quoted or not; nullopt: it is no (good) FAX address.
[[nodiscard]] std::optional<FaxAddress> fax_machine_at(std::string_view address);
} // namespace ringpost::media
