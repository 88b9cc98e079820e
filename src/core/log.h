// SPDX-License-Identifier: Apache-2.0
// The one way to log: named events with fields, one line each, which no content of a field can forge or break.
//   2026-11-20T09:56:01.123Z info mta.accepted mail=17 from="a b"
// The logger lives in spdlog's own registry, the one process-wide object that this program allows itself: a log that
// had to be handed to every parser and dialog would be in all their signatures. May be called from every thread.
#pragma once

#include "core/ids.h"
#include "core/result.h"

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace ringpost::log
{
enum class Level
{
    debug,
    info,
    warning,
    error
};

/// `debug`, `info`, `warning` or `error`; nullopt for anything else.
[[nodiscard]] std::optional<Level> level_from(std::string_view text);

/// What a field says: a number, a truth value or a text, which is looked at only during the call that it is given to.
/// Secrets and contents of mails have no place here.
class Value
{
public:
    Value(bool value) : value_(value) {}
    template <std::signed_integral T>
    Value(T value) : value_(static_cast<std::int64_t>(value))
    {}
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
    Value(T value) : value_(static_cast<std::uint64_t>(value))
    {}
    template <class Tag>
    Value(Id<Tag> id) : value_(id.value)
    {}
    Value(std::string_view value) : value_(value) {}
    Value(const std::string& value) : value_(std::string_view(value)) {}
    Value(const char* value) : value_(std::string_view(value)) {}

    /// Numbers and truth values as they are; a text bare where it is made of harmless characters only, otherwise in
    /// double quotes with `\"`, `\\`, `\n`, `\r`, `\t` and `\xNN` for every octet outside printable ASCII. A text that
    /// would become longer than 1 KiB is cut and ends in `...`.
    [[nodiscard]] std::string text() const;

private:
    std::variant<bool, std::int64_t, std::uint64_t, std::string_view> value_;
};

struct Field
{
    std::string_view key;
    Value value;
};
using Fields = std::initializer_list<Field>;

/// Begins logging from `level` on to `file` (appended to), or to standard error where `file` is empty. Before that
/// nothing is written. Called once, before other threads start. Errc::io: the file cannot be opened.
[[nodiscard]] Result<> start(Level level, const std::string& file = {});
/// Writes no more; for tests, and the very end of the program.
void stop();

/// One line. `name` and the keys are literals of ours: `<folder>.<past fact>`.
void event(Level level, std::string_view name, Fields fields = {});

inline void debug(std::string_view name, Fields fields = {})
{
    event(Level::debug, name, fields);
}
inline void info(std::string_view name, Fields fields = {})
{
    event(Level::info, name, fields);
}
inline void warning(std::string_view name, Fields fields = {})
{
    event(Level::warning, name, fields);
}
inline void error(std::string_view name, Fields fields = {})
{
    event(Level::error, name, fields);
}
} // namespace ringpost::log
