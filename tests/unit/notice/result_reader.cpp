// SPDX-License-Identifier: Apache-2.0
#include "result_reader.h"

#include "notice/result_notice.h"
#include "notice/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace ringpost::notice
{
namespace
{
constexpr std::size_t field_limit = 100;
constexpr std::size_t header_limit = 256 * 1024;

using Fields = std::map<std::string, std::string>;

std::string_view without_blanks_around(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

Result<Fields> read_block(std::string_view text)
{
    Fields fields;
    for (std::size_t line_number = 1; !text.empty(); ++line_number)
    {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r'))
        {
            line.remove_suffix(1);
        }
        if (without_blanks_around(line).empty())
        {
            break;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || line_number > field_limit)
        {
            return fail(Errc::malformed, fmt::format("line {}", line_number), "a field `Name: value` is expected");
        }
        fields.emplace(lower(without_blanks_around(line.substr(0, colon))), clean_ascii(line.substr(colon + 1)));
    }
    return fields;
}

std::string take(const Fields& fields, const std::string& name)
{
    const auto found = fields.find(name);
    return found == fields.end() ? std::string{} : found->second;
}

template <class T>
std::optional<T> known(const Result<T>& value)
{
    return value ? std::optional<T>(*value) : std::nullopt;
}

int read_attempts(const std::string& text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number > 0 ? number : 0;
}

ResultFields to_result(const Fields& fields)
{
    ResultFields result;
    result.request_number = take(fields, "request-number");
    result.kind = from_word<RequestKind>(take(fields, "request"));
    result.destination_number = take(fields, "destination-number");
    result.source_number = take(fields, "source-number");
    result.attempts = read_attempts(take(fields, "attempts"));
    result.started = known(parse_rfc3339(take(fields, "started")));
    result.ended = known(parse_rfc3339(take(fields, "ended")));
    result.trigger = from_word<Trigger>(take(fields, "trigger"));
    result.monitor_time = known(parse_duration(take(fields, "monitor-time")));
    result.monitor_end = known(parse_rfc3339(take(fields, "monitor-end")));
    return result;
}

/// The text between `before` and `after`; nullopt where either is missing.
std::optional<std::string_view> between(std::string_view text, std::string_view before, std::string_view after)
{
    const auto begin = text.find(before);
    if (begin == std::string_view::npos)
    {
        return std::nullopt;
    }
    const auto rest = text.substr(begin + before.size());
    const auto end = rest.find(after);
    return end == std::string_view::npos ? std::nullopt : std::optional(rest.substr(0, end));
}

bool is_our_boundary(std::string_view boundary)
{
    static constexpr std::string_view beginning = "=_ringpost_";
    return boundary.size() == beginning.size() + 16 && boundary.starts_with(beginning) &&
           boundary.substr(beginning.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
} // namespace

Result<ResultFields> read_result(std::string_view text)
{
    if (text.size() > result_part_limit)
    {
        return fail(Errc::too_large, {}, "the result part is too large");
    }
    const auto fields = read_block(text);
    if (!fields)
    {
        return fields.error();
    }
    auto result = to_result(*fields);
    if (result.request_number.empty())
    {
        return fail(Errc::malformed, "Request-Number", "the field is missing");
    }
    const auto ending = lower(take(*fields, "result"));
    if (fields->contains("result"))
    {
        if (ending != "success" && ending != "failure")
        {
            return fail(Errc::malformed, "Result", "success or failure is expected");
        }
        result.success = ending == "success";
    }
    if (result.success == false)
    {
        const auto cause = from_word<Cause>(take(*fields, "cause")).value_or(Cause::none);
        result.cause = cause == Cause::none ? Cause::error : cause;
    }
    return result;
}

std::optional<std::string> extract_result_part(std::string_view mail)
{
    const auto header_end = mail.substr(0, header_limit).find("\r\n\r\n");
    if (header_end == std::string_view::npos)
    {
        return std::nullopt;
    }
    const auto header = mail.substr(0, header_end + 2);
    const auto boundary = between(
        header, "\r\nContent-Type: multipart/report; report-type=\"vnd.ringpost.result\";\r\n boundary=\"", "\"\r\n");
    if (!boundary || !is_our_boundary(*boundary))
    {
        return std::nullopt;
    }
    // The human part stands in front; its encoding keeps the boundary out of it, so the first match is the part.
    const auto part = between(mail.substr(header_end + 2),
                              fmt::format("\r\n--{}\r\nContent-Type: {}\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
                                          *boundary, result_media_type),
                              fmt::format("\r\n--{}", *boundary));
    if (!part || part->size() > result_part_limit)
    {
        return std::nullopt;
    }
    return std::string(*part);
}
} // namespace ringpost::notice
