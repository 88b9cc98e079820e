// SPDX-License-Identifier: Apache-2.0
// xtext of RFC 3461 4: how ENVID and ORCPT values travel in a command line.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace ringpost::mta
{
/// `+`, `=`, blanks and everything that is not visible ASCII become `+XX`.
[[nodiscard]] std::string encode_xtext(std::string_view text);

/// Errc::malformed where it is not xtext, or would stand for anything but printable ASCII: the values end up in
/// header fields of notices, and RFC 3461 4.2 and 4.4 allow nothing else.
[[nodiscard]] Result<std::string> decode_xtext(std::string_view text);
} // namespace ringpost::mta
