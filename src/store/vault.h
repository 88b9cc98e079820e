// SPDX-License-Identifier: Apache-2.0
// Seals confidential mails for the database and the spool (spec 2.3): XChaCha20-Poly1305 in pieces by libsodium's
// secretstream. What is sealed can neither be read nor changed, cut, or put together from other mails without the key.
#pragma once

#include "core/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::store
{
/// Octets of a mail in a piece; each grows by `sealed_overhead`.
inline constexpr std::size_t sealed_piece = 64 * 1024;
inline constexpr std::size_t sealed_overhead = 17;
inline constexpr std::size_t sealed_header = 24;
/// Of `octets` when they are sealed. The last piece, which may be empty, is never a whole one.
[[nodiscard]] constexpr std::int64_t sealed_size(std::int64_t octets)
{
    const auto pieces = octets / static_cast<std::int64_t>(sealed_piece) + 1;
    return static_cast<std::int64_t>(sealed_header) + octets + pieces * static_cast<std::int64_t>(sealed_overhead);
}

class Sealer;
class Opener;

class Vault
{
public:
    /// Keys from a file: one a line, 32 octets in Base64, `#` begins a comment; at most 100. `owned`: the file must not
    /// be readable by anybody but its owner. Errc::io, Errc::malformed, Errc::refused.
    [[nodiscard]] static Result<Vault> load(const std::filesystem::path& file, bool owned);
    /// Without keys: seals and opens nothing.
    Vault() = default;

    [[nodiscard]] bool can_seal() const { return !keys_.empty(); }
    /// Name of the key that seals, which stands with each mail. The key cannot be told from it.
    [[nodiscard]] const std::string& key_id() const { return keys_.front().id; }
    /// can_seal() is a condition.
    [[nodiscard]] Sealer seal() const;
    /// Errc::unavailable: there is no such key (any more).
    [[nodiscard]] Result<Opener> open(const std::string& key_id) const;

    /// Everything at once.
    [[nodiscard]] std::string sealed(std::string_view octets) const;
    /// Errc::unavailable as of open(); Errc::malformed: damaged.
    [[nodiscard]] Result<std::string> opened(const std::string& key_id, std::string_view sealed) const;

    /// A line for the key file: a fresh key.
    [[nodiscard]] static std::string new_key();

private:
    struct Key
    {
        std::string id;
        std::array<unsigned char, 32> octets{};
        ~Key();
        Key() = default;
        Key(Key&&) = default;
        Key& operator=(Key&&) = default;
        Key(const Key&) = delete;
        Key& operator=(const Key&) = delete;
    };
    [[nodiscard]] static Result<Key> read_key(std::string_view line);

    std::vector<Key> keys_;
};

/// Seals one mail, given in any portions.
class Sealer
{
public:
    ~Sealer();
    Sealer(Sealer&&) noexcept;
    Sealer& operator=(Sealer&&) = delete;
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    /// What can be written by now.
    [[nodiscard]] std::string add(std::string_view octets);
    /// The rest; once, at the end.
    [[nodiscard]] std::string finish();

private:
    friend class Vault;
    struct State;
    explicit Sealer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Opens one sealed mail piece by piece.
class Opener
{
public:
    ~Opener();
    Opener(Opener&&) noexcept;
    Opener& operator=(Opener&&) = delete;
    Opener(const Opener&) = delete;
    Opener& operator=(const Opener&) = delete;

    /// Takes the next piece from the front of `sealed`. Errc::malformed: damaged or cut off.
    [[nodiscard]] Result<std::string> next(std::string_view& sealed);
    /// The last piece has been taken.
    [[nodiscard]] bool complete() const;

private:
    friend class Vault;
    struct State;
    explicit Opener(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};
} // namespace ringpost::store
