// SPDX-License-Identifier: Apache-2.0
#include "media/g726.h"

#include "media/spandsp.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>

namespace ringpost::media
{
namespace
{
constexpr int bits_a_second = 32000;
constexpr std::size_t codes_at_once = 4096; // octets; spandsp counts in int

struct Release
{
    void operator()(g726_state_t* state) const { g726_free(state); }
};
} // namespace

Pcm decode_g726_32(std::string_view octets)
{
    const std::unique_ptr<g726_state_t, Release> state(
        g726_init(nullptr, bits_a_second, G726_ENCODING_LINEAR, G726_PACKING_RIGHT));
    if (!state)
    {
        throw std::bad_alloc();
    }
    Pcm pcm;
    pcm.samples.resize(octets.size() * 2);
    std::array<std::uint8_t, codes_at_once> codes{};
    std::size_t made = 0;
    for (std::size_t at = 0; at < octets.size(); at += codes_at_once)
    {
        const auto part = octets.substr(at, codes_at_once);
        std::memcpy(codes.data(), part.data(), part.size());
        made += static_cast<std::size_t>(
            g726_decode(state.get(), &pcm.samples[made], codes.data(), static_cast<int>(part.size())));
    }
    pcm.samples.resize(made);
    return pcm;
}
} // namespace ringpost::media
