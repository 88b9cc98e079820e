// SPDX-License-Identifier: Apache-2.0
#include "bench/rows.h"

#include "store/mails.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::bench
{
store::Request order(std::int64_t number, const std::string& destination, const std::string& source, Instant now)
{
    store::Request request;
    request.number = fmt::format("{}@bench.example", number);
    request.submitter = {Standing::own_user, Gateway::user};
    request.sender = Gateway::user;
    request.addressee = Gateway::user;
    request.destination_number = destination;
    request.destination_device = destination;
    request.source_number = source;
    request.source_device = source;
    request.ring_time = 25s;
    request.asked = now;
    return request;
}

store::Request waiting(std::int64_t number, std::size_t devices, Instant now, Duration left)
{
    const std::size_t device = static_cast<std::size_t>(number) % devices;
    auto request = order(number, phone(Phone::destination, device), phone(Phone::source, device), now);
    request.trigger = Trigger::system_recognition;
    request.state = RequestState::waiting;
    request.wait = store::Wait::release;
    request.attempts = 1;
    request.last_cause = Cause::busy;
    request.expires_at = now + left;
    request.wake_at = request.expires_at;
    return request;
}

void fill_waiting(Gateway& gateway, std::int64_t count, std::size_t devices, Duration left)
{
    constexpr std::int64_t of_one_transaction = 10'000;
    const Instant now = gateway.clock().now();
    for (std::int64_t begin = 0; begin < count; begin += of_one_transaction)
    {
        gateway.write([&](store::Connection& connection) {
            for (std::int64_t i = begin; i < std::min(begin + of_one_transaction, count); ++i)
            {
                static_cast<void>(store::Requests(connection).insert(waiting(i, devices, now, left)));
            }
        });
    }
}

MailboxEntryId insert_unread(store::Connection& connection, UserId user, std::size_t number, Instant now)
{
    store::Mail mail;
    mail.accepted_at = now;
    mail.submitter = {Standing::own_user, Gateway::user};
    mail.content = "Subject: call me\r\n\r\nplease\r\n";
    mail.size = static_cast<std::int64_t>(mail.content.size());
    mail.id = store::Mails(connection).insert(mail);
    auto request = order(10'000'000 + static_cast<std::int64_t>(number), phone(Phone::idle, number),
                         phone(Phone::idle_source, number), now);
    request.state = RequestState::awaiting_reception;
    request.mail = mail.id;
    store::MailboxEntry entry;
    entry.user = user;
    entry.mail = mail.id;
    entry.octets = mail.size;
    entry.delivered_at = now;
    entry.request = store::Requests(connection).insert(request);
    return store::Mailboxes(connection).insert(entry);
}
} // namespace ringpost::bench
