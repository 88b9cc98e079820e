// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <filesystem>

namespace ringpost
{
/// Puts a file, or the names in a folder, on stable storage. Errc::full, Errc::io.
[[nodiscard]] Result<> sync_path(const std::filesystem::path& path);

/// What errno says of a file: Errc::full where there is no space for it, else Errc::io.
[[nodiscard]] Failure errno_failure(const std::filesystem::path& path);
} // namespace ringpost
