// SPDX-License-Identifier: Apache-2.0
#include "core/config.h"

#include "core/config_keys.h"
#include "core/config_values.h"
#include "core/toml_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost
{
namespace
{
using Kind = ValueRule::Kind;

constexpr std::size_t longest_list = 10000;

/// What is wrong with the value, in words; empty if nothing is.
using Complaint = std::string;

bool accepted(const ValueRule& rule, std::string_view text)
{
    const bool among = rule.words.empty() || std::find(rule.words.begin(), rule.words.end(), text) != rule.words.end();
    return among && (rule.accepts == nullptr || rule.accepts(text));
}

Complaint expected(const ValueRule& rule)
{
    return fmt::format("expected {}", describe(rule));
}

/// Puts a TOML value into the member of its key.
struct Reader
{
    const ValueRule& rule;
    const toml::node& node;

    Complaint operator()(std::string* slot) const
    {
        const auto* text = node.as_string();
        if (text == nullptr || !accepted(rule, text->get()))
        {
            return expected(rule);
        }
        *slot = text->get();
        return {};
    }

    Complaint operator()(std::vector<std::string>* slot) const
    {
        const auto* array = node.as_array();
        if (array == nullptr || array->size() > longest_list)
        {
            return expected(rule);
        }
        slot->clear();
        for (const auto& element : *array)
        {
            const auto* text = element.as_string();
            if (text == nullptr || !accepted(rule, text->get()))
            {
                return expected(rule);
            }
            slot->push_back(text->get());
        }
        return {};
    }

    Complaint operator()(bool* slot) const
    {
        const auto* truth = node.as_boolean();
        if (truth == nullptr)
        {
            return expected(rule);
        }
        *slot = truth->get();
        return {};
    }

    Complaint operator()(std::size_t* slot) const
    {
        std::int64_t number = -1;
        if (const auto* integer = node.as_integer())
        {
            number = integer->get();
        }
        else if (const auto* text = node.as_string(); text != nullptr && rule.kind == Kind::size)
        {
            const auto size = parse_size(text->get());
            if (!size)
            {
                return size.error().text();
            }
            number = static_cast<std::int64_t>(*size);
        }
        if (number < 0 || number < rule.least || number > rule.most)
        {
            return expected(rule);
        }
        *slot = static_cast<std::size_t>(number);
        return {};
    }

    Complaint operator()(Duration* slot) const
    {
        const auto* text = node.as_string();
        if (text == nullptr)
        {
            return fmt::format("{}, in quotes with its unit, like \"5m\"", expected(rule));
        }
        const auto duration = parse_duration(text->get(), Smallest::milliseconds);
        if (!duration)
        {
            return duration.error().text();
        }
        if (duration->count() < rule.least || duration->count() > rule.most)
        {
            return expected(rule);
        }
        *slot = *duration;
        return {};
    }
};

Failure at_line(const std::string& file, const toml::source_region& source, std::string text)
{
    return fail(Errc::malformed, fmt::format("{}:{}", file, source.begin.line), std::move(text));
}

/// A name from the file, fit to be shown: a key may be any string in quotes.
std::string shown(std::string_view name)
{
    std::string text(name.substr(0, 64));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
    return text;
}

Result<> read_section(Config& config, const ConfigSection& section, const toml::table& table, const std::string& file)
{
    const auto keys = config_keys();
    for (const auto& [name, node] : table)
    {
        const auto known = std::find_if(keys.begin(), keys.end(), [&, &wanted = name](const ConfigKey& key) {
            return key.section() == section.name && key.key() == wanted.str();
        });
        if (known == keys.end())
        {
            return at_line(file, name.source(),
                           fmt::format("{}.{} is not a configuration key", section.name, shown(name.str())));
        }
        const Complaint complaint = std::visit(Reader{known->rule, node}, known->slot(config));
        if (!complaint.empty())
        {
            return at_line(file, name.source(), fmt::format("{}: {}", known->name, complaint));
        }
    }
    return {};
}

Result<> read_sections(Config& config, const toml::table& root, const std::string& file)
{
    const auto sections = config_sections();
    for (const auto& [name, node] : root)
    {
        const auto known = std::find_if(sections.begin(), sections.end(), [&wanted = name](const ConfigSection& each) {
            return each.name == wanted.str();
        });
        if (known == sections.end() || !node.is_table())
        {
            return at_line(file, name.source(), fmt::format("{} is not a configuration section", shown(name.str())));
        }
        if (const auto read = read_section(config, *known, *node.as_table(), file); !read)
        {
            return read;
        }
    }
    return {};
}

std::filesystem::path in_state_dir(const Config& config, const std::string& chosen, std::string_view otherwise)
{
    return chosen.empty() ? std::filesystem::path(config.gateway.state_dir) / otherwise : std::filesystem::path(chosen);
}
} // namespace

std::filesystem::path Config::control_socket() const
{
    return in_state_dir(*this, control.socket, "control.sock");
}

std::filesystem::path Config::recordings() const
{
    const std::filesystem::path written(exchange.simulated_recordings);
    return written.empty() ? written : std::filesystem::path(gateway.state_dir) / written;
}

std::filesystem::path Config::faxes() const
{
    return std::filesystem::path(gateway.state_dir) / "faxes";
}

std::filesystem::path Config::call_log() const
{
    return in_state_dir(*this, exchange.simulated_call_log, "call.log");
}

Config default_config()
{
    return {};
}

Result<Config> parse_config(std::string_view text, const std::string& name)
{
    const auto root = parse_toml(text, name);
    if (!root)
    {
        return root.error();
    }
    Config config;
    if (const auto read = read_sections(config, *root, name); !read)
    {
        return read.error();
    }
    if (const auto broken = broken_rule(config))
    {
        return fail(broken->code(), name, broken->text());
    }
    return config;
}

Result<Config> load_config(const std::string& path)
{
    const auto text = read_toml_file(path);
    if (!text)
    {
        return text.error();
    }
    return parse_config(*text, path);
}
} // namespace ringpost
