// SPDX-License-Identifier: Apache-2.0
// What a people file says in clear becomes hashes: secrets, PINs, and the file itself, by which it is known again.
#include "directory/seed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sodium.h>

#include <array>
#include <unordered_map>
#include <utility>

namespace ringpost::directory
{
namespace
{
constexpr const char* loaded_setting = "people-file";

/// What is stored is a hash of it, which costs as much as that of a secret: whoever has the database shall not try
/// secrets faster with the whole file than one by one.
std::string digest_of(std::string_view toml)
{
    std::array<unsigned char, crypto_generichash_BYTES> digest{};
    crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(toml.data()), toml.size(),
                       nullptr, 0);
    return fmt::format("{:02x}", fmt::join(digest, ""));
}

/// The secret in `slot` becomes its hash: the one in `known`, where it belongs to that.
Result<> hash_slot(std::string& slot, const std::string& known, const HashCost& cost)
{
    const Secret secret(slot);
    if (secret.view().empty())
    {
        return {};
    }
    const auto same = known.empty() ? Result<bool>(false) : verify_secret(known, secret.view());
    if (same.has_error())
    {
        return same.error();
    }
    auto hashed = *same ? Result<std::string>(known) : hash_secret(secret.view(), cost);
    if (hashed.has_error())
    {
        return hashed.error();
    }
    slot = std::move(*hashed);
    return {};
}
} // namespace

Result<> hash_secrets(store::DirectoryData& people, const store::DirectoryData& known, const HashCost& cost)
{
    std::unordered_map<std::string, const store::UserRow*> users;
    std::unordered_map<std::string, const store::PeerRow*> peers;
    for (const auto& user : known.users)
    {
        users.emplace(user.address, &user);
    }
    for (const auto& peer : known.peers)
    {
        peers.emplace(peer.name, &peer);
    }
    for (auto& user : people.users)
    {
        const auto found = users.find(user.address);
        const bool is_known = found != users.end();
        const auto secret = hash_slot(user.secret_hash, is_known ? found->second->secret_hash : "", cost);
        const auto pin = hash_slot(user.pin_hash, is_known ? found->second->pin_hash : "", cost);
        if (secret.has_error() || pin.has_error())
        {
            return secret.has_error() ? secret : pin;
        }
    }
    for (auto& peer : people.peers)
    {
        const auto found = peers.find(peer.name);
        auto secret = hash_slot(peer.secret_hash, found == peers.end() ? "" : found->second->secret_hash, cost);
        if (secret.has_error())
        {
            return secret;
        }
    }
    return {};
}

Result<store::DirectoryData> read_people(std::string_view toml, const std::string& file,
                                         const store::DirectoryData& known, const SeedOptions& options)
{
    auto people = parse_people(toml, file, options.plan);
    if (people.has_error())
    {
        return people.error();
    }
    // After parsing, so that a file with a mistake is told about it before minutes are spent on hashes.
    if (const auto hashed = hash_secrets(*people, known, options.cost); hashed.has_error())
    {
        return hashed.error();
    }
    auto digest = hash_secret(digest_of(toml), options.cost);
    if (digest.has_error())
    {
        return digest.error();
    }
    people->settings[loaded_setting] = std::move(*digest);
    return people;
}

bool is_loaded(const Snapshot& office, std::string_view toml)
{
    const auto hash = office.setting(loaded_setting);
    const auto same = hash.empty() ? Result<bool>(false) : verify_secret(hash, digest_of(toml));
    return same.has_value() && *same;
}
} // namespace ringpost::directory
