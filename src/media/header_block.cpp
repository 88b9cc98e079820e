// SPDX-License-Identifier: Apache-2.0
#include "media/header_block.h"

#include "media/ascii.h"

#include <fmt/format.h>

namespace ringpost::media
{
namespace
{
constexpr auto npos = std::string_view::npos;

std::size_t line_end_after(std::string_view octets, std::size_t from)
{
    const auto end = octets.find('\n', from);
    return end == npos ? octets.size() : end + 1;
}

/// RFC 5322 2.2: printable US-ASCII without colon. Returns the length of the name, 0 where the line is no field.
std::size_t name_length(std::string_view line)
{
    std::size_t length = 0;
    while (length < line.size() && line[length] > 32 && line[length] < 127 && line[length] != ':')
    {
        ++length;
    }
    const auto colon = line.find_first_not_of(" \t", length);
    return colon != npos && line[colon] == ':' ? length : 0;
}

std::string_view without_line_end(std::string_view text)
{
    if (!text.empty() && text.back() == '\n')
    {
        text.remove_suffix(1);
        if (!text.empty() && text.back() == '\r')
        {
            text.remove_suffix(1);
        }
    }
    return text;
}

Failure too_large(const char* key, std::size_t limit, const char* what)
{
    return fail(Errc::too_large, key, fmt::format("{} (limit {})", what, limit));
}
} // namespace

HeaderBlock HeaderBlock::read(std::string_view octets, const ScanLimits& limits)
{
    HeaderBlock block;
    std::size_t at = 0;
    // Looking for line ends stops at the limit, so that a header line of many megabytes costs nothing.
    const auto window = octets.substr(0, limits.headers + 1);
    while (at < octets.size())
    {
        std::size_t end = line_end_after(window, at);
        const auto first_line = window.substr(at, end - at);
        if (first_line == "\r\n" || first_line == "\n")
        {
            block.body_offset_ = end;
            return block;
        }
        const std::size_t name = name_length(first_line);
        if (name == 0)
        {
            return block;
        }
        while (end < window.size() && is_blank(window[end]))
        {
            end = line_end_after(window, end);
        }
        if (end > limits.headers)
        {
            const bool line = end - at > limits.header_line;
            block.limit_met_ = line ? too_large("scan.header_line", limits.header_line, "a header field is too long")
                                    : fail(Errc::too_large, "scan.headers", "the headers of the mail are too long");
            return block;
        }
        if (end - at > limits.header_line)
        {
            block.limit_met_ = too_large("scan.header_line", limits.header_line, "a header field is too long");
            return block;
        }
        if (block.fields_.size() == limits.fields)
        {
            block.limit_met_ = too_large("scan.fields", limits.fields, "a header has too many fields");
            return block;
        }
        const auto field = octets.substr(at, end - at);
        const auto colon = field.find(':');
        block.fields_.push_back({field.substr(0, name), without_line_end(field.substr(colon + 1)), at, end - at});
        at = block.length_ = block.body_offset_ = end;
    }
    return block;
}

const Field* HeaderBlock::find(std::string_view name) const
{
    for (const Field& field : fields_)
    {
        if (iequals(field.name, name))
        {
            return &field;
        }
    }
    return nullptr;
}

std::vector<const Field*> HeaderBlock::all(std::string_view name) const
{
    std::vector<const Field*> found;
    for (const Field& field : fields_)
    {
        if (iequals(field.name, name))
        {
            found.push_back(&field);
        }
    }
    return found;
}

std::string HeaderBlock::value(std::string_view name) const
{
    const Field* field = find(name);
    return field == nullptr ? std::string{} : unfolded(field->value);
}

void HeaderBlock::cut_at(std::size_t offset)
{
    while (!fields_.empty() && fields_.back().offset >= offset)
    {
        fields_.pop_back();
    }
    length_ = body_offset_ = offset;
    limit_met_.reset();
}

Result<HeaderBlock> read_header_block(std::string_view octets, const ScanLimits& limits)
{
    HeaderBlock block = HeaderBlock::read(octets, limits);
    if (block.limit_met())
    {
        return *block.limit_met();
    }
    return block;
}

std::string unfolded(std::string_view raw_value)
{
    std::string out;
    out.reserve(raw_value.size());
    for (const char c : trimmed(raw_value))
    {
        // A bare CR or LF goes too: the value must never be able to end a line where it is written again.
        if (c != '\r' && c != '\n')
        {
            out.push_back(c);
        }
    }
    return out;
}
} // namespace ringpost::media
