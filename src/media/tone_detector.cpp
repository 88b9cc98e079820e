// SPDX-License-Identifier: Apache-2.0
#include "media/tone_detector.h"

#include "media/spandsp.h"

#include <algorithm>
#include <array>
#include <new>

namespace ringpost::media
{
namespace
{
// spandsp keeps 128 keys and drops the rest; a key and its pause last 640 samples at the least.
constexpr std::size_t heard_at_once = 8000;
} // namespace

void ToneDetector::Release::operator()(dtmf_rx_state_s* state) const
{
    dtmf_rx_free(state);
}

ToneDetector::ToneDetector() : state_(dtmf_rx_init(nullptr, nullptr, nullptr))
{
    if (!state_)
    {
        throw std::bad_alloc();
    }
    // Otherwise it writes to standard error.
    span_log_set_level(dtmf_rx_get_logging_state(state_.get()), SPAN_LOG_NONE);
}

ToneDetector::~ToneDetector() = default;

std::string ToneDetector::feed(std::span<const std::int16_t> samples)
{
    std::string keys;
    while (!samples.empty())
    {
        const auto part = samples.first(std::min(samples.size(), heard_at_once));
        dtmf_rx(state_.get(), part.data(), static_cast<int>(part.size()));
        std::array<char, MAX_DTMF_DIGITS + 1> heard{};
        const auto count = dtmf_rx_get(state_.get(), heard.data(), MAX_DTMF_DIGITS);
        keys.append(heard.data(), count);
        samples = samples.subspan(part.size());
    }
    return keys;
}
} // namespace ringpost::media
