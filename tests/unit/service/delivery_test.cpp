// SPDX-License-Identifier: Apache-2.0
// Mail link data: what a mailbox entry holds.
#include "service/delivery.h"
#include "store/database.h"
#include "store/directory_rows.h"
#include "store/requests.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>

using namespace ringpost;

namespace
{
/// A user with an empty mailbox, and one mail.
class Office
{
public:
    Office()
    {
        user.name = "Taro";
        user.address = "taro@office.example";
        mail.reverse_path = "a@b.example";
        mail.submitter = {Standing::stranger, ""};
        mail.trace = "Received: by office.example; \xE3\x81\x82\r\n";
        mail.content = "Subject: x\r\n\r\nHello\r\n";
        mail.size = static_cast<std::int64_t>(mail.content.size());
        octets = mail.trace.size() + mail.content.size();
        inside<int>([&](store::Connection& connection) {
            user.id = store::DirectoryRows(connection).insert(user);
            mail.id = store::Mails(connection).insert(mail);
            return 0;
        });
    }

    template <class T>
    Result<T> inside(std::function<T(store::Connection&)> unit)
    {
        return database->write_now<T>("test",
                                      [&unit](store::Connection& connection) -> Result<T> { return unit(connection); });
    }

    store::MailboxEntry delivered(const std::string& reason = {})
    {
        return inside<store::MailboxEntry>([&](store::Connection& connection) {
                   const auto id =
                       service::deliver(connection, user, mail, "sales@office.example", RequestId{}, now, reason);
                   return store::Mailboxes(connection).find(id).value();
               })
            .value();
    }

    static std::unique_ptr<store::Database> open()
    {
        store::DatabaseOptions options;
        options.file = ":memory:";
        return store::Database::open(options).value();
    }

    const Instant now = from_micros(1'800'000'000'000'000);
    std::unique_ptr<store::Database> database = open();
    store::UserRow user;
    store::Mail mail;
    std::size_t octets = 0;
};
} // namespace

TEST_CASE("An entry tells the return path and whom it was delivered to, and counts every octet")
{
    Office office;
    const auto entry = office.delivered();
    CHECK(entry.user == office.user.id);
    CHECK(entry.mail == office.mail.id);
    CHECK(entry.prefix == "Return-Path: <a@b.example>\r\nDelivered-To: sales@office.example\r\n");
    CHECK(entry.octets == static_cast<std::int64_t>(entry.prefix.size() + office.octets));
    CHECK(entry.delivered_at == office.now);
    CHECK_FALSE(entry.received_at);
    CHECK_FALSE(entry.request);
}

TEST_CASE("Why nothing is performed stands in one line in front of the mail, whatever it holds")
{
    Office office;
    CHECK(office.delivered("no permission for own 2001")
              .prefix.ends_with("\r\nX-Ringpost-Refused: no permission for own 2001\r\n"));
    const auto hostile = office.delivered("a\r\nSubject: b\r\n\r\n" + std::string(5000, 'c'));
    CHECK(std::count(hostile.prefix.begin(), hostile.prefix.end(), '\n') == 3);
    CHECK(hostile.prefix.size() < 800);
    CHECK(hostile.octets == static_cast<std::int64_t>(hostile.prefix.size() + office.octets));
}

TEST_CASE("A mail is delivered with the request that it fires")
{
    Office office;
    const auto request = office.inside<RequestId>([&](store::Connection& connection) {
        store::Request row;
        row.number = "1@office.example";
        row.submitter = {Standing::own_user, "taro@office.example"};
        row.mail = office.mail.id;
        row.asked = office.now;
        return store::Requests(connection).insert(row);
    });
    const auto entry = office.inside<store::MailboxEntry>([&](store::Connection& connection) {
        const auto id =
            service::deliver(connection, office.user, office.mail, office.user.address, *request, office.now);
        return store::Mailboxes(connection).find(id).value();
    });
    CHECK(entry.value().request == *request);
}

TEST_CASE("A mail that is not there is not delivered, and the transaction is undone")
{
    Office office;
    const auto failed = office.inside<int>([&](store::Connection& connection) {
        service::deliver(connection, office.user, office.mail, office.user.address, RequestId{}, office.now);
        store::Mail other = office.mail;
        other.id = MailId{99};
        service::deliver(connection, office.user, other, office.user.address, RequestId{}, office.now);
        return 0;
    });
    CHECK(failed.has_error());
    CHECK(office
              .inside<std::size_t>(
                  [](store::Connection& connection) { return store::Mailboxes(connection).list(10).size(); })
              .value() == 0);
}
