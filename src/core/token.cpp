// SPDX-License-Identifier: Apache-2.0
#include "core/token.h"

#include <sodium.h>

#include <array>
#include <span>

namespace ringpost
{
namespace
{
constexpr std::size_t token_octets = 16;

std::string hexadecimal(std::span<const unsigned char> octets)
{
    std::string text(octets.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), octets.data(), octets.size());
    text.pop_back();
    return text;
}
} // namespace

std::string new_token()
{
    std::array<unsigned char, token_octets> octets{};
    randombytes_buf(octets.data(), octets.size());
    return hexadecimal(octets);
}

std::string token_hash(std::string_view token)
{
    const std::string copy(token);
    std::array<unsigned char, crypto_generichash_BYTES> hash{};
    crypto_generichash(hash.data(), hash.size(),
                       std::span(reinterpret_cast<const unsigned char*>(copy.data()), copy.size()).data(), copy.size(),
                       nullptr, 0);
    return hexadecimal(hash);
}
} // namespace ringpost
