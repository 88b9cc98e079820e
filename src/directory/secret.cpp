// SPDX-License-Identifier: Apache-2.0
#include "directory/secret.h"

#include <sodium.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace ringpost::directory
{
namespace
{
void start_sodium()
{
    // Safe to call again and from any thread; below zero means that the system gives no random numbers.
    if (sodium_init() < 0)
    {
        throw std::runtime_error("libsodium cannot be initialised");
    }
}
} // namespace

Secret::Secret(std::string& taken) : value_(taken)
{
    wipe(taken);
}

Secret::~Secret()
{
    wipe(value_);
}

bool good_pin(std::string_view pin)
{
    return pin.size() >= 4 && pin.size() <= 12 && pin.find_first_not_of("0123456789") == std::string_view::npos;
}

void wipe(std::string& text)
{
    // The whole capacity: a text that was shortened in place left its end behind.
    text.resize(text.capacity());
    sodium_memzero(text.data(), text.size());
    text.clear();
}

Result<std::string> hash_secret(std::string_view secret, const HashCost& cost)
{
    start_sodium();
    if (secret.size() > longest_secret)
    {
        return fail(Errc::too_large, "secret", "is longer than 1024 octets");
    }
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str(hash.data(), secret.data(), secret.size(), cost.operations, cost.memory) != 0)
    {
        return fail(Errc::unavailable, "secret", "cannot be hashed: not enough memory, or a cost that is not possible");
    }
    return std::string(hash.data());
}

Result<bool> verify_secret(const std::string& hash, std::string_view secret)
{
    start_sodium();
    if (secret.size() > longest_secret || hash.size() >= crypto_pwhash_STRBYTES)
    {
        return false;
    }
    // libsodium reads STRBYTES octets of the hash.
    std::array<char, crypto_pwhash_STRBYTES> stored{};
    hash.copy(stored.data(), hash.size());
    errno = 0;
    if (crypto_pwhash_str_verify(stored.data(), secret.data(), secret.size()) == 0)
    {
        return true;
    }
    if (errno == ENOMEM)
    {
        return fail(Errc::unavailable, "secret", "cannot be checked: not enough memory");
    }
    return false;
}
} // namespace ringpost::directory
