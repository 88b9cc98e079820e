// SPDX-License-Identifier: Apache-2.0
// What an administrator writes (seed file, `ringpost user add` …) is checked and brought into the form in which it is
// stored: addresses and domains in lower case, external numbers in E.164 form. Each returns Errc::malformed with the
// key in `where` and a sentence that says what is expected.
#pragma once

#include "core/result.h"
#include "directory/phone_number.h"
#include "store/directory_rows.h"

#include <string>
#include <string_view>

namespace ringpost::directory
{
/// `local@domain`, one line, at most 320 octets.
[[nodiscard]] bool mail_address(std::string_view text);
/// A domain (peer, destination, gateway): labels of letters, digits, - and _, at most 255 octets.
[[nodiscard]] bool domain_name(std::string_view text);
/// `[192.0.2.1]`, `[2001:db8::1]` or `[IPv6:2001:db8::1]` (RFC 5321 4.1.3) as the address alone; anything else as it
/// is.
[[nodiscard]] std::string without_brackets(const std::string& host);

[[nodiscard]] Result<> normalise(const NumberPlan& plan, store::UserRow& row);
[[nodiscard]] Result<> normalise(const NumberPlan& plan, store::ConversionRow& row);
[[nodiscard]] Result<> normalise(const NumberPlan& plan, store::CtiRow& row);
[[nodiscard]] Result<> normalise(const NumberPlan& plan, store::DestinationRow& row);
[[nodiscard]] Result<> normalise(const NumberPlan& plan, store::PeerRow& row);
[[nodiscard]] Result<> normalise(const NumberPlan& plan, store::PermissionRow& row);
} // namespace ringpost::directory
