// SPDX-License-Identifier: Apache-2.0
// Numbers in the headers of media files, read without ever leaving them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringpost::media
{
/// `size` octets (at most 8) at `at`, least significant first; 0 where they are not all there.
[[nodiscard]] constexpr std::uint64_t little_endian(std::string_view octets, std::size_t at, std::size_t size)
{
    std::uint64_t value = 0;
    if (at > octets.size() || octets.size() - at < size)
    {
        return value;
    }
    for (std::size_t i = size; i > 0; --i)
    {
        value = (value << 8U) | static_cast<std::uint8_t>(octets[at + i - 1]);
    }
    return value;
}

/// As above, most significant first.
[[nodiscard]] constexpr std::uint64_t big_endian(std::string_view octets, std::size_t at, std::size_t size)
{
    std::uint64_t value = 0;
    if (at > octets.size() || octets.size() - at < size)
    {
        return value;
    }
    for (std::size_t i = 0; i < size; ++i)
    {
        value = (value << 8U) | static_cast<std::uint8_t>(octets[at + i]);
    }
    return value;
}
} // namespace ringpost::media
