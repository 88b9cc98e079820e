// SPDX-License-Identifier: Apache-2.0
// ITU-T G.726 at 32 kbit/s, the body of VPIM's audio/32KADPCM (RFC 3802 3): four bits a sample, the earlier sample in
// the low half of an octet, no header. By spandsp.
#pragma once

#include "media/pcm.h"

#include <string_view>

namespace ringpost::media
{
/// Two samples an octet. Any octets are valid (noise sounds like noise).
[[nodiscard]] Pcm decode_g726_32(std::string_view octets);
} // namespace ringpost::media
