// SPDX-License-Identifier: Apache-2.0
// Writes files that hold a key, or belong to one.
#pragma once

#include "core/result.h"

#include <filesystem>
#include <string_view>
#include <sys/types.h>

namespace ringpost::command
{
/// Puts a file that is not there yet on stable storage; after a failure it is not there either. Errc::conflict: it is
/// there already, and stays as it is; Errc::io.
[[nodiscard]] Result<> write_new_file(const std::filesystem::path& path, std::string_view octets, mode_t mode);
/// Puts the name of a file on stable storage. Errc::io.
[[nodiscard]] Result<> sync_folder_of(const std::filesystem::path& path);
} // namespace ringpost::command
