// SPDX-License-Identifier: Apache-2.0
// Reading the arguments of a verb: what is missing, of another type or unknown is an error that names the argument.
#pragma once

#include "core/result.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::control
{
/// A view of one request's arguments; the JSON must outlive it.
class Arguments
{
public:
    static constexpr std::size_t text_limit = 1000; ///< octets of a text argument, where the verb names no other limit

    /// Errc::malformed when `arguments` is not an object or has a member that is not in `known`.
    [[nodiscard]] static Result<Arguments> of(const nlohmann::json& arguments,
                                              std::initializer_list<std::string_view> known);

    /// A text that must be there: not empty, no control characters, at most `limit` octets of UTF-8.
    [[nodiscard]] Result<std::string> text(std::string_view name, std::size_t limit = text_limit) const;
    /// The same, nullopt where it is left out or null.
    [[nodiscard]] Result<std::optional<std::string>> optional_text(std::string_view name,
                                                                   std::size_t limit = text_limit) const;

    /// True where it is `true`; false where it is left out or `false`.
    [[nodiscard]] Result<bool> flag(std::string_view name) const;
    /// A list of whole numbers from 1 on, empty where it is left out.
    [[nodiscard]] Result<std::vector<std::int64_t>> numbers(std::string_view name) const;

private:
    explicit Arguments(const nlohmann::json& arguments) : arguments_(&arguments) {}

    const nlohmann::json* arguments_;
};
} // namespace ringpost::control
