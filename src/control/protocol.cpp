// SPDX-License-Identifier: Apache-2.0
#include "control/protocol.h"

#include <fmt/format.h>

namespace ringpost::control
{
namespace
{
using nlohmann::json;

/// Where the scan before parsing stands: inside a string brackets and commas mean nothing.
struct Scan
{
    std::size_t depth = 0;
    std::size_t values = 0;
    bool in_string = false;
    bool escaped = false;

    void octet_in_string(char c)
    {
        if (escaped)
        {
            escaped = false;
        }
        else if (c == '\\')
        {
            escaped = true;
        }
        else if (c == '"')
        {
            in_string = false;
        }
    }

    void octet(char c)
    {
        if (in_string)
        {
            octet_in_string(c);
        }
        else if (c == '"')
        {
            in_string = true;
        }
        else if (c == '[' || c == '{')
        {
            ++depth;
            ++values;
        }
        else if ((c == ']' || c == '}') && depth > 0)
        {
            --depth;
        }
        else if (c == ',')
        {
            ++values;
        }
    }
};

/// Before the parser builds anything: a megabyte of brackets would become a hundred megabytes of values.
Result<> check_size(std::string_view line, const ProtocolLimits& limits)
{
    if (line.size() > limits.request_line)
    {
        return fail(Errc::too_large, "request", fmt::format("is longer than {} octets", limits.request_line));
    }
    Scan scan;
    for (const char c : line)
    {
        scan.octet(c);
        if (scan.depth > limits.nesting)
        {
            return fail(Errc::too_large, "request", fmt::format("is nested deeper than {} levels", limits.nesting));
        }
        if (scan.values > limits.values)
        {
            return fail(Errc::too_large, "request", fmt::format("holds more than {} values", limits.values));
        }
    }
    return {};
}

std::string dump(const json& value)
{
    // Text from mails may be in any octets; a reply must be UTF-8 all the same.
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string error_line(const Failure& failure)
{
    return dump(
        {{"ok", false},
         {"error", {{"code", to_string(failure.code())}, {"where", failure.where()}, {"text", failure.text()}}}});
}
} // namespace

Result<VerbRequest> parse_request(std::string_view line, const ProtocolLimits& limits)
{
    const auto fits = check_size(line, limits);
    if (!fits)
    {
        return fits.error();
    }
    json request = json::parse(line.begin(), line.end(), nullptr, false);
    if (request.is_discarded() || !request.is_object())
    {
        return fail(Errc::malformed, "request", "is not one JSON object on one line");
    }
    for (const auto& [key, value] : request.items())
    {
        if (key != "verb" && key != "arguments")
        {
            return fail(Errc::malformed, "request", R"(may have the members "verb" and "arguments" only)");
        }
    }
    const auto verb = request.find("verb");
    if (verb == request.end() || !verb->is_string())
    {
        return fail(Errc::malformed, "verb", "must be there and must be a string");
    }
    VerbRequest read{verb->get<std::string>(), json::object()};
    const auto arguments = request.find("arguments");
    if (arguments != request.end() && !arguments->is_null())
    {
        if (!arguments->is_object())
        {
            return fail(Errc::malformed, "arguments", "must be an object");
        }
        read.arguments = std::move(*arguments);
    }
    return read;
}

std::string reply_line(const Result<json>& outcome, const ProtocolLimits& limits)
{
    if (!outcome)
    {
        return error_line(outcome.error());
    }
    std::string line = dump({{"ok", true}, {"result", *outcome}});
    if (line.size() > limits.reply_line)
    {
        return error_line(fail(Errc::too_large, "result", "is too long for one reply; ask for less"));
    }
    return line;
}

std::optional<std::string> event_line(const json& event, const ProtocolLimits& limits)
{
    std::string line = dump({{"event", event}});
    if (line.size() > limits.reply_line)
    {
        return std::nullopt;
    }
    return line;
}

void LineSplitter::append(std::string_view octets)
{
    buffer_.append(octets);
}

std::optional<LineSplitter::Line> LineSplitter::next()
{
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end != std::string::npos)
    {
        return take(end);
    }
    // What was handed out is cut off only here, so that many short lines in one chunk cost linear time.
    buffer_.erase(0, start_);
    start_ = 0;
    scanned_ = buffer_.size();
    if (dropping_ || buffer_.size() > limit_ + 1)
    {
        drop_unfinished();
    }
    return std::nullopt;
}

LineSplitter::Line LineSplitter::take(std::size_t end)
{
    std::string_view text{buffer_.data() + start_, end - start_};
    if (text.ends_with('\r'))
    {
        text.remove_suffix(1);
    }
    Line line;
    line.too_long = dropping_ || text.size() > limit_;
    if (!line.too_long)
    {
        line.text = text;
    }
    dropping_ = false;
    start_ = scanned_ = end + 1;
    return line;
}

void LineSplitter::drop_unfinished()
{
    dropping_ = true;
    buffer_.clear();
    scanned_ = 0;
}
} // namespace ringpost::control
