// SPDX-License-Identifier: Apache-2.0
// How long names and numbers of the directory may be.
#pragma once

#include <cstddef>

namespace ringpost::directory
{
constexpr std::size_t longest_domain = 255; ///< RFC 5321 4.5.3.1.2; keeps the walk over parent domains short
constexpr std::size_t longest_extension = 15;
} // namespace ringpost::directory
