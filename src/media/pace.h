// SPDX-License-Identifier: Apache-2.0
// When the frames of a sound are due. No I/O and no clock: whoever gives them out says what time it is.
#pragma once

#include "core/duration.h"

#include <cstdint>

namespace ringpost::media
{
/// Frames are due every 20 ms, so that those that were given out last a little longer than until now.
class Pace
{
public:
    /// Both in frames. `ahead`: so many wait to be heard when what is due has been given out. `at_once`, not less:
    /// where more are due, we were not run for a while, and what was not heard is heard from now on, not sooner.
    Pace(std::int64_t ahead, std::int64_t at_once) : ahead_(ahead), at_once_(at_once) {}

    /// How many are to be given out at `steady` time (Clock::steady): it never goes back.
    [[nodiscard]] std::int64_t due(Duration steady);
    /// One was given out.
    void gave() { ++given_; }
    [[nodiscard]] std::int64_t given() const { return given_; }

private:
    std::int64_t ahead_;
    std::int64_t at_once_;
    Duration begun_ = -24h; ///< when the first one was heard, had there never been a pause; until the first, long ago
    std::int64_t given_ = 0;
};
} // namespace ringpost::media
