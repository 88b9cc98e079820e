// SPDX-License-Identifier: Apache-2.0
// parameters() of header_block.h: RFC 2045 5.1 parameters with the continuations and charsets of RFC 2231.
#include "media/ascii.h"
#include "media/charset.h"
#include "media/header_block.h"

#include <map>
#include <optional>

namespace ringpost::media
{
namespace
{
/// Reads a structured value: tokens up to a delimiter, comments left out.
class Scanner
{
public:
    explicit Scanner(std::string_view text) : text_(text) {}
    [[nodiscard]] bool done() const { return at_ >= text_.size(); }

    /// Everything up to (and without) one of `stops` outside quotes and comments, quotes removed, ends trimmed.
    std::string take_until(std::string_view stops)
    {
        std::string out;
        std::size_t keep = 0; // blanks after this length are outside quotes and may go at the end
        while (!done() && stops.find(text_[at_]) == std::string_view::npos)
        {
            if (text_[at_] == '(')
            {
                skip_comment();
            }
            else if (text_[at_] == '"')
            {
                take_quoted(out);
                keep = out.size();
            }
            else
            {
                const char c = text_[at_++];
                if (c != '\r' && c != '\n' && !(out.empty() && is_blank(c)))
                {
                    out.push_back(c);
                }
            }
        }
        while (out.size() > keep && is_blank(out.back()))
        {
            out.pop_back();
        }
        return out;
    }

    [[nodiscard]] bool take(char c)
    {
        if (!done() && text_[at_] == c)
        {
            ++at_;
            return true;
        }
        return false;
    }

private:
    // A counter, not recursion: comments nest (RFC 5322 3.2.2).
    void skip_comment()
    {
        std::size_t open = 0;
        do
        {
            const char c = text_[at_++];
            if (c == '\\' && !done())
            {
                ++at_;
            }
            else if (c == '(')
            {
                ++open;
            }
            else if (c == ')')
            {
                --open;
            }
        } while (open > 0 && !done());
    }

    void take_quoted(std::string& out)
    {
        ++at_;
        while (!done() && text_[at_] != '"')
        {
            if (text_[at_] == '\\' && at_ + 1 < text_.size())
            {
                ++at_;
            }
            const char c = text_[at_++];
            if (c != '\r' && c != '\n')
            {
                out.push_back(c);
            }
        }
        if (!done())
        {
            ++at_;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0)
        {
            out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
            i += 2;
        }
        else
        {
            out.push_back(text[i]);
        }
    }
    return out;
}

struct Section
{
    std::string octets;
    bool extended = false;
};

/// One parameter name: its plain form, its RFC 2231 form in sections.
struct Forms
{
    std::optional<std::string> plain;
    std::map<int, Section> sections;
};

/// `name*3*` → {name, 3, extended}; `name*` is section 0. nullopt: the number cannot be read.
struct SectionName
{
    std::string base;
    int number = 0;
    bool extended = false;
};

std::optional<SectionName> section_name(std::string_view name)
{
    const auto star = name.find('*');
    SectionName out{std::string(name.substr(0, star)), 0, false};
    auto rest = name.substr(star + 1);
    if (rest.empty())
    {
        out.extended = true;
        return out;
    }
    if (rest.back() == '*')
    {
        out.extended = true;
        rest.remove_suffix(1);
    }
    if (rest.empty() || rest.size() > 4)
    {
        return std::nullopt;
    }
    for (const char c : rest)
    {
        if (!is_digit(c))
        {
            return std::nullopt;
        }
        out.number = out.number * 10 + (c - '0');
    }
    return out;
}

/// RFC 2231 4.1: the sections from 0 on without a gap, joined before the charset is applied (a character may be cut).
std::optional<std::string> joined(const std::map<int, Section>& sections)
{
    std::string octets;
    std::string charset;
    bool extended = false;
    int expected = 0;
    for (const auto& [number, section] : sections)
    {
        if (number != expected++)
        {
            break;
        }
        std::string_view text = section.octets;
        if (number == 0 && section.extended)
        {
            const auto first = text.find('\'');
            const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
            if (second != std::string_view::npos)
            {
                charset = text.substr(0, first);
                text.remove_prefix(second + 1);
            }
            extended = true;
        }
        octets += section.extended ? percent_decoded(text) : std::string(text);
    }
    if (sections.empty() || sections.begin()->first != 0)
    {
        return std::nullopt;
    }
    return extended ? to_utf8(charset, octets) : octets;
}

void add(std::map<std::string, Forms, std::less<>>& forms, std::vector<std::string>& order, std::string_view name,
         std::string value)
{
    const bool plain = name.find('*') == std::string_view::npos;
    const auto section = plain ? SectionName{std::string(name), 0, false} : section_name(name);
    if (!section || section->base.empty())
    {
        return;
    }
    auto [entry, fresh] = forms.try_emplace(section->base);
    if (fresh)
    {
        order.push_back(section->base);
    }
    if (!plain)
    {
        entry->second.sections.try_emplace(section->number, Section{std::move(value), section->extended});
    }
    else if (!entry->second.plain)
    {
        entry->second.plain = std::move(value);
    }
}
} // namespace

const std::string* Parameters::find(std::string_view lower_case_name) const
{
    for (const auto& item : items)
    {
        if (item.first == lower_case_name)
        {
            return &item.second;
        }
    }
    return nullptr;
}

Parameters parameters(std::string_view raw_value)
{
    Scanner scanner(raw_value);
    Parameters out;
    out.value = scanner.take_until(";");
    std::map<std::string, Forms, std::less<>> forms;
    std::vector<std::string> order;
    while (scanner.take(';'))
    {
        const std::string name = lowered(scanner.take_until("=;"));
        if (scanner.take('='))
        {
            add(forms, order, name, scanner.take_until(";"));
        }
    }
    for (const std::string& name : order)
    {
        const Forms& found = forms.find(name)->second;
        if (auto extended = joined(found.sections))
        {
            out.items.emplace_back(name, std::move(*extended));
        }
        else if (found.plain)
        {
            out.items.emplace_back(name, *found.plain);
        }
    }
    return out;
}
} // namespace ringpost::media
