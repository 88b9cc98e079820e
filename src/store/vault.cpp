// SPDX-License-Identifier: Apache-2.0
#include "store/vault.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <sys/stat.h>

namespace ringpost::store
{
static_assert(sealed_overhead == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(sealed_header == crypto_secretstream_xchacha20poly1305_HEADERBYTES);

namespace
{
constexpr std::size_t key_octets = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr std::size_t most_keys = 100;
constexpr std::size_t longest_line = 1024;
constexpr std::size_t id_octets = 8;

void start_sodium()
{
    if (sodium_init() < 0)
    {
        throw std::runtime_error("libsodium cannot be initialised");
    }
}

unsigned char* octets_of(std::string& text)
{
    return reinterpret_cast<unsigned char*>(text.data());
}

const unsigned char* octets_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// BLAKE2b keyed with a name, so that the id is good for nothing else.
std::string id_of(const std::array<unsigned char, key_octets>& key)
{
    static constexpr std::string_view purpose = "ringpost-key-id-1";
    std::array<unsigned char, crypto_generichash_BYTES> digest{};
    crypto_generichash(digest.data(), digest.size(), octets_of(purpose), purpose.size(), key.data(), key.size());
    std::string id;
    for (std::size_t i = 0; i < id_octets; ++i)
    {
        id += fmt::format("{:02x}", digest.at(i));
    }
    return id;
}

Result<> check_owned(const std::filesystem::path& file)
{
    struct stat status = {};
    if (::stat(file.c_str(), &status) != 0)
    {
        return fail(Errc::io, file.string(), "cannot be read");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    {
        return fail(Errc::refused, file.string(), "others may read or write it: chmod 600 it");
    }
    return {};
}
} // namespace

Vault::Key::~Key()
{
    sodium_memzero(octets.data(), octets.size());
}

Result<Vault::Key> Vault::read_key(std::string_view line)
{
    Key key;
    std::size_t length = 0;
    // libsodium 1.0.18 takes every octet beyond ASCII for a digit: a damaged line would be another key.
    const bool ascii = std::all_of(line.begin(), line.end(), [](char c) { return c > 0; });
    const int decoded = sodium_base642bin(key.octets.data(), key.octets.size(), line.data(), line.size(), nullptr,
                                          &length, nullptr, sodium_base64_VARIANT_ORIGINAL);
    if (!ascii || decoded != 0 || length != key.octets.size())
    {
        return fail(Errc::malformed, "",
                    "is no key: 32 octets in Base64, as ringpost confidential new-key writes them");
    }
    key.id = id_of(key.octets);
    return key;
}

Result<Vault> Vault::load(const std::filesystem::path& file, bool owned)
{
    start_sodium();
    if (auto checked = owned ? check_owned(file) : Result<>{}; checked.has_error())
    {
        return checked.error();
    }
    std::ifstream input(file);
    Vault vault;
    std::array<char, longest_line> line{};
    for (std::size_t number = 1; input.getline(line.data(), line.size()); ++number)
    {
        const std::string_view text(line.data());
        const std::size_t begin = text.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos || text[begin] == '#')
        {
            continue;
        }
        auto key = read_key(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
        if (key.has_error())
        {
            return fail(Errc::malformed, fmt::format("{}:{}", file.string(), number), key.error().text());
        }
        vault.keys_.push_back(std::move(*key));
    }
    sodium_memzero(line.data(), line.size());
    if (!input.eof() || vault.keys_.empty() || vault.keys_.size() > most_keys)
    {
        return fail(Errc::malformed, file.string(),
                    fmt::format("cannot be read, or holds no key, or more than {}", most_keys));
    }
    return vault;
}

std::string Vault::new_key()
{
    start_sodium();
    std::array<unsigned char, key_octets> key{};
    crypto_secretstream_xchacha20poly1305_keygen(key.data());
    std::string text(sodium_base64_ENCODED_LEN(key_octets, sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), key.data(), key.size(), sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(key.data(), key.size());
    text.pop_back(); // its NUL
    return text;
}

// ---- sealing

struct Sealer::State
{
    crypto_secretstream_xchacha20poly1305_state stream{};
    std::string waiting; ///< less than a piece
    std::string header;
    ~State() { sodium_memzero(&stream, sizeof stream); }

    void push(std::string_view piece, unsigned char tag, std::string& out)
    {
        const std::size_t at = out.size();
        out.resize(at + piece.size() + sealed_overhead);
        crypto_secretstream_xchacha20poly1305_push(&stream, octets_of(out) + at, nullptr, octets_of(piece),
                                                   piece.size(), nullptr, 0, tag);
    }
};

Sealer::Sealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sealer::~Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;

Sealer Vault::seal() const
{
    auto state = std::make_unique<Sealer::State>();
    state->header.resize(sealed_header);
    crypto_secretstream_xchacha20poly1305_init_push(&state->stream, octets_of(state->header),
                                                    keys_.front().octets.data());
    return Sealer(std::move(state));
}

std::string Sealer::add(std::string_view octets)
{
    std::string out = std::exchange(state_->header, {});
    while (state_->waiting.size() + octets.size() >= sealed_piece)
    {
        const std::size_t count = sealed_piece - state_->waiting.size();
        state_->waiting += octets.substr(0, count);
        octets.remove_prefix(count);
        state_->push(state_->waiting, 0, out);
        state_->waiting.clear();
    }
    state_->waiting += octets;
    return out;
}

std::string Sealer::finish()
{
    std::string out = std::exchange(state_->header, {});
    state_->push(state_->waiting, crypto_secretstream_xchacha20poly1305_TAG_FINAL, out);
    state_->waiting.clear();
    return out;
}

std::string Vault::sealed(std::string_view octets) const
{
    Sealer sealer = seal();
    std::string out = sealer.add(octets);
    return out + sealer.finish();
}

// ---- opening

struct Opener::State
{
    crypto_secretstream_xchacha20poly1305_state stream{};
    std::array<unsigned char, key_octets> key{};
    bool begun = false;
    bool complete = false;
    ~State()
    {
        sodium_memzero(&stream, sizeof stream);
        sodium_memzero(key.data(), key.size());
    }
};

Opener::Opener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Opener::~Opener() = default;
Opener::Opener(Opener&&) noexcept = default;

bool Opener::complete() const
{
    return state_->complete;
}

Result<Opener> Vault::open(const std::string& key_id) const
{
    const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == key_id; });
    if (found == keys_.end())
    {
        return fail(Errc::unavailable, "confidential mail",
                    fmt::format("its key {} is not in the key file of this gateway", key_id));
    }
    auto state = std::make_unique<Opener::State>();
    state->key = found->octets;
    return Opener(std::move(state));
}

Result<std::string> Opener::next(std::string_view& sealed)
{
    const Failure damaged = fail(Errc::malformed, "confidential mail", "is damaged where it is stored");
    if (!state_->begun)
    {
        const bool good = sealed.size() >= sealed_header &&
                          crypto_secretstream_xchacha20poly1305_init_pull(&state_->stream, octets_of(sealed),
                                                                          state_->key.data()) == 0;
        if (!good)
        {
            return damaged;
        }
        sealed.remove_prefix(sealed_header);
        state_->begun = true;
    }
    const std::size_t size = std::min(sealed.size(), sealed_piece + sealed_overhead);
    if (size < sealed_overhead || state_->complete)
    {
        return damaged;
    }
    std::string piece(size - sealed_overhead, '\0');
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&state_->stream, octets_of(piece), nullptr, &tag, octets_of(sealed),
                                                   size, nullptr, 0) != 0)
    {
        return damaged;
    }
    sealed.remove_prefix(size);
    state_->complete = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (state_->complete != sealed.empty())
    {
        return damaged;
    }
    return piece;
}

Result<std::string> Vault::opened(const std::string& key_id, std::string_view sealed) const
{
    auto opener = open(key_id);
    if (opener.has_error())
    {
        return opener.error();
    }
    std::string out;
    out.reserve(sealed.size());
    while (!opener->complete())
    {
        auto piece = opener->next(sealed);
        if (piece.has_error())
        {
            return piece.error();
        }
        out += *piece;
    }
    return out;
}
} // namespace ringpost::store
