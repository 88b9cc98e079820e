// SPDX-License-Identifier: Apache-2.0
// From the last octet to the rows: what accepted mails leave in the database, all in one transaction.
#include "acceptance_gateway.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <functional>
#include <set>

using namespace ringpost;
using namespace ringpost::mta;
using namespace ringpost::mta::test;

namespace
{
bool contains(const std::string& text, const std::string& what)
{
    return text.find(what) != std::string::npos;
}

/// A notice of office B about a request.
Letter progress_of_b(const std::string& request, const std::string& state, const std::string& cause,
                     const std::string& id)
{
    auto letter = from_office_b({taro}, "Ringpost-Exchange: id=" + id + "; request=" + request + "; state=" + state +
                                            (cause.empty() ? "" : "; cause=" + cause) +
                                            "; attempts=4\r\nAuto-Submitted: auto-replied\r\n");
    letter.reverse_path = "";
    return letter;
}
} // namespace

TEST_CASE("An accepted order leaves mail, contents, queue item, request and audit row")
{
    Gateway gateway;
    const auto letter = from_taro({"hanako+call@office.example"}, "Message-Id: <x@client.example>\r\n");
    const auto name = gateway.accept(letter);
    REQUIRE(name.has_value());
    CHECK(gateway.poked == 1);
    const auto items = gateway.queue();
    REQUIRE(items.size() == 1);
    CHECK(items[0].recipient == hanako);
    CHECK(items[0].due == now);
    CHECK(items[0].expires == now + gateway.config.relay.expiry);
    const auto requests = gateway.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].id == items[0].request);
    CHECK(requests[0].mail == items[0].mail);
    CHECK(requests[0].number.ends_with("@office.example"));
    const auto mail = gateway.mail(items[0].mail);
    CHECK(mail.content == letter.octets);
    CHECK(mail.size == static_cast<std::int64_t>(letter.octets.size()));
    CHECK(mail.reverse_path == taro);
    CHECK(mail.subject == "Call");
    CHECK(mail.trace.starts_with("Received: from client.example ([192.0.2.1])\r\n\tby office.example with ESMTPA id " +
                                 *name));
    CHECK(contains(mail.trace, "\r\n\tfor <hanako+call@office.example>;\r\n"));
    CHECK(mail.trace.ends_with("Fri, 20 Nov 2026 10:00:00 +0000\r\n"));
    CHECK(gateway.count("content") == 1);
    const auto audit = gateway.audit();
    REQUIRE(audit.size() == 1);
    CHECK(audit[0].request == requests[0].number);
    CHECK(audit[0].allowed);
    CHECK(audit[0].who == taro);
}

TEST_CASE("Hidden recipients do not show in the trace")
{
    Gateway gateway;
    REQUIRE(gateway.accept(from_taro({hanako, jiro_b})).has_value());
    const auto items = gateway.queue();
    REQUIRE(items.size() == 2);
    CHECK(items[0].mail == items[1].mail);
    CHECK_FALSE(contains(gateway.mail(items[0].mail).trace, "for <"));
    CHECK(gateway.count("content") == 0);
}

TEST_CASE("Time and express reach the queue")
{
    Gateway gateway;
    REQUIRE(
        gateway.accept(from_taro({hanako}, "Ringpost-Service: time; after=2h\r\nImportance: high\r\n")).has_value());
    const auto item = gateway.queue().at(0);
    CHECK(item.due == now + 2h);
    CHECK(item.express);
    CHECK(item.expires == now + 2h + gateway.config.relay.expiry);
}

TEST_CASE("Request numbers and ids are each given once, within one moment too")
{
    Gateway gateway;
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i)
    {
        REQUIRE(gateway.accept(from_taro({"hanako+call@office.example", "jiro+call@office-b.example"})).has_value());
    }
    for (const auto& request : gateway.rows<std::vector<store::Request>>(
             [](auto& connection) { return store::Requests(connection).list(1000); }))
    {
        ids.insert(request.number);
    }
    CHECK(ids.size() == 200);
}

TEST_CASE("A refused mail of an own user leaves an audit row and nothing else")
{
    Gateway gateway;
    const auto refused = gateway.accept(from_taro({hanako}, "Ringpost-Destination-Number: 119\r\n"));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code() == Errc::refused);
    CHECK(gateway.count("mail") == 0);
    CHECK(gateway.count("queue_item") == 0);
    CHECK(gateway.poked == 0);
    const auto audit = gateway.audit();
    REQUIRE(audit.size() == 1);
    CHECK_FALSE(audit[0].allowed);
    CHECK(audit[0].who == taro);
    CHECK(audit[0].number == "119");
    CHECK(contains(audit[0].rule, "emergency"));
    CHECK(gateway.accept(from_taro({hanako}, "Ringpost-Trigger: never\r\n")).error().code() == Errc::malformed);
    CHECK(gateway.audit().size() == 1);
}

TEST_CASE("A mail that has gone through too many servers is refused")
{
    Gateway gateway;
    gateway.config.mta.received_limit = 2;
    const std::string received = "Received: by a.example; Fri, 20 Nov 2026 10:00:00 +0000\r\n";
    CHECK(gateway.accept(from_stranger({hanako}, received + received)).has_value());
    CHECK(gateway.accept(from_stranger({hanako}, received + received + received)).error().code() == Errc::refused);
    CHECK(gateway.audit().empty());
}

TEST_CASE("A stranger's order is delivered as ordinary mail with an audit row")
{
    Gateway gateway;
    REQUIRE(gateway.accept(from_stranger({hanako}, "Ringpost-Trigger: system-recognition\r\n")).has_value());
    CHECK(gateway.requests().empty());
    REQUIRE(gateway.queue().size() == 1);
    CHECK_FALSE(gateway.queue()[0].request);
    CHECK(gateway.queue()[0].exchange.empty());
    REQUIRE(gateway.audit().size() == 1);
    CHECK(gateway.audit()[0].standing == "stranger");
    CHECK_FALSE(gateway.audit()[0].allowed);
}

TEST_CASE("A refused order of a peer is an ended request, a result notice and an ordinary mail with the reason")
{
    Gateway gateway;
    auto order = order_of_b();
    order.destination_number = "119";
    order.result_notification = false; // silences no refusal
    REQUIRE(gateway.accept(from_office_b({hanako}, mta::test::field_of(order))).has_value());
    const auto request = gateway.request("77@office-b.example");
    CHECK(request.state == RequestState::failed);
    CHECK(request.cause == Cause::refused);
    CHECK(request.ended_at == now);
    const auto items = gateway.queue();
    REQUIRE(items.size() == 2);
    const auto& result = items[0].recipient == jiro_b ? items[0] : items[1];
    const auto& ordinary = items[0].recipient == jiro_b ? items[1] : items[0];
    CHECK(result.recipient == jiro_b);
    const auto notice = gateway.mail(result.mail);
    CHECK(notice.reverse_path.empty());
    CHECK(contains(notice.content, "Cause: refused"));
    CHECK(contains(notice.content, "Request-Number: 77@office-b.example"));
    CHECK(contains(notice.content, "emergency"));
    CHECK(ordinary.recipient == hanako);
    CHECK(contains(ordinary.refused, "emergency"));
    CHECK_FALSE(service::parse_exchange_field(ordinary.exchange).value().order);
    REQUIRE(gateway.audit().size() == 1);
    CHECK_FALSE(gateway.audit()[0].allowed);
    CHECK(gateway.audit()[0].who == "office-b.example");
}

TEST_CASE("A mail that a peer repeats is answered and dropped, another recipient's is not")
{
    Gateway gateway;
    const auto letter = from_office_b({hanako}, mta::test::field_of(order_of_b()));
    REQUIRE(gateway.accept(letter).has_value());
    CHECK(gateway.accept(letter).value() == "repeat of 77@office-b.example");
    CHECK(gateway.count("mail") == 1);
    CHECK(gateway.queue().size() == 1);
    CHECK(gateway.requests().size() == 1);

    auto plain = from_office_b({hanako}, "Ringpost-Exchange: id=80@office-b.example\r\n");
    REQUIRE(gateway.accept(plain).has_value());
    plain.recipients = {hanako, taro};
    REQUIRE(gateway.accept(plain).has_value());
    CHECK(gateway.queue().size() == 3);
    CHECK(gateway.queue()[2].recipient == taro);
    // The same id of another gateway is another mail.
    plain.submitter.name = "office-c.example";
    REQUIRE(gateway.accept(plain).has_value());
    CHECK(gateway.queue().size() == 5);
}

TEST_CASE("A request number that is in use already makes no second request, and the mail is not lost")
{
    Gateway gateway;
    const auto letter = from_office_b({hanako}, mta::test::field_of(order_of_b()));
    REQUIRE(gateway.accept(letter).has_value());
    auto again = letter;
    again.recipients = {taro};
    REQUIRE(gateway.accept(again).has_value());
    CHECK(gateway.requests().size() == 1);
    CHECK(gateway.request("77@office-b.example").addressee == hanako);
    const auto items = gateway.queue();
    REQUIRE(items.size() == 2);
    CHECK_FALSE(items[1].request);
    CHECK_FALSE(service::parse_exchange_field(items[1].exchange).value().order);
    CHECK(contains(gateway.audit().back().rule, "in use"));
}

TEST_CASE("A peer's notice moves the request on that it performs, and its end ends it")
{
    Gateway gateway;
    REQUIRE(gateway.accept(from_taro({"jiro+call@office-b.example"})).has_value());
    const std::string number = gateway.requests().at(0).number;
    REQUIRE(gateway.accept(progress_of_b(number, "awaiting-reception", "", "n1@b.example")).has_value());
    CHECK(gateway.request(number).state == RequestState::awaiting_reception);
    CHECK_FALSE(gateway.request(number).ended_at);
    REQUIRE(gateway.accept(progress_of_b(number, "failed", "busy", "n2@b.example")).has_value());
    auto request = gateway.request(number);
    CHECK(request.state == RequestState::failed);
    CHECK(request.cause == Cause::busy);
    CHECK(request.attempts == 4);
    CHECK(request.ended_at == now);
    // What comes late changes nothing.
    REQUIRE(gateway.accept(progress_of_b(number, "connected", "", "n3@b.example")).has_value());
    CHECK(gateway.request(number).state == RequestState::failed);
    // The notices themselves go to the sender.
    CHECK(gateway.queue().size() == 4);
}

TEST_CASE("Only the gateway that performs a request tells how it stands")
{
    Gateway gateway;
    REQUIRE(gateway.accept(from_taro({"jiro+call@office-b.example"})).has_value());
    const std::string number = gateway.requests().at(0).number;
    auto letter = progress_of_b(number, "failed", "busy", "n1@c.example");
    letter.submitter.name = "office-c.example";
    REQUIRE(gateway.accept(letter).has_value());
    CHECK(gateway.request(number).state == RequestState::held);
    letter.submitter = {Standing::stranger, ""};
    REQUIRE(gateway.accept(letter).has_value());
    CHECK(gateway.request(number).state == RequestState::held);

    // Requests that are performed here are nobody else's business.
    REQUIRE(gateway.accept(from_office_b({hanako}, mta::test::field_of(order_of_b()))).has_value());
    REQUIRE(gateway.accept(progress_of_b("77@office-b.example", "failed", "busy", "n2@b.example")).has_value());
    CHECK(gateway.request("77@office-b.example").state == RequestState::held);
}

TEST_CASE("A gateway of several domains tells how requests to each of them stand")
{
    Gateway gateway;
    REQUIRE(gateway.accept(from_taro({"jiro+call@branch.example"})).has_value());
    const std::string number = gateway.requests().at(0).number;
    REQUIRE(gateway.accept(progress_of_b(number, "connected", "", "n1@b.example")).has_value());
    CHECK(gateway.request(number).state == RequestState::connected);
    CHECK(gateway.request(number).cause == Cause::none);
}

TEST_CASE("No state that a peer tells makes this gateway dial")
{
    Gateway gateway;
    REQUIRE(gateway.accept(from_taro({"jiro+call@office-b.example"})).has_value());
    const std::string number = gateway.requests().at(0).number;
    for (const auto* state : {"dialling-first", "dialling-second", "suspended", "held", "waiting"})
    {
        REQUIRE(gateway.accept(progress_of_b(number, state, "", std::string(state) + "@b.example")).has_value());
        const auto request = gateway.request(number);
        CHECK(request.state == RequestState::waiting);
        CHECK_FALSE(request.wake_at);
        CHECK(request.wait == store::Wait::none);
    }
}

TEST_CASE("A spooled mail is kept when it is stored, and removed when it is refused or repeated")
{
    Gateway gateway;
    const auto spooled = [&gateway](const Letter& letter) {
        auto file = store::SpoolFile::create(gateway.spool).value();
        REQUIRE(file.append(letter.octets).has_value());
        IncomingMail mail{envelope_of(letter), letter.submitter, "", "ESMTP", "192.0.2.1", "", std::move(file)};
        mail.spooled_octets = static_cast<std::int64_t>(letter.octets.size());
        return gateway.accept(std::move(mail));
    };
    const auto files = [&gateway] {
        return std::distance(std::filesystem::directory_iterator(gateway.folder.path()),
                             std::filesystem::directory_iterator());
    };
    const auto letter = from_office_b({hanako}, mta::test::field_of(order_of_b()));
    REQUIRE(spooled(letter).has_value());
    CHECK(files() == 1);
    const auto mail = gateway.mail(gateway.queue().at(0).mail);
    CHECK(mail.size == static_cast<std::int64_t>(letter.octets.size()));
    CHECK(std::filesystem::file_size(gateway.spool.path(mail.spool_file)) == letter.octets.size());
    CHECK(gateway.requests().size() == 1);
    REQUIRE(spooled(letter).has_value());
    CHECK(files() == 1);
    CHECK(spooled(from_taro({hanako}, "Ringpost-Trigger: never\r\n")).has_error());
    CHECK(files() == 1);
}
