// SPDX-License-Identifier: Apache-2.0
// What the person at a simulated telephone hears in one call. Nothing ticks: what is sent is heard from the moment at
// which what was sent before is over, and what is not heard yet when the call ends is cut off.
#pragma once

#include "core/clock.h"
#include "pbx/simulated/recording.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ringpost::pbx::simulated
{
class Ear
{
public:
    Ear(Clock& clock, std::optional<Recording> recording);
    /// The call is over now.
    ~Ear();
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;

    /// Dropped, and logged once, where 2 s wait already.
    void hear(std::span<const std::int16_t> samples);
    /// What waits is not heard any more.
    void cut();

private:
    [[nodiscard]] std::uint64_t now() const;

    Clock& clock_;
    Duration since_;          ///< steady time
    std::uint64_t place_ = 0; ///< where the next samples go
    bool late_ = false;
    std::optional<Recording> recording_;
};
} // namespace ringpost::pbx::simulated
