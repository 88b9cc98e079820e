// SPDX-License-Identifier: Apache-2.0
#include "directory/normalise.h"

#include "directory/ascii.h"
#include "directory/client_networks.h"
#include "directory/hours.h"
#include "directory/lengths.h"
#include "directory/number_conversion.h"
#include "directory/permissions.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace ringpost::directory
{
namespace
{
constexpr std::size_t longest_address = 320; // RFC 5321 4.5.3.1: local part 64, domain 255
constexpr std::size_t longest_text = 255;

Failure expected(std::string key, std::string text)
{
    return fail(Errc::malformed, std::move(key), std::move(text));
}

bool control(char c)
{
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

bool one_line(std::string_view text)
{
    return text.size() <= longest_text && std::none_of(text.begin(), text.end(), control);
}

/// An extension in digits, or empty where `written` is none.
std::string extension(std::string_view written)
{
    const std::string digits = digits_of(written);
    return all_digits(digits) && digits.size() <= longest_extension ? digits : std::string{};
}

Result<> normalise_addresses(store::UserRow& row)
{
    row.address = lower(row.address);
    if (!mail_address(row.address))
    {
        return expected("address", "must be a mail address");
    }
    for (auto& alias : row.aliases)
    {
        alias = lower(alias);
        if (!mail_address(alias))
        {
            return expected("aliases", "must be mail addresses");
        }
    }
    return {};
}

Result<> normalise_numbers(const NumberPlan& plan, store::UserRow& row)
{
    if (!row.extension.empty())
    {
        row.extension = extension(row.extension);
        if (row.extension.empty())
        {
            return expected("extension", "must be the number of a telephone of this office, like 2000");
        }
    }
    if (!row.external_number.empty())
    {
        row.external_number = to_e164(plan, row.external_number).value_or("");
        if (row.external_number.empty())
        {
            return expected("external_number", "must be an external number like 044-222-3300 or +81442223300");
        }
    }
    if (!row.fax_number.empty())
    {
        row.fax_number = to_e164(plan, row.fax_number).value_or(extension(row.fax_number));
        if (row.fax_number.empty())
        {
            return expected("fax_number", "must be an extension or an external number");
        }
    }
    return {};
}

Result<> check_preferences(const store::UserRow& row)
{
    constexpr std::array<std::string_view, 3> moments{"retr", "dele", "command"};
    if (row.language != "en" && row.language != "ja")
    {
        return expected("language", "must be en or ja");
    }
    if (std::find(moments.begin(), moments.end(), row.fire_on) == moments.end())
    {
        return expected("fire_on", "must be retr, dele or command");
    }
    if (!row.quiet_hours.empty())
    {
        if (const auto hours = parse_hours(row.quiet_hours); hours.has_error())
        {
            return expected("quiet_hours", hours.error().text());
        }
    }
    if (const auto networks = check_client_networks(row.client_networks); networks.has_error())
    {
        return expected("client_networks", networks.error().text());
    }
    if (!known_zone(row.time_zone))
    {
        return expected("time_zone", "must be the name of a time zone like Asia/Tokyo");
    }
    return {};
}
} // namespace

bool mail_address(std::string_view text)
{
    const auto at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && text.size() <= longest_address &&
           std::none_of(text.begin(), text.end(), control) && text.find(' ') == std::string_view::npos &&
           domain_name(text.substr(at + 1));
}

std::string without_brackets(const std::string& host)
{
    constexpr std::string_view tag = "ipv6:";
    if (host.size() < 2 || host.front() != '[' || host.back() != ']')
    {
        return host;
    }
    std::string inside = host.substr(1, host.size() - 2);
    inside = lower(inside).starts_with(tag) ? inside.substr(tag.size()) : inside;
    boost::system::error_code error;
    boost::asio::ip::make_address(inside, error);
    return error ? host : inside;
}

bool domain_name(std::string_view text)
{
    const auto allowed = [](char c) {
        return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
               static_cast<unsigned char>(c) >= 0x80; // RFC 6531: names in UTF-8
    };
    return !text.empty() && text.size() <= longest_domain && std::all_of(text.begin(), text.end(), allowed) &&
           text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

Result<> normalise(const NumberPlan& plan, store::UserRow& row)
{
    if (!one_line(row.name))
    {
        return expected("name", "must be one short line");
    }
    if (auto addresses = normalise_addresses(row); addresses.has_error())
    {
        return addresses;
    }
    if (auto numbers = normalise_numbers(plan, row); numbers.has_error())
    {
        return numbers;
    }
    return check_preferences(row);
}

Result<> normalise(const NumberPlan& plan, store::ConversionRow& row)
{
    auto made = make_conversion(plan, row.extensions, row.external);
    if (made.has_error())
    {
        return made.error();
    }
    row = std::move(*made);
    return {};
}

Result<> normalise(const NumberPlan& plan, store::CtiRow& row)
{
    row.prefix = to_e164_prefix(plan, row.prefix).value_or("");
    row.gateway = lower(row.gateway);
    if (row.prefix.empty())
    {
        return expected("prefix", "must be the beginning of an external number, like +8144222 or 044-222");
    }
    if (!row.gateway.empty() && !domain_name(row.gateway))
    {
        return expected("gateway", "must be the domain of a gateway");
    }
    return {};
}

Result<> normalise(const NumberPlan&, store::DestinationRow& row)
{
    row.name = lower(row.name);
    if (row.name != "*" && !mail_address(row.name) && !domain_name(row.name))
    {
        return expected("name", "must be a mail address, a domain or *");
    }
    if (row.host.empty() || !one_line(row.host) || row.host.find(' ') != std::string::npos)
    {
        return expected("host", "must be a host name or an address");
    }
    row.host = without_brackets(row.host);
    if (row.host.find_first_of("[]") != std::string::npos)
    {
        return expected("host", "may have brackets around an address only, as [2001:db8::1]");
    }
    if (row.port == 0)
    {
        return expected("port", "must be 1 to 65535");
    }
    if (!one_line(row.login) || !one_line(row.secret))
    {
        return expected("login", "and secret must be one short line each");
    }
    // As openssl prints it: AB:CD:…
    std::erase(row.fingerprint, ':');
    row.fingerprint = lower(row.fingerprint);
    const bool digits = row.fingerprint.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!row.fingerprint.empty() && (row.fingerprint.size() != 64 || !digits))
    {
        return expected("fingerprint", "must be the SHA-256 of a certificate in 64 hexadecimal digits");
    }
    if (!row.fingerprint.empty() && !is_verified(row.tls))
    {
        return expected("fingerprint", "needs tls = required or implicit: otherwise it is not looked at");
    }
    return {};
}

Result<> normalise(const NumberPlan& plan, store::PeerRow& row)
{
    row.name = lower(row.name);
    if (!domain_name(row.name))
    {
        return expected("name", "must be the domain of the other gateway");
    }
    for (auto& range : row.ranges)
    {
        range = to_e164_prefix(plan, range).value_or("");
        if (range.empty())
        {
            return expected("ranges", "must be beginnings of external numbers, like +8144222 or 044-222");
        }
    }
    std::sort(row.ranges.begin(), row.ranges.end());
    row.ranges.erase(std::unique(row.ranges.begin(), row.ranges.end()), row.ranges.end());
    return {};
}

Result<> normalise(const NumberPlan&, store::PermissionRow& row)
{
    row.subject = lower(row.subject);
    if (row.subject != "*" && row.subject != "peer:*" && !mail_address(row.subject) && !domain_name(row.subject))
    {
        return expected("subject", "must be a mail address, *, the name of a peer or peer:*");
    }
    if (const auto covered = parse_number_class(row.number_class); covered.has_error())
    {
        return expected("classes", covered.error().text());
    }
    if (!row.hours.empty())
    {
        if (const auto hours = parse_hours(row.hours); hours.has_error())
        {
            return expected("hours", hours.error().text());
        }
    }
    return {};
}
} // namespace ringpost::directory
