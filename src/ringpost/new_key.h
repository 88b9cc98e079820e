// SPDX-License-Identifier: Apache-2.0
// Changes the key file of confidential mail.
#pragma once

#include "core/result.h"

#include <filesystem>

namespace ringpost::command
{
/// Puts a fresh key in front of `file`, so that it seals and the older ones still open. The file is replaced whole and
/// is for its owner alone. Errc::io; Errc::refused, Errc::malformed: what is there is no key file; Errc::conflict: a
/// half-made one is in the way.
[[nodiscard]] Result<> add_key(const std::filesystem::path& file);
} // namespace ringpost::command
