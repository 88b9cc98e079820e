// SPDX-License-Identifier: Apache-2.0
#include "directory/verified_cache.h"

#include <sodium.h>

#include <cstdint>
#include <stdexcept>

namespace ringpost::directory
{
namespace
{
/// The length goes in front, so that no text can pass for the end of one and the beginning of the next.
void add(crypto_generichash_state& state, std::string_view text)
{
    std::array<unsigned char, 8> length{};
    std::uint64_t rest = text.size();
    for (auto& octet : length)
    {
        octet = static_cast<unsigned char>(rest & 0xff);
        rest >>= 8;
    }
    crypto_generichash_update(&state, length.data(), length.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}
} // namespace

VerifiedCache::VerifiedCache(std::size_t limit) : limit_(limit)
{
    if (sodium_init() < 0)
    {
        throw std::runtime_error("libsodium cannot be initialised");
    }
    randombytes_buf(key_.data(), key_.size());
}

VerifiedCache::~VerifiedCache()
{
    sodium_memzero(key_.data(), key_.size());
}

VerifiedCache::Digest VerifiedCache::digest(std::string_view login, std::string_view hash,
                                            std::string_view secret) const
{
    crypto_generichash_state state{};
    crypto_generichash_init(&state, key_.data(), key_.size(), Digest{}.size());
    add(state, login);
    add(state, hash);
    add(state, secret);
    Digest result{};
    crypto_generichash_final(&state, result.data(), result.size());
    sodium_memzero(&state, sizeof state);
    return result;
}

bool VerifiedCache::contains(const Digest& digest) const
{
    const std::lock_guard lock(mutex_);
    return digests_.contains(digest);
}

void VerifiedCache::insert(const Digest& digest)
{
    const std::lock_guard lock(mutex_);
    if (limit_ == 0 || !digests_.insert(digest).second)
    {
        return;
    }
    order_.push_back(digest);
    if (order_.size() > limit_)
    {
        digests_.erase(order_.front());
        order_.pop_front();
    }
}
} // namespace ringpost::directory
