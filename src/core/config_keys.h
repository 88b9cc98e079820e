// SPDX-License-Identifier: Apache-2.0
// The table of all configuration keys. Private to core: others use core/config.h.
#pragma once

#include "core/config.h"

#include <optional>
#include <span>
#include <variant>

namespace ringpost
{
/// How the value of a key is written, and what it may be.
struct ValueRule
{
    enum class Kind
    {
        text,     ///< string; `accepts` or one of `words`
        list,     ///< array of strings, each as for text
        boolean,  ///< true or false
        count,    ///< integer from `least` to `most`
        size,     ///< octets: integer, or string with KiB, MiB or GiB
        duration, ///< string as for parse_duration() with milliseconds; bounds in microseconds
    };
    Kind kind = Kind::text;
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::vector<std::string_view> words = {};
    bool (*accepts)(std::string_view) = nullptr;
    std::string_view form = {}; ///< what `accepts` expects, in words
};

/// The member of a Config that a key fills; its type belongs to the kind (both count and size fill a std::size_t).
using Slot = std::variant<std::string*, std::vector<std::string>*, bool*, std::size_t*, Duration*>;

struct ConfigKey
{
    std::string_view name; ///< `section.key`
    Slot (*slot)(Config&);
    ValueRule rule;
    std::string_view sentence;

    [[nodiscard]] std::string_view section() const { return name.substr(0, name.find('.')); }
    [[nodiscard]] std::string_view key() const { return name.substr(name.find('.') + 1); }
};

struct ConfigSection
{
    std::string_view name;
    std::string_view sentence;
};

/// All sections, in the order of the manual.
[[nodiscard]] std::span<const ConfigSection> config_sections();
/// All keys, grouped by section.
[[nodiscard]] std::span<const ConfigKey> config_keys();
/// The rules between keys; nullopt where all hold.
[[nodiscard]] std::optional<Failure> broken_rule(const Config& config);

/// The value that `config` has for a key, as it is written in a TOML file.
[[nodiscard]] std::string written_value(const ConfigKey& key, Config config);
/// What a key may hold, in words: `duration, 1s to 1h`.
[[nodiscard]] std::string describe(const ValueRule& rule);
} // namespace ringpost
