// SPDX-License-Identifier: Apache-2.0
// File descriptors: a session takes one, a mail that is read or handed out another. The soft limit of the system
// (1024) is for programs that use select(); a server raises it.
#pragma once

#include "core/config.h"

#include <cstdint>

namespace ringpost
{
/// How many the daemon may need at once with these settings.
[[nodiscard]] std::uint64_t descriptors_needed(const Config& config);

/// Raises the soft limit of this process to `needed` where it is lower, as far as the hard limit allows. Errc::full,
/// with both numbers: it is not enough, and connections beyond it will have to wait. Errc::io.
[[nodiscard]] Result<> raise_descriptor_limit(std::uint64_t needed);
} // namespace ringpost
