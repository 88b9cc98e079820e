// SPDX-License-Identifier: Apache-2.0
// Tones: what an inquiry asks with where nothing can be spoken.
#pragma once

#include "media/pcm.h"

namespace ringpost::media
{
/// A pure tone with soft ends (no clicks). `level` is the peak, 0 to 32767; 0 < hertz < 4000.
[[nodiscard]] Pcm tone(double hertz, Duration length, double level = 8000.0);
} // namespace ringpost::media
