// SPDX-License-Identifier: Apache-2.0
#include "media/mail_analysis.h"

#include "media/address_list.h"
#include "media/ascii.h"
#include "media/charset.h"
#include "media/encoded_word.h"
#include "media/mime_reader.h"
#include "media/text_order.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::media
{
namespace
{
constexpr std::size_t most_message_ids = 50;
constexpr std::size_t longest_message_id = 998;
constexpr std::string_view own_prefix = "Ringpost-";
constexpr std::string_view exchange_field = "Ringpost-Exchange";

/// `<…>` tokens of a field; what stands between them does not matter (RFC 5322 4.5.4 allows phrases).
std::vector<std::string> message_ids(const std::string& value)
{
    std::vector<std::string> ids;
    std::size_t begin = std::string::npos;
    for (std::size_t i = 0; i < value.size(); ++i)
    {
        if (value[i] == '<')
        {
            begin = i;
        }
        else if (value[i] == '>' && begin != std::string::npos)
        {
            if (i + 1 - begin <= longest_message_id)
            {
                ids.push_back(value.substr(begin, i + 1 - begin));
            }
            begin = std::string::npos;
        }
    }
    return ids;
}

bool is_automatic(const HeaderBlock& header)
{
    const Field* submitted = header.find("Auto-Submitted");
    const std::string precedence = lowered(header.value("Precedence"));
    // RFC 3834 5: the keyword may be followed by parameters and comments.
    return (submitted != nullptr && !iequals(parameters(submitted->value).value, "no")) || precedence == "bulk" ||
           precedence == "list" || precedence == "junk" || header.find("List-Id") != nullptr;
}

void read_from(MailAnalysis& out, const HeaderBlock& header)
{
    const auto fields = header.all("From");
    out.from_absent = fields.empty();
    if (fields.size() != 1)
    {
        return;
    }
    const auto mailboxes = parse_address_list(fields.front()->value);
    if (!mailboxes || mailboxes->empty())
    {
        return;
    }
    out.from_display_name = mailboxes->front().display_name;
    for (const Mailbox& mailbox : *mailboxes)
    {
        out.from.push_back(mailbox.addr_spec);
    }
}

void read_exchange_field(MailAnalysis& out, std::string_view mail, const HeaderBlock& header)
{
    for (const Field* field : header.all(exchange_field))
    {
        // Gateways write no blank before the colon.
        if (field->offset == 0 && mail[exchange_field.size()] == ':')
        {
            out.ringpost_exchange = unfolded(field->value);
        }
        else
        {
            out.foreign_ringpost_exchange = true;
        }
    }
}

void read_header(MailAnalysis& out, std::string_view mail, const HeaderBlock& header)
{
    read_from(out, header);
    read_exchange_field(out, mail, header);
    out.subject = decode_encoded_words(header.value("Subject"));
    const auto own_ids = message_ids(header.value("Message-ID"));
    out.message_id = own_ids.empty() ? std::string{} : own_ids.front();
    // Some mail programs write an id that does not fit into a line as an encoded word, against RFC 2047 5.
    out.in_reply_to = message_ids(decode_encoded_words(header.value("In-Reply-To")));
    out.in_reply_to.resize(std::min(out.in_reply_to.size(), most_message_ids));
    out.references = message_ids(decode_encoded_words(header.value("References")));
    if (out.references.size() > most_message_ids)
    {
        out.references.erase(out.references.begin(), out.references.end() - most_message_ids);
    }
    out.automatic = is_automatic(header);
    out.received_count = static_cast<int>(header.all("Received").size());
    ServiceReading reading = read_service_fields(header);
    out.service = reading.service;
    out.service_error = std::move(reading.error);
}

struct OrderPart
{
    const Body* body;
    int content_number;
};

std::vector<OrderPart> parts_of_kind(const std::vector<Content>& contents, ContentKind kind)
{
    std::vector<OrderPart> found;
    for (const Content& content : contents)
    {
        for (const Body* body : content.bodies())
        {
            if (body->kind == kind)
            {
                found.push_back({body, content.number});
            }
        }
    }
    return found;
}

/// An order is UTF-8. A client that attaches the file as text/* in a charset of its own (mutt and s-nail where they
/// send ISO-2022-JP) has changed its octets, and says so. A label that is missing, or says ASCII, changes nothing.
std::string as_utf8(const Body& body, const std::string& text)
{
    const bool converted = istarts_with(body.media_type, "text/") && !body.charset.empty() &&
                           !iequals(body.charset, "us-ascii") && !iequals(body.charset, "utf-8");
    return converted ? to_utf8(body.charset, text) : text;
}

void read_order_part(MailAnalysis& out, std::string_view mail, const OrderPart& part, const ScanLimits& limits)
{
    const std::string here = fmt::format("content {}", part.content_number);
    const auto text = decoded(mail, *part.body, limits.order_part);
    if (!text)
    {
        const bool large = text.error().code() == Errc::too_large;
        out.order_error = fail(text.error().code(), large ? "scan.order_part" : here + ", " + text.error().where(),
                               "the exchange information cannot be decoded: " + text.error().text());
        return;
    }
    auto info = parse_exchange_information(as_utf8(*part.body, *text));
    if (!info)
    {
        out.order_error = info.error();
        return;
    }
    const bool by_type = part.body->media_type == exchange_information_type;
    out.order = WrittenOrder{std::move(*info), by_type ? WrittenOrder::Way::part : WrittenOrder::Way::file_name,
                             part.content_number};
}

Failure in_header(std::string_view mail, const Field& field, const Failure& failure)
{
    const auto lines = std::count(mail.begin(), mail.begin() + static_cast<std::ptrdiff_t>(field.offset), '\n');
    return fail(failure.code(), fmt::format("line {}, {}", lines + 1, field.name.substr(0, 80)), failure.text());
}

/// True for a field of the exchange information. An unknown one counts too: it is a slip of the pen, to be named.
bool order_field(const Field& field)
{
    return istarts_with(field.name, own_prefix) && !istarts_with(field.name, "Ringpost-X-") &&
           !iequals(field.name, exchange_field) && !iequals(field.name, "Ringpost-Service");
}

void read_header_order(MailAnalysis& out, std::string_view mail, const HeaderBlock& header)
{
    ExchangeInformation info;
    bool found = false;
    for (const Field& field : header.fields())
    {
        if (!order_field(field))
        {
            continue;
        }
        found = true;
        const auto value = decode_encoded_words(unfolded(field.value));
        if (const auto set = set_field(info, field.name.substr(own_prefix.size()), value); !set)
        {
            out.order_error = in_header(mail, field, set.error());
            return;
        }
    }
    if (!found)
    {
        return;
    }
    if (const auto checked = check_fields(info); !checked)
    {
        const std::string name = std::string(own_prefix) + checked.error().where();
        const Field* field = header.find(name);
        out.order_error = field == nullptr ? fail(checked.error().code(), name, checked.error().text())
                                           : in_header(mail, *field, checked.error());
        return;
    }
    out.order = WrittenOrder{std::move(info), WrittenOrder::Way::header_fields, 0};
}

/// The beginning of the first text; the rest of a long one says nothing to the gateway.
std::string beginning_of_text(const MailAnalysis& out, std::string_view mail, const ScanLimits& limits)
{
    const Body* body = first_text(out.contents);
    if (body == nullptr)
    {
        return {};
    }
    const auto octets = decoded(mail, *body, limits.order_part, AtLimit::cut);
    return octets ? to_utf8(body->charset, *octets) : std::string{};
}

void read_order(MailAnalysis& out, std::string_view mail, const HeaderBlock& header, const ScanLimits& limits)
{
    const auto orders = parts_of_kind(out.contents, ContentKind::exchange_information);
    const auto scenarios = parts_of_kind(out.contents, ContentKind::scenario);
    out.scenario_present = !scenarios.empty();
    const std::string text = beginning_of_text(out, mail, limits);
    out.first_word_of_text = first_word(text);
    if (orders.size() > 1 || scenarios.size() > 1)
    {
        const bool two_orders = orders.size() > 1;
        const auto& second = two_orders ? orders[1] : scenarios[1];
        out.order_error = fail(Errc::malformed, fmt::format("content {}", second.content_number),
                               two_orders ? "the mail has two exchange informations" : "the mail has two scenarios");
        return;
    }
    if (!scenarios.empty())
    {
        const auto octets = decoded(mail, *scenarios.front().body, limits.order_part);
        if (octets.has_error())
        {
            out.order_error = fail(octets.error().code(), fmt::format("content {}", scenarios.front().content_number),
                                   octets.error().text());
            return;
        }
        out.scenario = *octets;
    }
    if (!orders.empty())
    {
        read_order_part(out, mail, orders.front(), limits);
        return;
    }
    read_header_order(out, mail, header);
    if (out.order || out.order_error)
    {
        return;
    }
    auto paragraph = order_in_text(text);
    if (paragraph && *paragraph)
    {
        out.order = WrittenOrder{std::move(**paragraph), WrittenOrder::Way::text_paragraph, 0};
    }
    else if (paragraph)
    {
        out.order_error = paragraph->error();
    }
}
} // namespace

MailAnalysis analyse(std::string_view mail, const ScanLimits& limits)
{
    MailAnalysis out;
    auto structure = scan_structure(mail, limits);
    const HeaderBlock header = structure ? structure->parts.front().header : HeaderBlock::read(mail, limits);
    read_header(out, mail, header);
    if (!structure)
    {
        out.beyond_limits = structure.error();
        return out;
    }
    out.contents = contents_of(*structure);
    out.flaw = structure->flaw;
    const Result<> agreed = out.flaw ? Result<>(*out.flaw) : agrees_with_mimetic(mail, *structure, limits);
    if (!agreed)
    {
        out.ambiguous = agreed.error();
        const bool lost = !parts_of_kind(out.contents, ContentKind::exchange_information).empty() ||
                          !parts_of_kind(out.contents, ContentKind::scenario).empty();
        out.contents.clear();
        if (lost)
        {
            // Somebody meant an order; that it cannot be read for certain must not look as if there were none.
            out.order_error = out.ambiguous;
            return out;
        }
    }
    read_order(out, mail, header, limits);
    return out;
}
} // namespace ringpost::media
