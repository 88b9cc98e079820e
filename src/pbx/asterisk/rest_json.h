// SPDX-License-Identifier: Apache-2.0
// Reading the replies of ARI; what is missing or of another type is empty. Private to Rest.
#pragma once

#include "core/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace ringpost::pbx::asterisk
{
inline Failure not_as_expected(const std::string& what)
{
    return fail(Errc::malformed, what, "the exchange's reply is not as expected");
}

inline std::string text_of(const nlohmann::json& object, const char* name)
{
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

inline std::vector<std::string> texts_of(const nlohmann::json& object, const char* name)
{
    std::vector<std::string> texts;
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (found != object.end() && found->is_array())
    {
        for (const auto& text : *found)
        {
            if (text.is_string())
            {
                texts.push_back(text.get<std::string>());
            }
        }
    }
    return texts;
}
} // namespace ringpost::pbx::asterisk
