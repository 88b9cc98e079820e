// SPDX-License-Identifier: Apache-2.0
#include "directory/login_delays.h"

#include "core/net_address.h"
#include "directory/ascii.h"

#include <algorithm>
#include <tuple>

namespace ringpost::directory
{
namespace
{
constexpr unsigned short bits_v4 = 24;

std::string key_of(std::string_view login, std::string_view address)
{
    return lower(login) + '\0' + network_around(address, bits_v4);
}
} // namespace

std::optional<Instant> LoginDelays::failed(std::string_view login, std::string_view address, Instant now)
{
    const std::lock_guard lock(mutex_);
    const std::string key = key_of(login, address);
    Entry* entry = find(key, now);
    if (entry == nullptr)
    {
        make_room(now);
        entry = &entries_[key];
    }
    entry->failures += 1;
    entry->last = now;
    const auto when = after_failures(*entry, entry->failures, now);
    if (when && entry->failures > options_.free_failures)
    {
        entry->answered = *when;
    }
    return when;
}

std::optional<Instant> LoginDelays::succeeded(std::string_view login, std::string_view address, Instant now)
{
    const std::lock_guard lock(mutex_);
    const std::string key = key_of(login, address);
    const Entry* entry = find(key, now);
    if (entry == nullptr || is_good(key, now))
    {
        note_good(key, now);
        return now;
    }
    if (!after_failures(*entry, entry->failures + 1, now))
    {
        return std::nullopt;
    }
    // Good from its answer on: who does not wait for that, and asks again, must not be told so early.
    const Instant when = std::max(entry->answered, now);
    note_good(key, when);
    // The failures are not forgotten: who guesses beside the owner would be set free by each of the owner's logins.
    return when;
}

/// When the latest of so many failures may be answered; nullopt: turned away.
std::optional<Instant> LoginDelays::after_failures(const Entry& entry, std::size_t failures, Instant now) const
{
    if (failures <= options_.free_failures)
    {
        return now;
    }
    Duration delay = options_.first;
    for (std::size_t i = options_.free_failures + 1; i < failures && delay < options_.most; ++i)
    {
        delay *= 2;
    }
    const Instant when = std::max(entry.answered, now) + std::min(delay, options_.most);
    return when > now + options_.most ? std::nullopt : std::optional(when);
}

std::size_t LoginDelays::size() const
{
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

LoginDelays::Entry* LoginDelays::find(const std::string& key, Instant now)
{
    const auto found = entries_.find(key);
    if (found == entries_.end())
    {
        return nullptr;
    }
    Entry& entry = found->second;
    if (forgotten(entry, now))
    {
        entries_.erase(found);
        return nullptr;
    }
    // A wall clock that was set back must not hold anybody for longer than the rules say.
    entry.last = std::min(entry.last, now);
    entry.answered = std::min(entry.answered, now + options_.most);
    return &entry;
}

/// What is over anyhow goes first: thousands who have guessed last month must not keep the table full for ever. Then
/// the one with the fewest failures, the oldest of those: names made up to fill the table push out each other, and not
/// an account that is being guessed at.
void LoginDelays::make_room(Instant now)
{
    if (entries_.size() < options_.accounts)
    {
        return;
    }
    if (std::erase_if(entries_, [this, now](const auto& row) { return forgotten(row.second, now); }) > 0)
    {
        return;
    }
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.second.failures, a.second.last) < std::tie(b.second.failures, b.second.last);
    }));
}

bool LoginDelays::is_good(const std::string& key, Instant now) const
{
    const auto found = good_.find(key);
    // Later than any answer can be: a wall clock that was set back.
    return found != good_.end() && (found->second <= now || found->second > now + options_.most);
}

void LoginDelays::note_good(const std::string& key, Instant when)
{
    if (good_.size() >= options_.accounts && !good_.contains(key))
    {
        good_.erase(std::min_element(good_.begin(), good_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; }));
    }
    good_[key] = when;
}
} // namespace ringpost::directory
