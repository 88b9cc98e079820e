// SPDX-License-Identifier: Apache-2.0
// Notices as rows of the queue (spec 2.5, 2.7), and the request that a notice's Message-ID names.
#include "../notice/notice_check.h"
#include "service/notices.h"
#include "service/order.h"
#include "store/sent_pages.h"
#include "unit/temporary_directory.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <functional>
#include <set>

using namespace ringpost;
using namespace ringpost::service;

namespace
{
const Instant now = parse_rfc3339("2026-11-20T10:00:00Z").value();

store::Request request_of_taro()
{
    store::Request request;
    request.number = "42-ab@office.example";
    request.submitter = {Standing::own_user, "taro@office.example"};
    request.sender = "taro@office.example";
    request.addressee = "hanako@office.example";
    request.source_number = "2000";
    request.destination_number = "2001";
    request.state = RequestState::failed;
    request.cause = Cause::busy;
    request.attempts = 3;
    request.asked = now - 1h;
    return request;
}

store::Mail mail_of(const std::string& sender)
{
    store::Mail mail;
    mail.accepted_at = now - 1h;
    mail.reverse_path = sender;
    mail.submitter = {Standing::own_user, sender};
    mail.message_id = "<1@client.example>";
    mail.subject = "Please call";
    mail.trace = "Received: by office.example\r\n";
    mail.content = "Subject: Please call\r\nX-Mark: original\r\n\r\nSecret body\r\n";
    mail.size = static_cast<std::int64_t>(mail.content.size());
    return mail;
}

class Office
{
public:
    template <class T>
    T inside(std::function<T(store::Connection&)> unit)
    {
        return database
            ->write_now<T>("test", [&unit](store::Connection& connection) -> Result<T> { return unit(connection); })
            .value();
    }

    MailId add(const store::Mail& mail)
    {
        return inside<MailId>([&](store::Connection& connection) { return store::Mails(connection).insert(mail); });
    }
    bool result(const store::Request& request, const std::string& why = {})
    {
        return inside<bool>(
            [&](store::Connection& connection) { return notices.queue_result(connection, request, why, now); });
    }
    bool completed(const store::Request& request)
    {
        return inside<bool>(
            [&](store::Connection& connection) { return notices.queue_completed(connection, request, now); });
    }
    bool undelivered(const store::Mail& mail, const std::string& notify = {}, bool delayed = false)
    {
        store::QueueItem item;
        item.mail = mail.id;
        item.recipient = "hanako@office-b.example";
        item.notify = notify;
        item.expires = now + 4 * 24h;
        return inside<bool>([&](store::Connection& connection) {
            return notices.queue_undelivered(connection, {item, mail, delayed, "4.4.1", "no route", "b.example"}, now);
        });
    }
    bool delivered(const store::Mail& mail, const std::string& notify, bool relayed = false)
    {
        store::QueueItem item;
        item.mail = mail.id;
        item.recipient = "hanako@office-b.example";
        item.notify = notify;
        return inside<bool>([&](store::Connection& connection) {
            return notices.queue_delivered(connection, {item, mail, relayed, "250 taken", "b.example"}, now);
        });
    }
    std::vector<store::QueueItem> queue()
    {
        return inside<std::vector<store::QueueItem>>(
            [](store::Connection& connection) { return store::Queue(connection).due(Instant::max(), 100); });
    }
    /// The last notice queued.
    store::Mail notice()
    {
        const auto items = queue();
        REQUIRE_FALSE(items.empty());
        return inside<store::Mail>(
            [&](store::Connection& connection) { return store::Mails(connection).find(items.back().mail).value(); });
    }
    ExchangeField field() { return parse_exchange_field(queue().back().exchange).value(); }

    static std::unique_ptr<store::Database> open()
    {
        store::DatabaseOptions options;
        options.file = ":memory:";
        return store::Database::open(options).value();
    }

    std::unique_ptr<store::Database> database = open();
    directory::Directory directory{*database, {}};
    Notices notices{{"office.example", 5 * 24h, 24h}, directory};
};

std::string message_id_of(const store::Mail& notice)
{
    const auto begin = notice.content.find("Message-ID: ") + 12;
    return notice.content.substr(begin, notice.content.find("\r\n", begin) - begin);
}

bool contains(const std::string& text, const std::string& what)
{
    return text.find(what) != std::string::npos;
}
} // namespace

TEST_CASE("A result is one mail with a null sender to the sender, about the original mail")
{
    Office office;
    auto request = request_of_taro();
    request.mail = office.add(mail_of(request.sender));
    REQUIRE(office.result(request));
    const auto items = office.queue();
    REQUIRE(items.size() == 1);
    CHECK(items[0].recipient == request.sender);
    CHECK(items[0].due == now);
    CHECK(items[0].expires == now + 5 * 24h);
    const auto notice = office.notice();
    CHECK(notice.reverse_path.empty());
    CHECK(notice.automatic);
    CHECK(notice.submitter.standing == Standing::own_gateway);
    CHECK(notice.size == static_cast<std::int64_t>(notice.content.size()));
    CHECK(ringpost::notice::test::transport_fault(notice.content).empty());
    CHECK(contains(notice.content, "Auto-Submitted: "));
    CHECK(contains(notice.content, "In-Reply-To: <1@client.example>"));
    const auto parts = ringpost::notice::test::parts_of(notice.content);
    REQUIRE(parts.size() == 3);
    CHECK(contains(parts[1], "Request-Number: 42-ab@office.example\r\n"));
    CHECK(contains(parts[1], "Result: failure\r\nCause: busy\r\nAttempts: 3\r\nStarted: 2026-11-20T09:00:00Z\r\n"));
    CHECK(contains(parts[2], "X-Mark: original"));
    CHECK_FALSE(contains(notice.content, "Secret body"));
}

TEST_CASE("A success has no cause")
{
    Office office;
    auto request = request_of_taro();
    request.state = RequestState::connected;
    request.cause = Cause::none;
    REQUIRE(office.result(request));
    CHECK(contains(office.notice().content, "Result: success"));
    CHECK_FALSE(contains(office.notice().content, "\r\nCause:"));
}

TEST_CASE("The field of a notice tells the first gateway how the request stands")
{
    Office office;
    REQUIRE(office.result(request_of_taro()));
    auto field = office.field();
    CHECK(field.request == "42-ab@office.example");
    CHECK(field.state == RequestState::failed);
    CHECK(field.cause == Cause::busy);
    CHECK(field.attempts == 3);
    CHECK_FALSE(field.order);
    auto request = request_of_taro();
    request.state = RequestState::waiting;
    request.cause = Cause::none;
    REQUIRE(office.completed(request));
    field = office.field();
    CHECK(field.request == "42-ab@office.example");
    CHECK(field.state == RequestState::waiting);
}

TEST_CASE("Nobody is told in answer to an automatic mail, or where there is no sender")
{
    Office office;
    auto request = request_of_taro();
    auto mail = mail_of(request.sender);
    mail.automatic = true;
    mail.id = office.add(mail);
    request.mail = mail.id;
    CHECK_FALSE(office.result(request));
    CHECK_FALSE(office.completed(request));
    CHECK_FALSE(office.undelivered(mail, "", true));
    CHECK(office.undelivered(mail)); // RFC 3464: the owner of a list learns what was lost
    CHECK(office.queue().size() == 1);
    mail.automatic = false;
    mail.reverse_path = "";
    mail.id = office.add(mail);
    CHECK_FALSE(office.undelivered(mail));
    request.mail = std::nullopt;
    request.sender = "";
    CHECK_FALSE(office.result(request));
    CHECK_FALSE(office.completed(request));
    CHECK(office.queue().size() == 1);
}

TEST_CASE("The completed notice tells number, monitor time and its end, and has no result")
{
    Office office;
    auto request = request_of_taro();
    request.state = RequestState::waiting;
    request.monitor_time = 48h;
    request.expires_at = now + 24h;
    REQUIRE(office.completed(request));
    const auto content = office.notice().content;
    CHECK(contains(content, "Request-Number: 42-ab@office.example"));
    CHECK(contains(content, "Monitor-Time: 1d"));
    CHECK(contains(content, "Monitor-End: 2026-11-21T10:00:00Z"));
    CHECK_FALSE(contains(content, "\r\nResult:"));
    CHECK(contains(content, "CANCEL"));
    request.notify_completed = false;
    CHECK_FALSE(office.completed(request));
    CHECK(office.queue().size() == 1);
}

TEST_CASE("The words for a reason are in the sender's language")
{
    Office office;
    auto request = request_of_taro();
    request.cause = Cause::declined;
    REQUIRE(office.result(request, "deleted-unread"));
    const auto text = [&office] {
        return ringpost::notice::test::decoded(ringpost::notice::test::parts_of(office.notice().content)[0]);
    };
    CHECK(contains(text(), "deleted unread"));
    request.language = "ja";
    REQUIRE(office.result(request, "deleted-unread"));
    CHECK(contains(text(), "読まれずに削除"));
    REQUIRE(office.result(request, "no permission for own 2001"));
    CHECK(contains(text(), "no permission for own 2001"));
    for (const auto* why : {"deleted-unread", "first-hung-up", "interrupted"})
    {
        REQUIRE(office.result(request, why));
        CHECK_FALSE(contains(text(), why));
    }
}

TEST_CASE(
    "A notice names its request in its Message-ID, each notice has its own, and the id between gateways is the same")
{
    Office office;
    std::set<std::string> ids;
    for (int i = 0; i < 3; ++i)
    {
        REQUIRE(office.result(request_of_taro()));
        REQUIRE(ids.insert(message_id_of(office.notice())).second);
        CHECK(request_of_notice(message_id_of(office.notice())) == "42-ab@office.example");
        CHECK(message_id_of(office.notice()) == "<" + office.field().id + ">");
        REQUIRE(office.completed(request_of_taro()));
        REQUIRE(ids.insert(message_id_of(office.notice())).second);
        CHECK(request_of_notice(message_id_of(office.notice())) == "42-ab@office.example");
    }
}

TEST_CASE("No other Message-ID names a request")
{
    const auto* id =
        GENERATE("", "<", "<ringpost-notice>", "<ringpost-notice.1.2@office.example>",
                 "<ringpost-notice.1.2.3@o.example>", "<1@client.example>", "<a=b@ringpost-notice.1.2>",
                 "<x.ringpost-notice.1.2.3=o.example@o.example>", "<ringpost-notice.1.2.=o.example@o.example>",
                 "<ringpost-notice.1.2.3=o.example", "<ringpost-notice.1", "<ringpost-notice.1.2.3@o=x.example>");
    INFO(id);
    CHECK_FALSE(request_of_notice(id));
    CHECK_FALSE(request_of_notice("<ringpost-notice.1.2." + std::string(600, '3') + "=o.example@o.example>"));
    CHECK(request_of_notice("<ringpost-notice.1.2.3=o.example@gw.example>") == "3@o.example");
    CHECK(request_of_notice("ringpost-notice.1.2.3.4=o.example@gw.example") == "3.4@o.example");
}

TEST_CASE("A bounce goes to the envelope sender and names no request")
{
    Office office;
    auto mail = mail_of("taro@office.example");
    mail.id = office.add(mail);
    REQUIRE(office.undelivered(mail));
    CHECK(office.queue().back().recipient == "taro@office.example");
    const auto notice = office.notice();
    CHECK(contains(notice.content, "Action: failed"));
    CHECK(contains(notice.content, "Final-Recipient: rfc822; hanako@office-b.example"));
    CHECK(contains(notice.content, "Remote-MTA: dns; b.example"));
    const auto id = message_id_of(notice);
    CHECK_FALSE(request_of_notice(id));
    CHECK_FALSE(contains(id, ".@"));
    CHECK_FALSE(office.field().state);
    CHECK("<" + office.field().id + ">" == id);
}

TEST_CASE("A bounce of a mail in the spool returns its header too", "[service]")
{
    const ringpost::test::TemporaryDirectory folder;
    Office office;
    const Notices notices{{"office.example", 5 * 24h, 24h, folder.path()}, office.directory};
    auto mail = mail_of("taro@office.example");
    mail.spool_file = "large";
    std::ofstream(folder / "large") << mail.content << std::string(200'000, 'x');
    mail.id = office.add(mail);
    store::QueueItem item;
    item.mail = mail.id;
    item.recipient = "hanako@office-b.example";
    CHECK(office.inside<bool>([&](store::Connection& connection) {
        return notices.queue_undelivered(connection, {item, mail, false, "5.1.1", "no", "b.example"}, now);
    }));
    CHECK(contains(office.notice().content, "X-Mark: original"));
    CHECK_FALSE(contains(office.notice().content, "Secret body"));
}

TEST_CASE("A notice about a confidential mail has nothing of it but its Message-ID", "[service]")
{
    const ringpost::test::TemporaryDirectory folder;
    Office office;
    const Notices notices{{"office.example", 5 * 24h, 24h, folder.path()}, office.directory};
    for (const std::string file : {"", "large"})
    {
        auto mail = mail_of("taro@office.example");
        mail.subject = "";
        mail.key_id = "key";
        mail.spool_file = file;
        std::ofstream(folder / "large") << mail.content;
        mail.id = office.add(mail);
        auto request = request_of_taro();
        request.mail = mail.id;
        const auto told = [&](const store::Mail* at_hand) {
            return office.inside<bool>([&](store::Connection& connection) {
                return notices.queue_completed(connection, request, now, at_hand);
            });
        };
        for (const store::Mail* at_hand :
             {static_cast<const store::Mail*>(nullptr), static_cast<const store::Mail*>(&mail)})
        {
            REQUIRE(told(at_hand));
            const auto parts = ringpost::notice::test::parts_of(office.notice().content);
            REQUIRE(parts.size() == 3);
            CHECK(contains(parts[2], "Received: by office.example\r\nMessage-ID: <1@client.example>\r\n"));
            CHECK_FALSE(contains(parts[2], "Subject"));
            CHECK_FALSE(contains(parts[2], "X-Mark"));
        }
    }
}

TEST_CASE("The copies of all FAXes of a mail share what one result may hold")
{
    Office office;
    const std::size_t room = 5'000;
    const Notices notices{{"office.example", 5 * 24h, 24h, {}, room}, office.directory};
    auto request = request_of_taro();
    office.inside<bool>([&](store::Connection& connection) {
        request.id = store::Requests(connection).insert(request);
        for (int i = 1; i <= 3; ++i)
        {
            auto part = request_of_taro();
            part.number = std::to_string(i) + ".part@office.example";
            part.part_of = request.id;
            part.medium = Medium::fax;
            part.content = i;
            part.pages = 1;
            part.state = RequestState::connected;
            part.cause = Cause::none;
            part.id = store::Requests(connection).insert(part);
            store::SentPages(connection).insert(part.id, {0, 100, 196, false, std::string(3'000, 'x')});
        }
        return notices.queue_result(connection, request, "", now);
    });
    const auto content = office.notice().content;
    std::size_t copies = 0;
    for (auto at = content.find("application/pdf"); at != std::string::npos;
         at = content.find("application/pdf", at + 1))
    {
        ++copies;
    }
    CHECK(copies == 1);
}

TEST_CASE("NOTIFY decides which failures and delays are told")
{
    Office office;
    auto mail = mail_of("taro@office.example");
    mail.id = office.add(mail);
    struct Row
    {
        std::string notify;
        bool failure;
        bool delay;
    };
    const auto row = GENERATE(values<Row>({{"", true, true},
                                           {"NEVER", false, false},
                                           {"SUCCESS", false, false},
                                           {"FAILURE", true, false},
                                           {"DELAY", false, true},
                                           {"SUCCESS,FAILURE,DELAY", true, true}}));
    INFO(row.notify);
    CHECK(office.undelivered(mail, row.notify) == row.failure);
    CHECK(office.undelivered(mail, row.notify, true) == row.delay);
    if (row.delay)
    {
        CHECK(contains(office.notice().content, "Action: delayed"));
        CHECK(contains(office.notice().content, "Will-Retry-Until: "));
    }
}

TEST_CASE("Success is told only who asked for it and is known")
{
    Office office;
    auto mail = mail_of("taro@office.example");
    mail.envid = "QQ314159";
    mail.id = office.add(mail);
    CHECK_FALSE(office.delivered(mail, ""));
    CHECK_FALSE(office.delivered(mail, "NEVER"));
    CHECK_FALSE(office.delivered(mail, "FAILURE,DELAY"));
    auto other = mail;
    other.submitter = {Standing::stranger, ""};
    CHECK_FALSE(office.delivered(other, "SUCCESS"));
    other = mail;
    other.reverse_path.clear();
    CHECK_FALSE(office.delivered(other, "SUCCESS"));
    other = mail;
    other.automatic = true;
    CHECK_FALSE(office.delivered(other, "SUCCESS"));
    CHECK(office.queue().empty());
    CHECK(office.delivered(mail, "SUCCESS,DELAY", true));
    CHECK(contains(office.notice().content, "Original-Envelope-Id: QQ314159\r\n"));
    CHECK(contains(office.notice().content, "Action: relayed\r\n"));
    CHECK(office.delivered(mail, "SUCCESS"));
    CHECK(contains(office.notice().content, "Action: delivered\r\n"));
    CHECK(office.notice().reverse_path.empty());
}

TEST_CASE("A bounce returns the whole mail where RET says so, else its header")
{
    Office office;
    auto mail = mail_of("taro@office.example");
    for (const auto* ret : {"FULL", "HDRS", ""})
    {
        mail.ret = ret;
        mail.id = office.add(mail);
        REQUIRE(office.undelivered(mail));
        const bool whole = std::string(ret) == "FULL";
        CHECK(contains(office.notice().content, "Secret body") == whole);
        CHECK(contains(office.notice().content, "X-Mark: original"));
        CHECK(office.undelivered(mail, "DELAY", true));
        CHECK_FALSE(contains(office.notice().content, "Secret body"));
    }
}
