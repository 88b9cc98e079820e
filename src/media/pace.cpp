// SPDX-License-Identifier: Apache-2.0
#include "media/pace.h"

#include "media/player.h"

namespace ringpost::media
{
std::int64_t Pace::due(Duration steady)
{
    const std::int64_t unheard = given_ - (steady - begun_) / frame_length;
    if (ahead_ - unheard <= at_once_)
    {
        return ahead_ - unheard;
    }
    begun_ = steady - given_ * frame_length;
    return ahead_;
}
} // namespace ringpost::media
