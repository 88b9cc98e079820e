// SPDX-License-Identifier: Apache-2.0
#include "directory/login_delays.h"

#include "directory/ascii.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <tuple>

namespace ringpost::directory
{
namespace
{
constexpr unsigned short bits_v4 = 24;
constexpr unsigned short bits_v6 = 64;

std::string key_of(std::string_view login, std::string_view address)
{
    return lower(login) + '\0' + login_network(address);
}
} // namespace

std::string login_network(std::string_view address)
{
    namespace ip = boost::asio::ip;
    boost::system::error_code error;
    const auto parsed = ip::make_address(std::string(address), error);
    if (error)
    {
        return std::string(address);
    }
    if (parsed.is_v4())
    {
        return ip::make_network_v4(parsed.to_v4(), bits_v4).canonical().to_string();
    }
    const auto v6 = parsed.to_v6();
    return v6.is_v4_mapped()
               ? ip::make_network_v4(ip::make_address_v4(ip::v4_mapped, v6), bits_v4).canonical().to_string()
               : ip::make_network_v6(v6, bits_v6).canonical().to_string();
}

std::optional<Instant> LoginDelays::failed(std::string_view login, std::string_view address, Instant now)
{
    const std::lock_guard lock(mutex_);
    const std::string key = key_of(login, address);
    Entry* entry = find(key, now);
    if (entry == nullptr)
    {
        make_room();
        entry = &entries_[key];
    }
    entry->failures += 1;
    entry->last = now;
    if (entry->failures <= options_.free_failures)
    {
        return now;
    }
    Duration delay = options_.first;
    for (std::size_t i = options_.free_failures + 1; i < entry->failures && delay < options_.most; ++i)
    {
        delay *= 2;
    }
    const Instant when = std::max(entry->answered, now) + std::min(delay, options_.most);
    if (when > now + options_.most)
    {
        return std::nullopt;
    }
    entry->answered = when;
    return when;
}

std::optional<Instant> LoginDelays::succeeded(std::string_view login, std::string_view address, Instant now)
{
    const std::lock_guard lock(mutex_);
    const std::string key = key_of(login, address);
    const Entry* entry = find(key, now);
    const bool good = good_.contains(key);
    note_good(key, now);
    // The failures are not forgotten: who guesses beside the owner would be set free by each of the owner's logins.
    return entry == nullptr || good ? now : std::max(entry->answered, now);
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
    if (now - entry.last >= options_.forget)
    {
        entries_.erase(found);
        return nullptr;
    }
    // A wall clock that was set back must not hold anybody for longer than the rules say.
    entry.last = std::min(entry.last, now);
    entry.answered = std::min(entry.answered, now + options_.most);
    return &entry;
}

/// The one with the fewest failures goes, the oldest of those: names made up to fill the table push out each other, and
/// not an account that is being guessed at.
void LoginDelays::make_room()
{
    if (entries_.size() < options_.accounts)
    {
        return;
    }
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.second.failures, a.second.last) < std::tie(b.second.failures, b.second.last);
    }));
}

void LoginDelays::note_good(const std::string& key, Instant now)
{
    if (good_.size() >= options_.accounts && !good_.contains(key))
    {
        good_.erase(std::min_element(good_.begin(), good_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; }));
    }
    good_[key] = now;
}
} // namespace ringpost::directory
