// SPDX-License-Identifier: Apache-2.0
// An office with permissions and two peers, and mails to it, for the tests of what becomes of a mail.
#pragma once

#include "../directory/office.h"
#include "mta/mail_plan.h"
#include "service/order.h"

#include <chrono>
#include <string>
#include <vector>

namespace ringpost::mta::test
{
inline constexpr Instant now = Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}} + 10h;

/// Office B has the numbers +8144333…; like this office it has an extension 2000.
inline store::DirectoryData people()
{
    auto data = directory::test::people();
    data.users[0].name = "Taro";
    data.cti = {{"+8144333", NetworkType::toll, "office-b.example"}};
    data.destinations = {{"office-b.example", "b.example", 2525, "office.example", "s", HopTls::opportunistic, ""},
                         {"branch.example", "b.example", 2525, "office.example", "s", HopTls::opportunistic, ""},
                         {"office-c.example", "c.example", 2525, "office.example", "s", HopTls::opportunistic, ""},
                         {"*", "relay.example", 25, "", "", HopTls::opportunistic, ""}};
    data.peers = {{"office-b.example", "", {"+8144333"}}, {"office-c.example", "", {"+8144444"}}};
    data.permissions = {
        {"*", "own", ""}, {"*", "toll", ""}, {"office-b.example", "own", ""}, {"office-b.example", "toll", ""}};
    return data;
}

inline const std::string taro = "taro@office.example";
inline const std::string hanako = "hanako@office.example";
inline const std::string jiro_b = "jiro@office-b.example";

struct Letter
{
    Submitter submitter;
    std::string reverse_path; ///< empty: the null sender
    std::vector<std::string> recipients;
    std::string octets;
    Envelope envelope{}; ///< parameters; the paths are filled in
};

inline std::string mail_text(const std::string& from, const std::string& fields, const std::string& body = "Hello.\r\n")
{
    return fields + "From: " + from + "\r\nSubject: Call\r\nMessage-ID: <1@client.example>\r\n\r\n" + body;
}

/// Of the own user Taro.
inline Letter from_taro(std::vector<std::string> recipients, const std::string& fields = "",
                        const std::string& body = "Hello.\r\n")
{
    return {
        {Standing::own_user, taro}, taro, std::move(recipients), mail_text("Taro Yamada <" + taro + ">", fields, body)};
}

/// Relayed by the gateway of office B for its user Jiro.
inline Letter from_office_b(std::vector<std::string> recipients, const std::string& fields,
                            const std::string& body = "Hello.\r\n")
{
    return {{Standing::peer, "office-b.example"}, jiro_b, std::move(recipients), mail_text(jiro_b, fields, body)};
}

inline Letter from_stranger(std::vector<std::string> recipients, const std::string& fields,
                            const std::string& body = "Hello.\r\n")
{
    return {{Standing::stranger, ""}, taro, std::move(recipients), mail_text(taro, fields, body)};
}

/// A mail with an exchange-information part, as `media_type` and with `file_name`.
inline std::string with_part(const std::string& from, const std::string& media_type, const std::string& file_name,
                             const std::string& text, const std::string& fields = "",
                             const std::string& body = "Hello.")
{
    return fields + "From: " + from +
           "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + body +
           "\r\n--b\r\nContent-Type: " + media_type + "\r\nContent-Disposition: attachment; filename=" + file_name +
           "\r\n\r\n" + text + "\r\n--b--\r\n";
}

inline Envelope envelope_of(const Letter& letter)
{
    Envelope envelope = letter.envelope;
    if (!letter.reverse_path.empty())
    {
        envelope.reverse_path = parse_mailbox(letter.reverse_path).value();
    }
    for (const auto& recipient : letter.recipients)
    {
        const Notify given = letter.envelope.recipients.empty() ? Notify{} : letter.envelope.recipients.front().notify;
        envelope.recipients.push_back({parse_mailbox(recipient).value(), given, ""});
    }
    if (!letter.envelope.recipients.empty())
    {
        envelope.recipients.erase(envelope.recipients.begin());
    }
    return envelope;
}

/// The value of the field that a peer puts in front of an order.
inline std::string field_of(const service::Order& order, const std::string& id = "77@office-b.example")
{
    service::ExchangeField field;
    field.id = id;
    field.order = order;
    return "Ringpost-Exchange: " + service::format(field) + "\r\n";
}

/// What Jiro of office B asks for, as its gateway completes it.
inline service::Order order_of_b()
{
    service::Order order;
    order.source_number = "+81443332000";
    order.trigger = Trigger::system_recognition;
    order.name = "Jiro";
    return order;
}
} // namespace ringpost::mta::test
