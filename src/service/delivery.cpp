// SPDX-License-Identifier: Apache-2.0
#include "service/delivery.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::service
{
namespace
{
/// As the value of a header field: printable ASCII, nothing that could begin a field of its own.
std::string one_line(const std::string& text)
{
    std::string line = text.substr(0, 400);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return line;
}
} // namespace

MailboxEntryId deliver(store::Connection& connection, const directory::User& user, const store::Mail& mail,
                       const std::string& recipient, RequestId request, Instant now, const std::string& refused)
{
    store::MailboxEntry entry;
    entry.user = user.id;
    entry.mail = mail.id;
    entry.prefix = fmt::format("Return-Path: <{}>\r\nDelivered-To: {}\r\n", mail.reverse_path, recipient);
    if (!refused.empty())
    {
        entry.prefix += fmt::format("X-Ringpost-Refused: {}\r\n", one_line(refused));
    }
    entry.octets = static_cast<std::int64_t>(entry.prefix.size() + mail.trace.size()) + mail.size;
    entry.delivered_at = now;
    entry.request = request;
    return store::Mailboxes(connection).insert(entry);
}
} // namespace ringpost::service
