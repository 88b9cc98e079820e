// SPDX-License-Identifier: Apache-2.0
// Frame headers of MPEG audio (ISO 11172-3 2.4.1.3, 13818-3), as far as recognising a file takes.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ringpost::media
{
/// Octets of the layer II or III frame that begins here; nullopt: none does. Free format is not known.
[[nodiscard]] std::optional<std::size_t> mpeg_frame_size(std::string_view octets);

/// True for an ID3v2 tag, and for a frame that another follows (or that is the last thing there). A single header
/// proves nothing: eleven bits of ones are common.
[[nodiscard]] bool begins_mpeg_audio(std::string_view octets);
} // namespace ringpost::media
