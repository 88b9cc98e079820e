// SPDX-License-Identifier: Apache-2.0
// A certificate that nobody but its own key has signed, for trials: who is to believe it must be given it.
#pragma once

#include "core/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ringpost::command
{
struct SelfSigned
{
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::string fingerprint; ///< SHA-256 of the certificate, 64 hex digits
};

/// Writes `certificate.pem` and `key.pem` (ECDSA P-256; readable by nobody else) into `directory`, which is made where
/// it is not there; valid for `days` from now on. `names`: host names and addresses, at least one. Errc::malformed: a
/// name that cannot be one; Errc::conflict: a file is there already, and stays; Errc::io.
[[nodiscard]] Result<SelfSigned> make_self_signed(const std::filesystem::path& directory,
                                                  const std::vector<std::string>& names, int days);
} // namespace ringpost::command
