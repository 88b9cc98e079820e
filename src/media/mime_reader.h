// SPDX-License-Identifier: Apache-2.0
// A second opinion on the structure of a mail by the library mimetic, whose name appears in mime_reader.cpp only.
//
// mimetic recurses and copies quadratically in header lengths; the reader stops it at the limits of the scan. The
// caller provides the stack: at least 1 MiB for 50 levels.
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "media/structure_scan.h"

#include <string_view>

namespace ringpost::media
{
/// Success where mimetic finds the same leaves with the same octets as `structure` (a scan of `mail` that met no
/// limit); otherwise Errc::malformed: the mail can be read in two ways, and nothing may be read into it. The inside of
/// message/rfc822 is not given to mimetic. Does not throw.
[[nodiscard]] Result<> agrees_with_mimetic(std::string_view mail, const MailStructure& structure,
                                           const ScanLimits& limits);
} // namespace ringpost::media
