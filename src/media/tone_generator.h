// SPDX-License-Identifier: Apache-2.0
// Tones for simulated telephones, for the end of a recording, and for tests.
#pragma once

#include "media/pcm.h"

#include <string_view>

namespace ringpost::media
{
/// A pure tone with soft ends (no clicks). `level` is the peak, 0 to 32767; 0 < hertz < 4000.
[[nodiscard]] Pcm tone(double hertz, Duration length, double level = 8000.0);

/// The keys `0`-`9`, `A`-`D`, `*`, `#` one after the other, each `on` long with a pause of `off` after it (ITU-T Q.23).
/// Other characters are left out; at most 1000 keys.
[[nodiscard]] Pcm key_tones(std::string_view keys, Duration on = 80ms, Duration off = 80ms);
} // namespace ringpost::media
