// SPDX-License-Identifier: Apache-2.0
// Secrets: argon2id hashes (RFC 9106) by libsodium, and a holder that wipes what it held.
#pragma once

#include "core/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace ringpost::directory
{
/// What a hash costs whoever tries secrets. The least that libsodium allows is 1 and 8192 (for tests).
struct HashCost
{
    unsigned long long operations = 2;
    std::size_t memory = std::size_t{19} * 1024 * 1024; ///< octets
};

/// The longest secret that is looked at, in octets.
inline constexpr std::size_t longest_secret = 1024;

/// Holds a secret, takes it away from where it was, and wipes it at its end. Neither copied nor moved.
class Secret
{
public:
    explicit Secret(std::string& taken);
    ~Secret();
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    [[nodiscard]] std::string_view view() const { return value_; }

private:
    std::string value_;
};

/// A PIN as it is keyed in on a telephone: 4 to 12 digits.
[[nodiscard]] bool good_pin(std::string_view pin);

/// Overwrites the characters and empties the string.
void wipe(std::string& text);

/// `$argon2id$…` with its salt and cost. Blocks for milliseconds. Errc::too_large: longer than longest_secret;
/// Errc::unavailable: not enough memory.
[[nodiscard]] Result<std::string> hash_secret(std::string_view secret, const HashCost& cost);

/// Does `secret` belong to `hash`? Blocks as long as making it did. Errc::unavailable: not enough memory.
[[nodiscard]] Result<bool> verify_secret(const std::string& hash, std::string_view secret);
} // namespace ringpost::directory
