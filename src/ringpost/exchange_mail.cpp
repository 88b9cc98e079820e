// SPDX-License-Identifier: Apache-2.0
#include "ringpost/exchange_mail.h"

#include "core/base64.h"
#include "core/vocabulary.h"
#include "ringpost/mime_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ringpost::command
{
namespace
{
constexpr std::size_t address_limit = 254;   ///< RFC 5321 4.5.3.1.3, without the angle brackets
constexpr std::size_t local_part_limit = 64; ///< RFC 5321 4.5.3.1.1
constexpr std::size_t number_limit = 64;
constexpr std::size_t reference_limit = 320;
constexpr std::size_t recipients_limit = 100;

Failure bad(std::string_view field, std::string text)
{
    return fail(Errc::malformed, std::string(field), std::move(text));
}

bool letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool graphic(char c)
{
    return c > 0x20 && c < 0x7f;
}

// --- values of the exchange information: each checks and gives the spelling that is sent ---

Result<std::string> number_value(std::string_view field, const std::string& text)
{
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || std::string_view("+-(). ").find(c) != std::string_view::npos;
    };
    const bool digits = text.find_first_of("0123456789") != std::string::npos;
    if (!digits || text.size() > number_limit || !std::all_of(text.begin(), text.end(), allowed))
    {
        return bad(field, fmt::format("must be a telephone number: digits and + - ( ) . and blanks, at most {}",
                                      number_limit));
    }
    return text;
}

Result<std::string> duration_at_least(std::string_view field, const std::string& text, Duration least)
{
    const auto duration = parse_duration(text);
    if (!duration || *duration < least || *duration > 30 * 24h)
    {
        return bad(field,
                   fmt::format("must be a duration from {} to 30d, such as 90s, 5m or 1h30m", format_duration(least)));
    }
    return format_duration(*duration);
}

Result<std::string> duration_value(std::string_view field, const std::string& text)
{
    return duration_at_least(field, text, 1s);
}

Result<std::string> retry_value(std::string_view field, const std::string& text)
{
    if (text == "on-release")
    {
        return text;
    }
    constexpr std::string_view every = "every";
    if (text.size() <= every.size() || !text.starts_with(every) ||
        (text[every.size()] != ':' && text[every.size()] != ' '))
    {
        return bad(field, "must be on-release, or every:DURATION such as every:30s");
    }
    const auto cycle = duration_at_least(field, text.substr(every.size() + 1), 5s);
    if (!cycle)
    {
        return cycle.error();
    }
    return "every " + *cycle;
}

Result<std::string> yes_or_no(std::string_view field, const std::string& text)
{
    if (text != "yes" && text != "no")
    {
        return bad(field, "must be yes or no");
    }
    return text;
}

Result<std::string> reference_value(std::string_view field, const std::string& text)
{
    const auto at = text.find('@');
    const bool form = at != std::string::npos && at > 0 && at + 1 < text.size() && text.size() <= reference_limit;
    if (!form || !std::all_of(text.begin(), text.end(), graphic))
    {
        return bad(field, "must be a request number such as 17@office.example");
    }
    return text;
}

template <class Enum>
Result<std::string> word_value(std::string_view field, const std::string& text)
{
    const auto value = from_word<Enum>(text);
    if (!value)
    {
        std::vector<std::string_view> words;
        words.reserve(Spelling<Enum>::words.size());
        for (const auto& [candidate, spelling] : Spelling<Enum>::words)
        {
            words.push_back(spelling);
        }
        return bad(field, fmt::format("must be one of {}", fmt::join(words, ", ")));
    }
    return std::string(word(*value));
}

struct FieldRule
{
    std::string_view name; ///< as the exchange-information part spells it
    std::string ExchangeOrder::*value;
    Result<std::string> (*check)(std::string_view field, const std::string& text);
};

constexpr std::array<FieldRule, 12> field_rules{{
    {"Request", &ExchangeOrder::request, word_value<RequestKind>},
    {"Destination-Number", &ExchangeOrder::destination_number, number_value},
    {"Source-Number", &ExchangeOrder::source_number, number_value},
    {"Network", &ExchangeOrder::network, word_value<NetworkType>},
    {"Trigger", &ExchangeOrder::trigger, word_value<Trigger>},
    {"Result-Notification", &ExchangeOrder::result_notification, yes_or_no},
    {"Monitor-Time", &ExchangeOrder::monitor_time, duration_value},
    {"Retry", &ExchangeOrder::retry, retry_value},
    {"Ring-Time", &ExchangeOrder::ring_time, duration_value},
    {"Call-Order", &ExchangeOrder::call_order, word_value<CallOrder>},
    {"First-Attempt", &ExchangeOrder::first_attempt, yes_or_no},
    {"Reference", &ExchangeOrder::reference, reference_value},
}};

// --- the mail ---

std::string_view media_type(std::string_view file_name)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> types{{
        {".wav", "audio/wav"},
        {".au", "audio/basic"},
        {".flac", "audio/flac"},
        {".ogg", "audio/ogg"},
        {".oga", "audio/ogg"},
        {".opus", "audio/ogg"},
        {".mp3", "audio/mpeg"},
        {".tif", "image/tiff"},
        {".tiff", "image/tiff"},
        {".pdf", "application/pdf"},
        {".txt", "text/plain; charset=utf-8"},
    }};
    std::string lower(file_name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto found =
        std::find_if(types.begin(), types.end(), [&](const auto& type) { return lower.ends_with(type.first); });
    return found == types.end() ? "application/octet-stream" : found->second;
}

/// RFC 2046 4.1.1: line breaks of text are CRLF, also inside base64.
std::string with_crlf(std::string_view text)
{
    std::string lines;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        const bool lf_of_crlf = text[i] == '\n' && i > 0 && text[i - 1] == '\r';
        if (text[i] == '\r' || (text[i] == '\n' && !lf_of_crlf))
        {
            lines += "\r\n";
        }
        else if (!lf_of_crlf)
        {
            lines += text[i];
        }
    }
    return lines;
}

Result<> check(const ExchangeMail& mail)
{
    const auto from = check_address(mail.from);
    if (!from)
    {
        return bad("from", from.error().message());
    }
    if (mail.to.empty() || mail.to.size() > recipients_limit)
    {
        return bad("to", fmt::format("must be 1 to {} addresses", recipients_limit));
    }
    for (const auto& to : mail.to)
    {
        const auto address = check_address(to);
        if (!address)
        {
            return bad("to", address.error().message());
        }
    }
    if (!is_utf8(mail.subject) || !is_utf8(mail.text))
    {
        return bad("text", "subject and text must be UTF-8");
    }
    if (mail.unique.empty() || mail.unique.size() > 50 ||
        !std::all_of(mail.unique.begin(), mail.unique.end(), letter_or_digit))
    {
        return fail(Errc::internal, "unique", "must be letters and digits");
    }
    return {};
}

std::string header(const ExchangeMail& mail)
{
    const std::string_view domain = std::string_view(mail.from).substr(mail.from.rfind('@') + 1);
    std::string fields = fmt::format("Date: {}\r\nFrom: {}\r\n", format_mail_date(mail.date), mail.from);
    // One address a line, so that no line comes near the limit of RFC 5322 2.1.1.
    fields += fmt::format("To: {}\r\n", fmt::join(mail.to, ",\r\n "));
    fields += fmt::format("Subject: {}\r\n", header_text(mail.subject));
    fields += fmt::format("Message-ID: <{}@{}>\r\nMIME-Version: 1.0\r\n", mail.unique, domain);
    fields += fmt::format("Content-Type: multipart/mixed;\r\n boundary=\"=_{}\"\r\n\r\n", mail.unique);
    return fields;
}

std::string part(const ExchangeMail& mail, std::string_view fields, std::string_view body)
{
    return fmt::format("--=_{}\r\n{}\r\n{}", mail.unique, fields, body);
}

std::string text_part(const ExchangeMail& mail)
{
    return part(mail,
                "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline\r\n"
                "Content-Transfer-Encoding: base64\r\n",
                base64_lines(with_crlf(mail.text)));
}

std::string exchange_part(const ExchangeMail& mail, std::string_view information)
{
    return part(mail,
                "Content-Type: application/vnd.ringpost.exchange-information\r\n"
                "Content-Disposition: attachment; filename=\"order.exchange\"\r\n"
                "Content-Transfer-Encoding: 7bit\r\n",
                information);
}

std::string attachment_part(const ExchangeMail& mail, const Attachment& attachment)
{
    // A file name need not be UTF-8, nor free of line breaks.
    const std::string name = is_utf8(attachment.name) ? attachment.name : "attachment";
    return part(mail,
                fmt::format("Content-Type: {}{}\r\nContent-Disposition: attachment{}\r\n"
                            "Content-Transfer-Encoding: base64\r\n",
                            media_type(name), parameter("name", name), parameter("filename", name)),
                base64_lines(attachment.octets));
}
} // namespace

Result<> check_address(std::string_view address)
{
    const auto at = address.rfind('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == address.size() || address.size() > address_limit ||
        at > local_part_limit)
    {
        return bad("address", "must have the form name@domain");
    }
    const auto local_octet = [](char c) {
        return graphic(c) && std::string_view("()<>[]:;@\\,\"").find(c) == std::string_view::npos;
    };
    const auto domain_octet = [](char c) {
        return letter_or_digit(c) || std::string_view("-.[]:").find(c) != std::string_view::npos;
    };
    const auto local = address.substr(0, at);
    const auto domain = address.substr(at + 1);
    if (!std::all_of(local.begin(), local.end(), local_octet) ||
        !std::all_of(domain.begin(), domain.end(), domain_octet))
    {
        return bad("address", "has characters that an address name@domain cannot have");
    }
    return {};
}

Result<std::string> exchange_information(const ExchangeOrder& order)
{
    std::string lines;
    for (const auto& rule : field_rules)
    {
        const std::string& text = order.*rule.value;
        if (text.empty())
        {
            continue;
        }
        const auto value = rule.check(rule.name, text);
        if (!value)
        {
            return value.error();
        }
        lines += fmt::format("{}: {}\r\n", rule.name, *value);
    }
    return lines;
}

Result<std::string> compose(const ExchangeMail& mail)
{
    const auto sound = check(mail);
    if (!sound)
    {
        return sound.error();
    }
    const auto information = exchange_information(mail.order);
    if (!information)
    {
        return information.error();
    }
    std::string octets = header(mail);
    if (!mail.text.empty())
    {
        octets += text_part(mail);
    }
    octets += exchange_part(mail, *information);
    for (const auto& attachment : mail.attachments)
    {
        octets += attachment_part(mail, attachment);
    }
    octets += fmt::format("--=_{}--\r\n", mail.unique);
    return octets;
}
} // namespace ringpost::command
