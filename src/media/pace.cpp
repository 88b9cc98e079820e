// SPDX-License-Identifier: Apache-2.0
#include "media/pace.h"

#include "media/player.h"

#include <algorithm>

namespace ringpost::media
{
std::int64_t Pace::due(Instant now)
{
    const std::int64_t unheard = given_ - (now - begun_) / frame_length;
    // More than are ever given out: the clock was set back.
    const std::int64_t waiting = ahead_ - unheard > at_once_ ? 0 : std::min(unheard, ahead_);
    if (waiting != unheard)
    {
        begun_ = now - (given_ - waiting) * frame_length;
    }
    return ahead_ - waiting;
}
} // namespace ringpost::media
