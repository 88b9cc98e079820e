// SPDX-License-Identifier: Apache-2.0
#include "core/config_values.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace ringpost
{
namespace config_values
{
using Kind = ValueRule::Kind;

ValueRule counts(std::int64_t least, std::int64_t most)
{
    return {.kind = Kind::count, .least = least, .most = most};
}

ValueRule sizes(std::size_t least, std::size_t most)
{
    return {.kind = Kind::size, .least = static_cast<std::int64_t>(least), .most = static_cast<std::int64_t>(most)};
}

ValueRule durations(Duration least, Duration most)
{
    return {.kind = Kind::duration, .least = least.count(), .most = most.count()};
}

ValueRule yes_or_no()
{
    return {Kind::boolean};
}

ValueRule one_of(std::vector<std::string_view> words)
{
    return {.kind = Kind::text, .words = std::move(words)};
}

ValueRule text(bool (*accepts)(std::string_view), std::string_view form)
{
    return {.kind = Kind::text, .accepts = accepts, .form = form};
}

ValueRule list(bool (*accepts)(std::string_view), std::string_view form)
{
    return {.kind = Kind::list, .accepts = accepts, .form = form};
}

namespace
{
bool letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

/// RFC 5321 4.1.2 Domain (without address literals), RFC 1035 2.3.4 lengths.
bool domain(std::string_view value)
{
    std::size_t label = 0;
    char before = '.';
    for (const char c : value)
    {
        label = c == '.' ? 0 : label + 1;
        const bool good = letter_or_digit(c) || (c == '-' && before != '.') || (c == '.' && letter_or_digit(before));
        if (!good || label > 63)
        {
            return false;
        }
        before = c;
    }
    return value.size() <= 253 && letter_or_digit(before);
}

/// RFC 5321 4.1.2 Dot-string, reduced to what every directory and shell takes without quoting.
bool local_part(std::string_view value)
{
    return !value.empty() && value.size() <= 64 && value.front() != '.' && value.back() != '.' &&
           value.find("..") == value.npos && std::all_of(value.begin(), value.end(), [](char c) {
               return letter_or_digit(c) || c == '.' || c == '-' || c == '_';
           });
}

bool path(std::string_view value)
{
    return value.size() <= 4096 && std::none_of(value.begin(), value.end(), [](char c) {
               return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
           });
}

bool present_path(std::string_view value)
{
    return !value.empty() && path(value);
}

bool some_digits(std::string_view value)
{
    return !value.empty() && value.size() <= 15 &&
           std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool country_code(std::string_view value)
{
    return some_digits(value) && value.size() <= 3 && value.front() != '0';
}

bool digits(std::string_view value)
{
    return value.empty() || some_digits(value);
}

bool station_id_or_none(std::string_view value)
{
    constexpr std::size_t longest = 20; // ITU-T T.30 5.3.6.2.4
    return value.size() <= longest && value.find_first_not_of("0123456789+ ") == std::string_view::npos;
}

bool endpoint(std::string_view value)
{
    return parse_endpoint(value).has_value();
}

bool endpoint_or_none(std::string_view value)
{
    return value.empty() || endpoint(value);
}

bool local_endpoint(std::string_view value)
{
    return parse_local_endpoint(value).has_value();
}

bool dns_server(std::string_view value)
{
    const auto endpoint = parse_endpoint(value);
    return !value.empty() && ip_address_or_none(endpoint ? std::string_view(endpoint->host) : value);
}

bool network(std::string_view value)
{
    boost::system::error_code v4;
    boost::system::error_code v6;
    static_cast<void>(boost::asio::ip::make_network_v4(value, v4));
    static_cast<void>(boost::asio::ip::make_network_v6(value, v6));
    return !v4 || !v6;
}

bool trunk_route(std::string_view value)
{
    return parse_trunk_route(value).has_value();
}

namespace
{
bool visible(std::string_view value, std::string_view besides)
{
    return !value.empty() && value.size() <= 255 && std::all_of(value.begin(), value.end(), [&](char c) {
        return c > ' ' && c < '\x7f' && besides.find(c) == besides.npos;
    });
}
} // namespace

namespace
{
bool url_of(std::string_view value, std::string_view scheme)
{
    return value.starts_with(scheme) && value.size() > scheme.size() && value[scheme.size()] != '/' &&
           value.back() != '/' && visible(value, "?#@\"<>");
}
} // namespace

bool http_url(std::string_view value)
{
    return url_of(value, "http://");
}

bool public_url_or_none(std::string_view value)
{
    return value.empty() || url_of(value, "http://") || url_of(value, "https://");
}

/// RFC 7617 2: no colon.
bool header_word(std::string_view value)
{
    return visible(value, ":");
}

bool ip_address_or_none(std::string_view value)
{
    boost::system::error_code error;
    static_cast<void>(boost::asio::ip::make_address(value, error));
    return value.empty() || !error;
}

bool asterisk_word(std::string_view value)
{
    return !value.empty() && value.size() <= 64 &&
           std::all_of(value.begin(), value.end(), [](char c) { return letter_or_digit(c) || c == '-' || c == '_'; });
}

bool asterisk_endpoint(std::string_view value)
{
    const auto slash = value.find('/');
    return visible(value, ",&") && slash != value.npos && slash > 0 && value.find("{number}") != value.npos &&
           value.find("{number}") > slash;
}

bool asterisk_trunk(std::string_view value)
{
    return parse_asterisk_trunk(value).has_value();
}

bool media(std::string_view value)
{
    return (value.starts_with("sound:") || value.starts_with("tone:")) && value.back() != ':' && visible(value, ",");
}

bool softphone(std::string_view value)
{
    return parse_softphone(value).has_value();
}
} // namespace config_values

namespace
{
using Kind = ValueRule::Kind;

/// The largest unit in which `octets` is a whole number.
std::string written_size(std::size_t octets)
{
    if (octets == 0 || octets % KiB != 0)
    {
        return std::to_string(octets);
    }
    if (octets % GiB == 0)
    {
        return fmt::format("{}GiB", octets / GiB);
    }
    return octets % MiB == 0 ? fmt::format("{}MiB", octets / MiB) : fmt::format("{}KiB", octets / KiB);
}

/// TOML basic string (toml.io 1.0.0 "String"); `accepts` lets no control character in, but a default might.
std::string written_text(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text)
    {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
        {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            continue;
        }
        if (c == '"' || c == '\\')
        {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

struct Writer
{
    Kind kind;

    std::string operator()(const std::string* text) const { return written_text(*text); }
    std::string operator()(const bool* truth) const { return *truth ? "true" : "false"; }
    std::string operator()(const Duration* duration) const { return written_text(format_duration(*duration)); }
    std::string operator()(const std::size_t* number) const
    {
        const std::string text = kind == Kind::size ? written_size(*number) : std::to_string(*number);
        return text.ends_with('B') ? written_text(text) : text;
    }
    std::string operator()(const std::vector<std::string>* list) const
    {
        std::vector<std::string> parts;
        std::transform(list->begin(), list->end(), std::back_inserter(parts), written_text);
        return fmt::format("[{}]", fmt::join(parts, ", "));
    }
};
} // namespace

std::string written_value(const ConfigKey& key, Config config)
{
    return std::visit(Writer{key.rule.kind}, key.slot(config));
}

std::string describe(const ValueRule& rule)
{
    switch (rule.kind)
    {
    case Kind::text:
        return rule.words.empty() ? std::string(rule.form) : fmt::format("{}", fmt::join(rule.words, " or "));
    case Kind::list:
        return fmt::format("list of {}", rule.form);
    case Kind::boolean:
        return "true or false";
    case Kind::count:
        return fmt::format("integer, {} to {}", rule.least, rule.most);
    case Kind::size:
        return fmt::format("size, {} to {}", written_size(static_cast<std::size_t>(rule.least)),
                           written_size(static_cast<std::size_t>(rule.most)));
    case Kind::duration:
        break;
    }
    return fmt::format("duration, {} to {}", format_duration(Duration{rule.least}),
                       format_duration(Duration{rule.most}));
}

Result<std::size_t> parse_size(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, std::size_t>, 3> units{{{"KiB", KiB}, {"MiB", MiB}, {"GiB", GiB}}};
    std::size_t amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const auto unit = std::find_if(units.begin(), units.end(), [&](const auto& each) { return each.first == name; });
    if (error != std::errc{} || unit == units.end() || amount > std::size_t{1} << 32)
    {
        return fail(Errc::malformed, "", "a size is written like 64KiB, 50MiB or 2GiB, or as an integer of octets");
    }
    return amount * unit->second;
}
} // namespace ringpost
