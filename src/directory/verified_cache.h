// SPDX-License-Identifier: Apache-2.0
// Remembers which login, stored hash and secret were found to belong together, so that a client that polls every
// minute does not cost a password hash each time. It keeps only keyed digests under a key of this process: neither
// secrets nor anything to try secrets against. A changed secret has another stored hash and is simply never found.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <set>
#include <string_view>

namespace ringpost::directory
{
class VerifiedCache
{
public:
    using Digest = std::array<unsigned char, 32>;

    explicit VerifiedCache(std::size_t limit);
    ~VerifiedCache();
    VerifiedCache(const VerifiedCache&) = delete;
    VerifiedCache& operator=(const VerifiedCache&) = delete;

    [[nodiscard]] Digest digest(std::string_view login, std::string_view hash, std::string_view secret) const;
    [[nodiscard]] bool contains(const Digest& digest) const;
    /// Beyond the limit the oldest goes.
    void insert(const Digest& digest);

private:
    std::size_t limit_;
    Digest key_{};
    mutable std::mutex mutex_;
    std::set<Digest> digests_;
    std::deque<Digest> order_;
};
} // namespace ringpost::directory
