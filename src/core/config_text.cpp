// SPDX-License-Identifier: Apache-2.0
// The texts about the configuration, made from the table of keys so that they cannot disagree with the parser.
#include "core/config_keys.h"

#include <fmt/format.h>

#include <iterator>

namespace ringpost
{
namespace
{
/// A bar would end the cell of a Markdown table.
std::string cell(std::string text)
{
    for (std::size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2))
    {
        text.insert(at, "\\");
    }
    return text;
}
} // namespace

std::string sample_config()
{
    std::string out = "# Configuration of ringpostd. Every key stands here with its default; remove the '#' before a "
                      "key to change it.\n"
                      "# Durations: \"90s\", \"5m\", \"1h30m\", \"2d\", \"250ms\". Sizes: \"64KiB\", \"50MiB\", "
                      "\"2GiB\", or octets.\n";
    for (const ConfigSection& section : config_sections())
    {
        fmt::format_to(std::back_inserter(out), "\n# {}\n[{}]\n", section.sentence, section.name);
        for (const ConfigKey& key : config_keys())
        {
            if (key.section() == section.name)
            {
                fmt::format_to(std::back_inserter(out), "\n# {} ({})\n#{} = {}\n", key.sentence, describe(key.rule),
                               key.key(), written_value(key, default_config()));
            }
        }
    }
    return out;
}

std::string reference_markdown()
{
    std::string out = "# Configuration\n\n"
                      "A TOML file. Unknown keys are errors. Durations are strings with units (`90s`, `5m`, `1h30m`, "
                      "`2d`, `250ms`), sizes strings\nwith units (`64KiB`, `50MiB`, `2GiB`) or octets. The environment "
                      "is not read.\n";
    for (const ConfigSection& section : config_sections())
    {
        fmt::format_to(std::back_inserter(out),
                       "\n## {}\n\n{}\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n",
                       section.name, section.sentence);
        for (const ConfigKey& key : config_keys())
        {
            if (key.section() == section.name)
            {
                fmt::format_to(std::back_inserter(out), "| `{}` | {} | `{}` | {} |\n", key.name,
                               cell(describe(key.rule)), cell(written_value(key, default_config())),
                               cell(std::string(key.sentence)));
            }
        }
    }
    return out;
}
} // namespace ringpost
