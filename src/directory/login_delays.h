// SPDX-License-Identifier: Apache-2.0
// Who guesses passwords waits: the answer to a failed login comes later with each failure. Counted for an account and a
// network (/24 of IPv4, /64 of IPv6), so that nobody locks an account's owner out elsewhere. Kept in memory only.
#pragma once

#include "core/duration.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::directory
{
struct LoginDelayOptions
{
    std::size_t free_failures = 3; ///< answered without delay
    Duration first = 1s;           ///< of the next one; each further waits twice as long
    Duration most = 30s;           ///< but not longer
    Duration forget = 1h;          ///< without a failure for this long
    std::size_t accounts = 10'000; ///< pairs of account and network that are remembered
};

/// Thread-safe. Logins are compared without case, whether there is such an account or not.
class LoginDelays
{
public:
    explicit LoginDelays(const LoginDelayOptions& options) : options_(options) {}

    /// A wrong secret: when it may be answered. Those of one account and network are answered one after the other,
    /// however many connections ask. nullopt: so many wait already that this one is turned away.
    [[nodiscard]] std::optional<Instant> failed(std::string_view login, std::string_view address, Instant now);

    /// The right secret: when it may be answered; at once where nobody has guessed there, or where this account has
    /// logged in from before. nullopt: turned away, wherever a wrong one would be; else who guesses over many
    /// connections would know it by its not being turned away.
    [[nodiscard]] std::optional<Instant> succeeded(std::string_view login, std::string_view address, Instant now);

    /// Pairs with failures that are remembered.
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry
    {
        std::size_t failures = 0;
        Instant last{};     ///< failure
        Instant answered{}; ///< the last one that waits is answered then
    };
    [[nodiscard]] Entry* find(const std::string& key, Instant now);
    [[nodiscard]] bool forgotten(const Entry& entry, Instant now) const { return now - entry.last >= options_.forget; }
    [[nodiscard]] std::optional<Instant> after_failures(const Entry& entry, std::size_t failures, Instant now) const;
    void make_room(Instant now);
    [[nodiscard]] bool is_good(const std::string& key, Instant now) const;
    void note_good(const std::string& key, Instant when);

    LoginDelayOptions options_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::map<std::string, Instant> good_; ///< account and network → when the last login was answered, or will be
};
} // namespace ringpost::directory
