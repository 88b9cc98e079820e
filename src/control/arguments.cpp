// SPDX-License-Identifier: Apache-2.0
#include "control/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ringpost::control
{
namespace
{
bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
} // namespace

Result<Arguments> Arguments::of(const nlohmann::json& arguments, std::initializer_list<std::string_view> known)
{
    if (!arguments.is_object())
    {
        return fail(Errc::malformed, "arguments", "must be an object");
    }
    for (const auto& [name, value] : arguments.items())
    {
        if (std::find(known.begin(), known.end(), name) == known.end())
        {
            return fail(Errc::malformed, "arguments",
                        fmt::format("this verb knows {}", known.size() == 0
                                                              ? std::string("no arguments")
                                                              : fmt::format("{}", fmt::join(known, ", "))));
        }
    }
    return Arguments(arguments);
}

Result<std::string> Arguments::text(std::string_view name, std::size_t limit) const
{
    auto found = optional_text(name, limit);
    if (!found)
    {
        return found.error();
    }
    if (!*found)
    {
        return fail(Errc::malformed, std::string(name), "is missing");
    }
    return std::move(**found);
}

Result<std::optional<std::string>> Arguments::optional_text(std::string_view name, std::size_t limit) const
{
    const auto found = arguments_->find(name);
    if (found == arguments_->end() || found->is_null())
    {
        return std::optional<std::string>{};
    }
    if (!found->is_string())
    {
        return fail(Errc::malformed, std::string(name), "must be a string");
    }
    const auto& text = found->get_ref<const std::string&>();
    if (text.empty() || text.size() > limit)
    {
        return fail(Errc::malformed, std::string(name), fmt::format("must have 1 to {} octets", limit));
    }
    if (std::any_of(text.begin(), text.end(), is_control))
    {
        return fail(Errc::malformed, std::string(name), "must not have control characters");
    }
    return std::optional<std::string>{text};
}

Result<bool> Arguments::flag(std::string_view name) const
{
    const auto found = arguments_->find(name);
    if (found == arguments_->end() || found->is_null())
    {
        return false;
    }
    if (!found->is_boolean())
    {
        return fail(Errc::malformed, std::string(name), "must be true or false");
    }
    return found->get<bool>();
}

Result<std::vector<std::int64_t>> Arguments::numbers(std::string_view name) const
{
    std::vector<std::int64_t> numbers;
    const auto found = arguments_->find(name);
    if (found == arguments_->end() || found->is_null())
    {
        return numbers;
    }
    const auto is_number = [](const nlohmann::json& value) {
        return value.is_number_integer() && value.get<std::int64_t>() > 0;
    };
    if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_number))
    {
        return fail(Errc::malformed, std::string(name), "must be a list of numbers");
    }
    std::transform(found->begin(), found->end(), std::back_inserter(numbers),
                   [](const nlohmann::json& value) { return value.get<std::int64_t>(); });
    return numbers;
}
} // namespace ringpost::control
