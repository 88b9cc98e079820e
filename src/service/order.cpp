// SPDX-License-Identifier: Apache-2.0
#include "service/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace ringpost::service
{
namespace
{
constexpr std::size_t max_octets = 8 * 1024;
constexpr std::size_t max_parameters = 64;

using Parameters = std::map<std::string, std::string, std::less<>>;

bool token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
           c == '.' || c == '@' || c == '_' || c == ':';
}

std::string quoted(std::string_view text)
{
    if (!text.empty() && std::all_of(text.begin(), text.end(), token_char))
    {
        return std::string(text);
    }
    std::string out = "\"";
    for (const char c : text)
    {
        const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out + "\"";
}

void put(std::string& out, std::string_view name, std::string_view value)
{
    // Folded at each parameter, so that no line grows beyond what RFC 5322 2.1.1 allows.
    out += fmt::format("{}{}={}", out.empty() ? "" : ";\r\n ", name, quoted(value));
}

void put_if(std::string& out, std::string_view name, std::string_view value)
{
    if (!value.empty())
    {
        put(out, name, value);
    }
}

Failure bad(std::string_view name, std::string text)
{
    return {Errc::malformed, fmt::format("Ringpost-Exchange, {}", name), std::move(text)};
}

int hex(char c)
{
    if (c >= '0' && c <= '9')
    {
        return c - '0';
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Reads `"…"` or a token at `at` and moves it on.
Result<std::string> read_value(std::string_view text, std::size_t& at, std::string_view name)
{
    std::string value;
    if (at >= text.size() || text[at] != '"')
    {
        while (at < text.size() && token_char(text[at]))
        {
            value += text[at++];
        }
        return value;
    }
    for (++at; at < text.size() && text[at] != '"'; ++at)
    {
        if (text[at] != '%')
        {
            value += text[at];
            continue;
        }
        const int high = at + 2 < text.size() ? hex(text[at + 1]) : -1;
        const int low = high < 0 ? -1 : hex(text[at + 2]);
        if (low < 0)
        {
            return bad(name, "a % must be followed by two hexadecimal digits");
        }
        value += static_cast<char>(high * 16 + low);
        at += 2;
    }
    if (at >= text.size())
    {
        return bad(name, "the quoted value does not end");
    }
    ++at;
    return value;
}

void skip_blanks(std::string_view text, std::size_t& at)
{
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
    {
        ++at;
    }
}

Result<Parameters> read_parameters(std::string_view text)
{
    if (text.size() > max_octets)
    {
        return fail(Errc::too_large, "Ringpost-Exchange", "longer than 8 KiB");
    }
    Parameters parameters;
    std::size_t at = 0;
    skip_blanks(text, at);
    while (at < text.size())
    {
        const std::size_t equals = text.find('=', at);
        if (equals == std::string_view::npos || parameters.size() == max_parameters)
        {
            return bad(text.substr(at, 20), "name=value is expected");
        }
        const std::string name(text.substr(at, equals - at));
        at = equals + 1;
        auto value = read_value(text, at, name);
        if (value.has_error())
        {
            return value.error();
        }
        if (!parameters.emplace(name, std::move(*value)).second)
        {
            return bad(name, "given twice");
        }
        skip_blanks(text, at);
        if (at < text.size() && text[at] != ';')
        {
            return bad(name, "`;` is expected behind the value");
        }
        ++at;
        skip_blanks(text, at);
    }
    return parameters;
}

/// Takes typed values out of the parameters and remembers the first that was wrong.
class Reader
{
public:
    explicit Reader(Parameters parameters) : parameters_(std::move(parameters)) {}

    [[nodiscard]] bool has(std::string_view name) const { return parameters_.contains(name); }

    [[nodiscard]] std::string text(std::string_view name) const
    {
        const auto found = parameters_.find(name);
        return found == parameters_.end() ? std::string{} : found->second;
    }

    template <class Enum>
    void word(std::string_view name, Enum& target)
    {
        if (has(name))
        {
            const auto value = from_word<Enum>(text(name));
            value ? static_cast<void>(target = *value) : wrong(name, "is not known");
        }
    }

    template <class Enum>
    void word(std::string_view name, std::optional<Enum>& target)
    {
        Enum value{};
        word(name, value);
        if (has(name))
        {
            target = value;
        }
    }

    void flag(std::string_view name, bool& target)
    {
        if (has(name))
        {
            const std::string value = text(name);
            target = value == "yes";
            if (value != "yes" && value != "no")
            {
                wrong(name, "must be yes or no");
            }
        }
    }

    void duration(std::string_view name, std::optional<Duration>& target)
    {
        if (has(name))
        {
            const auto value = parse_duration(text(name));
            if (value.has_error())
            {
                wrong(name, value.error().text());
                return;
            }
            target = *value;
        }
    }

    void number(std::string_view name, int& target)
    {
        const std::string value = text(name);
        const auto end = std::from_chars(value.data(), value.data() + value.size(), target);
        if (has(name) && (end.ec != std::errc{} || end.ptr != value.data() + value.size() || target < 0))
        {
            wrong(name, "must be a number");
        }
    }

    void wrong(std::string_view name, std::string why)
    {
        if (!failure_)
        {
            failure_ = bad(name, std::move(why));
        }
    }

    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

private:
    Parameters parameters_;
    std::optional<Failure> failure_;
};

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    while (!text.empty())
    {
        const std::size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return parts;
}

Order read_order(Reader& reader)
{
    Order order;
    reader.word("kind", order.kind);
    order.destination_number = reader.text("destination");
    order.source_number = reader.text("source");
    reader.word("network", order.network);
    reader.word("trigger", order.trigger);
    reader.flag("result-notification", order.result_notification);
    reader.duration("monitor-time", order.monitor_time);
    reader.duration("retry-every", order.retry_every);
    reader.duration("ring-time", order.ring_time);
    reader.word("call-order", order.call_order);
    reader.flag("first-attempt", order.first_attempt);
    order.name = reader.text("name");
    order.transfer_to = split(reader.text("transfer-to"), ',');
    order.reference = reader.text("reference");
    reader.flag("express", order.express);
    reader.flag("notify-completed", order.notify_completed);
    if (reader.has("language"))
    {
        order.language = reader.text("language");
    }
    return order;
}

void write_order(std::string& out, const Order& order)
{
    put(out, "kind", word(order.kind));
    put_if(out, "destination", order.destination_number);
    put_if(out, "source", order.source_number);
    put_if(out, "network", order.network ? word(*order.network) : std::string_view{});
    put(out, "trigger", word(order.trigger));
    put(out, "result-notification", order.result_notification ? "yes" : "no");
    put_if(out, "monitor-time", order.monitor_time ? format_duration(*order.monitor_time) : "");
    put_if(out, "retry-every", order.retry_every ? format_duration(*order.retry_every) : "");
    put_if(out, "ring-time", order.ring_time ? format_duration(*order.ring_time) : "");
    put(out, "call-order", word(order.call_order));
    put_if(out, "first-attempt", order.first_attempt ? "" : "no");
    put_if(out, "name", order.name);
    put_if(out, "transfer-to", fmt::format("{}", fmt::join(order.transfer_to, ",")));
    put_if(out, "reference", order.reference);
    put_if(out, "express", order.express ? "yes" : "");
    put_if(out, "notify-completed", order.notify_completed ? "" : "no");
    put(out, "language", order.language);
}
} // namespace

std::string format(const ExchangeField& field)
{
    std::string out;
    put(out, "id", field.id);
    if (field.order)
    {
        write_order(out, *field.order);
    }
    put_if(out, "request", field.request);
    if (field.state)
    {
        put(out, "state", word(*field.state));
        put_if(out, "cause", word(field.cause));
        put(out, "attempts", std::to_string(field.attempts));
    }
    if (field.reply)
    {
        put(out, "inquiry", field.reply->request);
        put(out, "step", std::to_string(field.reply->step));
        put(out, "answer", field.reply->ok ? "ok" : "ng");
    }
    return out;
}

Result<ExchangeField> parse_exchange_field(std::string_view value)
{
    auto parameters = read_parameters(value);
    if (parameters.has_error())
    {
        return parameters.error();
    }
    Reader reader(std::move(*parameters));
    ExchangeField field;
    field.id = reader.text("id");
    if (field.id.empty())
    {
        reader.wrong("id", "is missing");
    }
    if (reader.has("kind"))
    {
        field.order = read_order(reader);
    }
    field.request = reader.text("request");
    reader.word("state", field.state);
    reader.word("cause", field.cause);
    reader.number("attempts", field.attempts);
    if (reader.has("inquiry"))
    {
        const std::string answer = reader.text("answer");
        field.reply = InquiryReply{reader.text("inquiry"), 0, answer == "ok"};
        reader.number("step", field.reply->step);
        if (answer != "ok" && answer != "ng")
        {
            reader.wrong("answer", "must be ok or ng");
        }
    }
    if (reader.failure())
    {
        return *reader.failure();
    }
    return field;
}
} // namespace ringpost::service
