// SPDX-License-Identifier: Apache-2.0
#include "media/exchange_information.h"

#include "media/ascii.h"
#include "media/charset.h"

#include <fmt/format.h>

#include <array>
#include <map>

namespace ringpost::media
{
namespace
{
constexpr std::size_t longest_number = 64;
constexpr std::size_t longest_name = 256;
constexpr std::size_t longest_reference = 255;
constexpr std::size_t most_transfer_numbers = 20;
constexpr Duration longest_duration = 24h * 30;

Failure bad(std::string text)
{
    return fail(Errc::malformed, {}, std::move(text));
}

/// What a hostile value may show of itself in an answer: short, printable.
std::string shown(std::string_view value)
{
    constexpr std::size_t longest = 60;
    std::string out;
    for (const char c : value.substr(0, longest))
    {
        out.push_back(c < 32 || c == 127 ? '?' : c);
    }
    return "\"" + out + (value.size() > longest ? "…\"" : "\"");
}

template <class Enum>
Result<Enum> read_word(std::string_view value)
{
    if (const auto found = from_word<Enum>(value))
    {
        return *found;
    }
    std::string expected;
    for (const auto& entry : Spelling<Enum>::words)
    {
        expected += fmt::format("{}{}", expected.empty() ? "" : ", ", entry.second);
    }
    return bad(fmt::format("{} is none of {}", shown(value), expected));
}

Result<bool> read_yes_no(std::string_view value)
{
    if (iequals(value, "yes") || iequals(value, "no"))
    {
        return iequals(value, "yes");
    }
    return bad(fmt::format("{} is neither yes nor no", shown(value)));
}

Result<std::string> read_number(std::string_view value)
{
    bool digit = false;
    for (const char c : value)
    {
        digit = digit || is_digit(c);
        if (!is_digit(c) && std::string_view("+-(). \t").find(c) == std::string_view::npos)
        {
            return bad(fmt::format("{} is not a number: it has digits and + - ( ) . and blanks only", shown(value)));
        }
    }
    if (!digit || value.size() > longest_number)
    {
        return bad(digit ? fmt::format("a number has at most {} octets", longest_number)
                         : std::string("a number needs at least one digit"));
    }
    return std::string(value);
}

Result<Duration> read_duration(std::string_view value)
{
    auto duration = parse_duration(value);
    if (!duration)
    {
        return bad(fmt::format("{} is not a duration like 90s, 5m or 1h30m", shown(value)));
    }
    if (*duration < 1s || *duration > longest_duration)
    {
        return bad("a duration is 1s to 30d");
    }
    return *duration;
}

Result<Retry> read_retry(std::string_view value)
{
    if (iequals(value, "on-release"))
    {
        return Retry{};
    }
    if (!istarts_with(value, "every ") && !istarts_with(value, "every\t"))
    {
        return bad(fmt::format("{} is neither on-release nor every <duration>", shown(value)));
    }
    auto every = read_duration(trimmed(value.substr(6)));
    if (!every)
    {
        return every.error();
    }
    if (*every < 5s)
    {
        return bad("a retry is at least every 5s");
    }
    return Retry{false, *every};
}

Result<std::string> read_name(std::string_view value)
{
    if (value.empty() || value.size() > longest_name)
    {
        return bad(fmt::format("a name has 1 to {} octets", longest_name));
    }
    for (const char c : value)
    {
        if (is_control(c))
        {
            return bad("a name has no control characters");
        }
    }
    if (!valid_utf8(value))
    {
        return bad("the name is not UTF-8");
    }
    return std::string(value);
}

Result<TransferTo> read_transfer_to(std::string_view value)
{
    if (iequals(value, "ask"))
    {
        return TransferTo{true, {}};
    }
    TransferTo out;
    for (bool more = true; more;)
    {
        const auto comma = value.find(',');
        more = comma != std::string_view::npos;
        auto number = read_number(trimmed(value.substr(0, comma)));
        if (!number)
        {
            return number.error();
        }
        if (out.numbers.size() == most_transfer_numbers)
        {
            return bad(fmt::format("at most {} transfer destinations", most_transfer_numbers));
        }
        out.numbers.push_back(std::move(*number));
        value.remove_prefix(more ? comma + 1 : value.size());
    }
    return out;
}

Result<std::string> read_reference(std::string_view value)
{
    const auto at = value.find('@');
    bool good = at != std::string_view::npos && at > 0 && at + 1 < value.size() && value.size() <= longest_reference;
    for (std::size_t i = 0; good && i < value.size(); ++i)
    {
        const char c = value[i];
        good = i == at || is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '+';
    }
    if (!good)
    {
        return bad(fmt::format("{} is not a request number like 123@office-a.example", shown(value)));
    }
    return std::string(value);
}

template <class T>
Result<> assign(std::optional<T>& field, Result<T> value)
{
    if (!value)
    {
        return value.error();
    }
    if (field)
    {
        return bad("the field is there twice");
    }
    field = std::move(*value);
    return {};
}

struct Row
{
    std::string_view name;
    Result<> (*set)(ExchangeInformation&, std::string_view);
};

using Info = ExchangeInformation;
using View = std::string_view;

constexpr std::array<Row, 14> rows{{
    {"Request", [](Info& i, View v) { return assign(i.request, read_word<RequestKind>(v)); }},
    {"Destination-Number", [](Info& i, View v) { return assign(i.destination_number, read_number(v)); }},
    {"Source-Number", [](Info& i, View v) { return assign(i.source_number, read_number(v)); }},
    {"Network", [](Info& i, View v) { return assign(i.network, read_word<NetworkType>(v)); }},
    {"Trigger", [](Info& i, View v) { return assign(i.trigger, read_word<Trigger>(v)); }},
    {"Result-Notification", [](Info& i, View v) { return assign(i.result_notification, read_yes_no(v)); }},
    {"Monitor-Time", [](Info& i, View v) { return assign(i.monitor_time, read_duration(v)); }},
    {"Retry", [](Info& i, View v) { return assign(i.retry, read_retry(v)); }},
    {"Ring-Time", [](Info& i, View v) { return assign(i.ring_time, read_duration(v)); }},
    {"Call-Order", [](Info& i, View v) { return assign(i.call_order, read_word<CallOrder>(v)); }},
    {"First-Attempt", [](Info& i, View v) { return assign(i.first_attempt, read_yes_no(v)); }},
    {"Name", [](Info& i, View v) { return assign(i.name, read_name(v)); }},
    {"Transfer-To", [](Info& i, View v) { return assign(i.transfer_to, read_transfer_to(v)); }},
    {"Reference", [](Info& i, View v) { return assign(i.reference, read_reference(v)); }},
}};

const Row* row_of(std::string_view name)
{
    for (const Row& row : rows)
    {
        if (iequals(row.name, name))
        {
            return &row;
        }
    }
    return nullptr;
}

bool field_name(std::string_view name)
{
    for (const char c : name)
    {
        if (c <= 32 || c >= 127 || c == ':')
        {
            return false;
        }
    }
    return !name.empty();
}

Failure at_line(std::size_t line, const Failure& failure)
{
    const std::string comma = failure.where().empty() ? "" : ", " + failure.where();
    return fail(failure.code(), fmt::format("line {}{}", line, comma), failure.text());
}

Result<> read_line(ExchangeInformation& info, std::string_view line, std::string& name)
{
    if (!valid_utf8(line))
    {
        return bad("the line is not UTF-8");
    }
    if (is_blank(line.front()))
    {
        return bad("a field has one line; this one begins with a blank");
    }
    const auto colon = line.find(':');
    const auto written = trimmed(line.substr(0, colon));
    if (colon == std::string_view::npos || !field_name(written))
    {
        return bad(fmt::format("{} does not have the form Field: value", shown(line)));
    }
    name = lowered(written);
    return set_field(info, written, line.substr(colon + 1));
}
} // namespace

bool known_field(std::string_view name)
{
    return row_of(name) != nullptr;
}

Result<> set_field(ExchangeInformation& info, std::string_view name, std::string_view value)
{
    if (istarts_with(name, "X-"))
    {
        return {};
    }
    const Row* row = row_of(name);
    if (row == nullptr)
    {
        const std::string_view start = name.substr(0, 60);
        return fail(Errc::malformed, repaired_utf8(start), "no such field in an exchange information");
    }
    const auto set = row->set(info, trimmed(value));
    return set ? Result<>{} : fail(set.error().code(), std::string(row->name), set.error().text());
}

Result<> check_fields(const ExchangeInformation& info)
{
    const auto request = info.request.value_or(RequestKind::camp_on);
    const bool transfer = request == RequestKind::transfer_entry || request == RequestKind::transfer_release;
    if (transfer && info.destination_number)
    {
        return fail(Errc::malformed, "Destination-Number", "a transfer has no destination number, but Transfer-To");
    }
    if (request == RequestKind::transfer_entry && !info.transfer_to)
    {
        return fail(Errc::malformed, "Transfer-To", "a transfer entry needs this field");
    }
    if (request == RequestKind::cancel && !info.reference)
    {
        return fail(Errc::malformed, "Reference", "a cancel request needs this field");
    }
    return {};
}

Result<ExchangeInformation> parse_exchange_information(std::string_view utf8_text, std::size_t first_line)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    utf8_text.remove_prefix(utf8_text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    ExchangeInformation info;
    std::map<std::string, std::size_t> lines; // bounded by the known fields and what set_field ignores
    for (std::size_t number = first_line; !utf8_text.empty(); ++number)
    {
        const auto line = take_line(utf8_text);
        if (trimmed(line).empty())
        {
            continue;
        }
        std::string name;
        if (const auto read = read_line(info, line, name); !read)
        {
            return at_line(number, read.error());
        }
        lines.try_emplace(std::move(name), number);
    }
    if (const auto checked = check_fields(info); !checked)
    {
        const auto line = lines.find(lowered(checked.error().where()));
        return line == lines.end() ? checked.error() : at_line(line->second, checked.error());
    }
    return info;
}

std::string format_exchange_information(const ExchangeInformation& info)
{
    std::string out;
    const auto add = [&out](std::string_view name, std::string_view value) {
        out += fmt::format("{}: {}\r\n", name, value);
    };
    const auto add_word = [&](std::string_view name, const auto& field) {
        if (field)
        {
            add(name, word(*field));
        }
    };
    const auto add_text = [&](std::string_view name, const std::optional<std::string>& field) {
        if (field)
        {
            add(name, *field);
        }
    };
    const auto add_yes_no = [&](std::string_view name, std::optional<bool> field) {
        if (field)
        {
            add(name, *field ? "yes" : "no");
        }
    };
    const auto add_duration = [&](std::string_view name, std::optional<Duration> field) {
        if (field)
        {
            add(name, format_duration(*field));
        }
    };
    add_word("Request", info.request);
    add_text("Destination-Number", info.destination_number);
    add_text("Source-Number", info.source_number);
    add_word("Network", info.network);
    add_word("Trigger", info.trigger);
    add_yes_no("Result-Notification", info.result_notification);
    add_duration("Monitor-Time", info.monitor_time);
    if (info.retry)
    {
        add("Retry", info.retry->on_release ? "on-release" : "every " + format_duration(info.retry->every));
    }
    add_duration("Ring-Time", info.ring_time);
    add_word("Call-Order", info.call_order);
    add_yes_no("First-Attempt", info.first_attempt);
    add_text("Name", info.name);
    if (info.transfer_to)
    {
        add("Transfer-To",
            info.transfer_to->ask ? "ask" : fmt::format("{}", fmt::join(info.transfer_to->numbers, ", ")));
    }
    add_text("Reference", info.reference);
    return out;
}
} // namespace ringpost::media
