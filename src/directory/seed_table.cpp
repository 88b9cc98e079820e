// SPDX-License-Identifier: Apache-2.0
#include "directory/seed_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringpost::directory
{
std::string place(const std::string& file, const toml::source_region& source)
{
    return fmt::format("{}:{}", file, source.begin.line);
}

std::string shown(std::string_view name)
{
    std::string text(name.substr(0, 64));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
    return text;
}

SeedTable::SeedTable(const toml::table& table, std::string name, std::string file)
    : table_(table), name_(std::move(name)), file_(std::move(file))
{}

const toml::node* SeedTable::find(std::string_view key)
{
    known_.emplace(key);
    return table_.get(key);
}

void SeedTable::problem(std::string_view key, const std::string& text)
{
    if (!problem_)
    {
        const auto* node = table_.get(key);
        problem_ = fail(Errc::malformed, place(file_, node == nullptr ? table_.source() : node->source()),
                        fmt::format("{}.{}: {}", name_, shown(key), text));
    }
}

std::string SeedTable::text(std::string_view key, std::string_view otherwise)
{
    const auto* node = find(key);
    if (node == nullptr)
    {
        return std::string(otherwise);
    }
    const auto value = node->value_exact<std::string>();
    if (!value)
    {
        problem(key, "must be a text in quotes");
    }
    return value.value_or("");
}

std::string SeedTable::required_text(std::string_view key)
{
    std::string value = text(key);
    if (value.empty())
    {
        problem(key, "is missing");
    }
    return value;
}

std::vector<std::string> SeedTable::texts(std::string_view key)
{
    std::vector<std::string> values;
    const auto* node = find(key);
    if (node == nullptr)
    {
        return values;
    }
    if (!node->is_array())
    {
        problem(key, "must be a list of texts in [ ]");
        return values;
    }
    for (const auto& element : *node->as_array())
    {
        auto value = element.value_exact<std::string>();
        if (!value)
        {
            problem(key, "must be a list of texts in [ ]");
            return values;
        }
        values.push_back(std::move(*value));
    }
    return values;
}

bool SeedTable::boolean(std::string_view key, bool otherwise)
{
    const auto* node = find(key);
    const auto value = node == nullptr ? std::optional(otherwise) : node->value_exact<bool>();
    if (!value)
    {
        problem(key, "must be true or false");
    }
    return value.value_or(otherwise);
}

std::int64_t SeedTable::integer(std::string_view key, std::int64_t otherwise)
{
    const auto* node = find(key);
    const auto value = node == nullptr ? std::optional(otherwise) : node->value_exact<std::int64_t>();
    if (!value)
    {
        problem(key, "must be a whole number");
    }
    return value.value_or(otherwise);
}

Result<> SeedTable::finish()
{
    for (const auto& [key, node] : table_)
    {
        if (!known_.contains(key.str()))
        {
            problem(key.str(), "is not a key of this table");
        }
    }
    if (problem_)
    {
        return *problem_;
    }
    return {};
}
} // namespace ringpost::directory
