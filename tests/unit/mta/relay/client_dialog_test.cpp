// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/client_dialog.h"

#include <catch2/catch.hpp>

#include <functional>
#include <stdexcept>

using namespace ringpost;
using namespace ringpost::mta;
using Next = ClientDialog::Next;
using Step = ClientDialog::Step;
using Kind = Outcome::Kind;

namespace
{
const std::string full_ehlo = "250-b.example\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-PIPELINING\r\n250-DSN\r\n"
                              "250-MT-PRIORITY\r\n250-AUTH LOGIN PLAIN\r\n250 XRINGPOST\r\n";

Envelope mail_to(std::initializer_list<const char*> locals)
{
    Envelope envelope;
    envelope.reverse_path = Mailbox{"taro", "a.example"};
    envelope.declared_size = 500;
    for (const char* local : locals)
    {
        envelope.recipients.push_back({Mailbox{local, "b.example"}, {}, {}});
    }
    return envelope;
}

/// Feeds octets in pieces; what is to be sent is collected.
Step feed(ClientDialog& dialog, const std::string& octets, std::size_t piece)
{
    Step all;
    for (std::size_t at = 0; at < octets.size(); at += piece)
    {
        const Step step = dialog.on_octets(std::string_view(octets).substr(at, piece));
        all.send += step.send;
        all.next = step.next;
    }
    return all;
}

ClientDialog connected(const std::string& ehlo, std::size_t piece = 1000)
{
    ClientDialog dialog({"a.example", std::nullopt});
    CHECK(dialog.start().next == Next::read);
    CHECK(feed(dialog, "220 b.example\r\n", piece).send == "EHLO a.example\r\n");
    CHECK(feed(dialog, ehlo, piece).next == Next::ready);
    return dialog;
}

std::vector<Kind> kinds(const ClientDialog& dialog)
{
    std::vector<Kind> result;
    for (const Outcome& outcome : dialog.outcomes())
    {
        result.push_back(outcome.kind);
    }
    return result;
}

/// Runs a scripted check with replies whole and byte by byte.
void whole_and_trickled(const std::function<void(std::size_t)>& script)
{
    for (const std::size_t piece : {1000U, 3U, 1U})
    {
        CAPTURE(piece);
        script(piece);
    }
}
} // namespace

TEST_CASE("Without pipelining a mail goes command by command", "[mta]")
{
    whole_and_trickled([](std::size_t piece) {
        ClientDialog dialog = connected("250 b.example\r\n", piece);
        CHECK(dialog.send(mail_to({"x", "y"})).send == "MAIL FROM:<taro@a.example>\r\n");
        CHECK(feed(dialog, "250 ok\r\n", piece).send == "RCPT TO:<x@b.example>\r\n");
        CHECK(feed(dialog, "250-first\r\n250 ok\r\n", piece).send == "RCPT TO:<y@b.example>\r\n");
        CHECK(feed(dialog, "550 5.1.1 No such user\r\n", piece).send == "DATA\r\n");
        CHECK(feed(dialog, "354 go\r\n", piece).next == Next::send_body);
        CHECK(dialog.timeout() == 3min);
        CHECK(dialog.on_body_sent().next == Next::read);
        CHECK(dialog.timeout() == 10min);
        CHECK(feed(dialog, "250 2.0.0 Queued\r\n", piece).next == Next::ready);
        const std::vector<Outcome> outcomes = dialog.outcomes();
        REQUIRE(outcomes.size() == 2);
        CHECK(outcomes[0].kind == Kind::delivered);
        CHECK(outcomes[0].text == "Queued");
        CHECK(outcomes[1].kind == Kind::permanent);
        CHECK(outcomes[1].code == 550);
        CHECK(outcomes[1].enhanced == "5.1.1");
        CHECK(outcomes[1].text == "No such user");
        CHECK(dialog.quit().send == "QUIT\r\n");
        CHECK(feed(dialog, "221 bye\r\n", piece).next == Next::finished);
    });
}

TEST_CASE("With pipelining and DSN everything goes at once, then the next mail", "[mta]")
{
    whole_and_trickled([](std::size_t piece) {
        ClientDialog dialog = connected(full_ehlo, piece);
        CHECK(dialog.offers().xringpost);
        CHECK(dialog.offers().auth_plain);
        Envelope envelope = mail_to({"x"});
        envelope.body8bit = true;
        envelope.ret = ReturnContent::headers;
        envelope.envid = "a b";
        envelope.priority = -4;
        envelope.recipients[0].notify = {true, false, true, true, false};
        envelope.recipients[0].orcpt = "rfc822;x+y@b";
        CHECK(dialog.send(envelope).send ==
              "MAIL FROM:<taro@a.example> SIZE=500 BODY=8BITMIME RET=HDRS ENVID=a+20b MT-PRIORITY=-4\r\n"
              "RCPT TO:<x@b.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x+2By@b\r\nDATA\r\n");
        CHECK(feed(dialog, "250 ok\r\n250 ok\r\n354 go\r\n", piece).next == Next::send_body);
        CHECK(dialog.on_body_sent().send.empty());
        CHECK(feed(dialog, "250 ok\r\n", piece).next == Next::ready);
        CHECK(kinds(dialog) == std::vector{Kind::delivered});
        Envelope null_sender = mail_to({"postmaster"});
        null_sender.reverse_path.reset();
        null_sender.recipients[0].mailbox.domain.clear();
        CHECK(dialog.send(null_sender).send == "MAIL FROM:<> SIZE=500\r\nRCPT TO:<postmaster>\r\nDATA\r\n");
    });
}

TEST_CASE("A 354 that no recipient is left for is answered with an empty mail", "[mta]")
{
    whole_and_trickled([](std::size_t piece) {
        ClientDialog dialog = connected(full_ehlo, piece);
        (void)dialog.send(mail_to({"x", "y"}));
        const Step step = feed(dialog, "250 ok\r\n550 no\r\n450 later\r\n354 go\r\n", piece);
        CHECK(step.send == ".\r\n");
        CHECK(step.next == Next::read);
        CHECK(feed(dialog, "554 no recipients\r\n", piece).next == Next::ready);
        CHECK(kinds(dialog) == std::vector{Kind::permanent, Kind::temporary});
    });
}

TEST_CASE("A transaction that is left open is reset before the next mail", "[mta]")
{
    ClientDialog plain = connected("250 b.example\r\n");
    (void)plain.send(mail_to({"x"}));
    (void)feed(plain, "250 ok\r\n", 100);
    CHECK(feed(plain, "550 no\r\n", 100).next == Next::ready);
    CHECK(plain.send(mail_to({"x"})).send == "RSET\r\n");
    CHECK(feed(plain, "250 ok\r\n", 100).send == "MAIL FROM:<taro@a.example>\r\n");

    ClientDialog pipelined = connected(full_ehlo);
    (void)pipelined.send(mail_to({"x"}));
    CHECK(feed(pipelined, "451 later\r\n503 no\r\n503 no\r\n", 100).next == Next::ready);
    CHECK(kinds(pipelined) == std::vector{Kind::temporary});
    CHECK(pipelined.outcomes()[0].text == "later");
    CHECK(pipelined.send(mail_to({"x"})).send.substr(0, 12) == "RSET\r\nMAIL F");
}

TEST_CASE("The mail's own replies decide for those recipients that are left", "[mta]")
{
    struct Row
    {
        std::string replies; ///< to MAIL, RCPT x, RCPT y, DATA
        bool body;
        std::string end;
        std::vector<Kind> kinds;
    };
    const std::vector<Row> rows = {
        {"550 no\r\n503 x\r\n503 x\r\n503 x\r\n", false, "", {Kind::permanent, Kind::permanent}},
        {"550 no\r\n250 x\r\n250 x\r\n503 x\r\n", false, "", {Kind::permanent, Kind::permanent}},
        {"250 ok\r\n550 no\r\n250 ok\r\n451 later\r\n", false, "", {Kind::permanent, Kind::temporary}},
        {"250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n", true, "552 5.3.4 big\r\n", {Kind::permanent, Kind::permanent}},
        {"250 ok\r\n450 no\r\n251 ok\r\n354 go\r\n", true, "250 ok\r\n", {Kind::temporary, Kind::delivered}},
        {"250 ok\r\n552 too many\r\n552 5.2.2 full\r\n503 no\r\n", false, "", {Kind::temporary, Kind::permanent}},
    };
    for (const Row& row : rows)
    {
        whole_and_trickled([&row](std::size_t piece) {
            CAPTURE(row.replies);
            ClientDialog dialog = connected(full_ehlo, piece);
            (void)dialog.send(mail_to({"x", "y"}));
            const Step step = feed(dialog, row.replies, piece);
            CHECK(step.next == (row.body ? Next::send_body : Next::ready));
            if (row.body)
            {
                (void)dialog.on_body_sent();
                CHECK(feed(dialog, row.end, piece).next == Next::ready);
            }
            CHECK(kinds(dialog) == row.kinds);
        });
    }
}

TEST_CASE("What cannot be sent is decided without asking the server", "[mta]")
{
    ClientDialog dialog = connected(full_ehlo);
    Envelope large = mail_to({"x"});
    large.declared_size = 1001;
    CHECK(dialog.send(large).next == Next::ready);
    CHECK(dialog.outcomes()[0].kind == Kind::permanent);
    CHECK(dialog.outcomes()[0].enhanced == "5.3.4");

    Envelope injected = mail_to({"x>\r\nRCPT TO:<y", "ok"});
    CHECK(dialog.send(injected).send == "MAIL FROM:<taro@a.example> SIZE=500\r\nRCPT TO:<ok@b.example>\r\nDATA\r\n");
    CHECK(dialog.outcomes()[0].kind == Kind::permanent);

    ClientDialog other = connected(full_ehlo);
    Envelope from = mail_to({"x"});
    from.reverse_path = Mailbox{"taro", "a\r\nb"};
    CHECK(other.send(from).next == Next::ready);
    CHECK(other.outcomes()[0].enhanced == "5.1.7");
}

TEST_CASE("Whether the server has answered a mail, or only ended the connection", "[mta]")
{
    struct Row
    {
        std::string replies;
        bool answered;
    };
    const std::vector<Row> rows = {
        {"", false},
        {"421 idle\r\n", false},
        {"25", false},
        {"250 ok\r\n", true},
        {"250 ok\r\n421 closing\r\n", true},
        {"550 no\r\n", true},
    };
    for (const Row& row : rows)
    {
        whole_and_trickled([&row](std::size_t piece) {
            CAPTURE(row.replies);
            ClientDialog dialog = connected(full_ehlo, piece);
            (void)dialog.send(mail_to({"x"}));
            (void)feed(dialog, "250 ok\r\n250 ok\r\n354 go\r\n", piece);
            (void)dialog.on_body_sent();
            CHECK(feed(dialog, "250 ok\r\n", piece).next == Next::ready);
            CHECK(dialog.answered());
            (void)dialog.send(mail_to({"y"}));
            (void)feed(dialog, row.replies, piece);
            (void)dialog.on_end(fail(Errc::closed, "b.example", "the connection was ended"));
            CHECK(dialog.answered() == row.answered);
        });
    }
    ClientDialog dialog = connected(full_ehlo);
    Envelope large = mail_to({"x"});
    large.declared_size = 1001;
    CHECK(dialog.send(large).next == Next::ready);
    CHECK_FALSE(dialog.answered());
}

TEST_CASE("A refusal stands that comes while the mail is written", "[mta]")
{
    struct Row
    {
        std::string replies;
        Kind kind;
        std::string text;
    };
    const std::vector<Row> rows = {
        {"552-5.3.4 too\r\n552 5.3.4 large\r\n", Kind::permanent, "too large"},
        {"452 4.3.1 disk full\r\n", Kind::temporary, "disk full"},
        {"421 4.3.2 bye\r\n", Kind::temporary, "bye"},
        {"250 taken\r\n", Kind::temporary, "b.example: the connection was ended"},
        {"354 go on\r\n", Kind::temporary, "b.example: the connection was ended"},
        {"", Kind::temporary, "b.example: the connection was ended"},
        {"552 5.3.4 too", Kind::temporary, "b.example: the connection was ended"},
    };
    for (const Row& row : rows)
    {
        whole_and_trickled([&row](std::size_t piece) {
            CAPTURE(row.replies);
            ClientDialog dialog = connected(full_ehlo, piece);
            (void)dialog.send(mail_to({"x"}));
            (void)feed(dialog, "250 ok\r\n250 ok\r\n354 go\r\n", piece);
            CHECK(dialog.on_body_cut(fail(Errc::closed, "b.example", "the connection was ended")).next == Next::read);
            CHECK(dialog.timeout() <= 5s);
            (void)feed(dialog, row.replies, piece);
            CHECK(dialog.on_end(fail(Errc::timeout, "b.example", "nothing came")).next == Next::failed);
            CHECK(dialog.outcomes()[0].kind == row.kind);
            CHECK(dialog.outcomes()[0].text == row.text);
        });
    }
}

TEST_CASE("An outcome tells what the server has answered", "[mta]")
{
    const auto asked = [](const std::string& replies, const std::string& last) {
        ClientDialog dialog = connected(full_ehlo);
        (void)dialog.send(mail_to({"x"}));
        if (feed(dialog, replies, 1000).next == Next::send_body)
        {
            (void)dialog.on_body_sent();
        }
        (void)dialog.on_octets(last);
        return dialog.outcomes()[0].asked;
    };
    CHECK(asked("", "421 bye\r\n") == "MAIL FROM");
    CHECK(asked("", "451 later\r\n") == "MAIL FROM");
    CHECK(asked("250 ok\r\n", "451 later\r\n") == "RCPT TO");
    CHECK(asked("250 ok\r\n", "421 bye\r\n") == "RCPT TO");
    CHECK(asked("250 ok\r\n250 ok\r\n", "250 ok\r\n") == "DATA");
    CHECK(asked("250 ok\r\n250 ok\r\n", "451 later\r\n") == "DATA");
    CHECK(asked("250 ok\r\n250 ok\r\n354 go\r\n", "451 later\r\n") == "the mail");
    CHECK(asked("250 ok\r\n250 ok\r\n354 go\r\n", "421 bye\r\n") == "the mail");
    CHECK(asked("", "nonsense\r\n").empty());
}

TEST_CASE("Who waits for a greeting in vain is told that the port may begin with TLS", "[mta]")
{
    const auto why = [](HopTls tls, const std::string& heard, Errc code) {
        ClientOptions options{"a.example", std::nullopt};
        options.tls = tls;
        ClientDialog dialog(options);
        (void)dialog.start();
        (void)dialog.on_octets(heard);
        (void)dialog.on_end(fail(code, "b.example", "the peer took too long"));
        return dialog.failure()->text();
    };
    const std::string hint =
        "the peer took too long without a greeting: does its port begin with TLS (tls = \"implicit\")?";
    CHECK(why(HopTls::required, "", Errc::timeout) == hint);
    CHECK(why(HopTls::opportunistic, "", Errc::timeout) == hint);
    CHECK(why(HopTls::opportunistic, "", Errc::closed) == hint);
    for (const auto& other : {why(HopTls::implicit, "", Errc::timeout), why(HopTls::none, "", Errc::timeout),
                              why(HopTls::required, "220 b.example\r\n", Errc::timeout),
                              why(HopTls::required, "22", Errc::timeout), why(HopTls::required, "", Errc::io)})
    {
        CHECK(other == "the peer took too long");
    }
}

TEST_CASE("Many recipients go in groups, the DATA with the last", "[mta]")
{
    ClientDialog dialog = connected(full_ehlo);
    Envelope envelope = mail_to({});
    for (int i = 0; i < 150; ++i)
    {
        envelope.recipients.push_back({Mailbox{"u" + std::to_string(i), "b.example"}, {}, {}});
    }
    const Step first = dialog.send(envelope);
    CHECK(std::count(first.send.begin(), first.send.end(), '\n') == 100);
    CHECK(first.send.find("DATA") == std::string::npos);
    std::string replies;
    for (int i = 0; i < 100; ++i)
    {
        replies += "250 ok\r\n";
    }
    const Step second = feed(dialog, replies, 64);
    CHECK(std::count(second.send.begin(), second.send.end(), '\n') == 52);
    CHECK(second.send.ends_with("DATA\r\n"));
}

TEST_CASE("A server without EHLO is asked with HELO", "[mta]")
{
    ClientDialog dialog({"a.example", std::nullopt});
    (void)dialog.start();
    (void)feed(dialog, "220 old\r\n", 100);
    CHECK(feed(dialog, "500 what\r\n", 100).send == "HELO a.example\r\n");
    CHECK(feed(dialog, "250 old\r\n", 100).next == Next::ready);
    CHECK_FALSE(dialog.offers().extended);
    CHECK(dialog.send(mail_to({"x"})).send == "MAIL FROM:<taro@a.example>\r\n");
}

TEST_CASE("Credentials are given before any mail", "[mta]")
{
    const Credentials who{"gateway", "secret"};
    ClientDialog dialog({"a.example", who, true});
    (void)dialog.start();
    (void)feed(dialog, "220 b\r\n", 100);
    CHECK(feed(dialog, full_ehlo, 1000).send == "AUTH PLAIN AGdhdGV3YXkAc2VjcmV0\r\n");
    CHECK(feed(dialog, "235 ok\r\n", 100).next == Next::ready);

    ClientDialog wrong({"a.example", who, true});
    (void)wrong.start();
    (void)feed(wrong, "220 b\r\n", 100);
    (void)feed(wrong, full_ehlo, 1000);
    CHECK(feed(wrong, "535 5.7.8 no\r\n", 100).next == Next::failed);
    CHECK(wrong.failure()->code() == Errc::refused);

    ClientDialog missing({"a.example", who, true});
    (void)missing.start();
    (void)feed(missing, "220 b\r\n", 100);
    const Step step = feed(missing, "250-b\r\n250-AUTH LOGIN\r\n250 SIZE\r\n", 1000);
    CHECK(step.next == Next::failed);
    CHECK(step.send == "QUIT\r\n");

    ClientDialog long_secret({"a.example", Credentials{"gateway", std::string(600, 's')}, true});
    (void)long_secret.start();
    (void)feed(long_secret, "220 b\r\n", 100);
    CHECK(feed(long_secret, full_ehlo, 1000).send == "AUTH PLAIN\r\n");
    CHECK(feed(long_secret, "334 \r\n", 100).send.size() == 814);
    CHECK(feed(long_secret, "235 ok\r\n", 100).next == Next::ready);
}

TEST_CASE("A connection that fails leaves the undecided recipients temporary", "[mta]")
{
    const std::vector<std::string> replies = {
        "421 closing\r\n",
        "250 ok\r\n421 closing\r\n",
        "250 ok\r\n250 ok\r\n421 closing\r\n",
        "garbage\r\n",
        "250 ok\n",
        "150 ok\r\n",
        "250ok\r\n",
        "250-a\r\n251 b\r\n",
        "354 early\r\n",
        "250 ok\r\n250 ok\r\n250 no data wanted\r\n",
        "250 ok\r\n250 ok\r\n354 go\r\n250 queued before it was sent\r\n",
        "250 ok\r\n250 ok\r\n354 go\r\n2",
        "250 " + std::string(3000, 'x'),
        std::string(3000, '2'),
    };
    for (const std::string& reply : replies)
    {
        whole_and_trickled([&reply](std::size_t piece) {
            CAPTURE(reply.substr(0, 60));
            ClientDialog dialog = connected(full_ehlo, piece);
            (void)dialog.send(mail_to({"x"}));
            CHECK(feed(dialog, reply, piece).next == Next::failed);
            CHECK(kinds(dialog) == std::vector{Kind::temporary});
            REQUIRE(dialog.failure().has_value());
            CHECK(dialog.on_octets("250 ok\r\n").next == Next::failed);
        });
    }
}

TEST_CASE("Replies without end are bounded", "[mta]")
{
    ClientDialog dialog({"a.example", std::nullopt});
    (void)dialog.start();
    (void)feed(dialog, "220 b\r\n", 100);
    std::string endless;
    for (int i = 0; i < 200; ++i)
    {
        endless += "250-X\r\n";
    }
    CHECK(feed(dialog, endless, 100).next == Next::failed);
    CHECK(dialog.failure()->code() == Errc::too_large);
}

TEST_CASE("STARTTLS goes before AUTH, and what came in clear is forgotten with what is behind the 220", "[mta]")
{
    whole_and_trickled([](std::size_t piece) {
        ClientOptions options{"a.example", Credentials{"gateway", "secret"}};
        options.tls = HopTls::required;
        ClientDialog dialog(options);
        (void)dialog.start();
        (void)feed(dialog, "220 b.example\r\n", piece);
        CHECK(feed(dialog, "250-b\r\n250-SIZE 1\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", piece).send == "STARTTLS\r\n");
        CHECK_FALSE(dialog.encrypted());
        Step step = dialog.on_octets("220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n235 welcome\r\n");
        CHECK(step.next == Next::start_tls);
        CHECK(step.send.empty());
        step = dialog.on_tls_started();
        CHECK(step.send == "EHLO a.example\r\n");
        CHECK(step.next == Next::read);
        CHECK(dialog.encrypted());
        CHECK_FALSE(dialog.offers().size);
        // STARTTLS is not offered again, and would not be asked for.
        step = feed(dialog, "250-b\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", piece);
        CHECK(step.send.starts_with("AUTH PLAIN "));
        CHECK(feed(dialog, "235 ok\r\n", piece).next == Next::ready);
    });
}

TEST_CASE("What a server that offers no TLS, or refuses it, is told depends on the destination", "[mta]")
{
    struct Row
    {
        HopTls tls;
        bool offered;
        const char* reply; ///< to STARTTLS
        bool goes_on;
        const char* why;
    };
    const std::vector<Row> rows{
        {HopTls::none, true, "", true, ""},
        {HopTls::opportunistic, false, "", true, ""},
        {HopTls::opportunistic, true, "454 4.7.0 not now\r\n", true, ""},
        {HopTls::required, false, "", false, "set up a certificate"},
        {HopTls::required, true, "454 4.7.0 not now\r\n", false, "454"},
        {HopTls::required, true, "500 what\r\n", false, "500"},
    };
    for (const Row& row : rows)
    {
        CAPTURE(word(row.tls), row.offered, row.reply);
        ClientOptions options{"a.example", std::nullopt};
        options.tls = row.tls;
        ClientDialog dialog(options);
        (void)dialog.start();
        (void)feed(dialog, "220 b.example\r\n", 100);
        Step step = feed(dialog, row.offered ? "250-b\r\n250 STARTTLS\r\n" : "250 b\r\n", 100);
        CHECK((step.send == "STARTTLS\r\n") == (*row.reply != '\0'));
        if (*row.reply != '\0')
        {
            step = feed(dialog, row.reply, 100);
        }
        CHECK((step.next == Next::ready) == row.goes_on);
        CHECK((step.next == Next::failed) == !row.goes_on);
        CHECK((row.goes_on || dialog.failure()->message().find(row.why) != std::string::npos));
    }
}

TEST_CASE("Credentials are sent through TLS, or within this machine, and nowhere else", "[mta]")
{
    struct Row
    {
        HopTls tls;
        bool in_clear;
        bool sent;
    };
    for (const Row& row : {Row{HopTls::none, false, false}, Row{HopTls::none, true, true},
                           Row{HopTls::opportunistic, false, false}, Row{HopTls::implicit, false, true}})
    {
        CAPTURE(word(row.tls), row.in_clear);
        ClientOptions options{"a.example", Credentials{"gateway", "secret"}};
        options.tls = row.tls;
        options.credentials_in_clear = row.in_clear;
        ClientDialog dialog(options);
        (void)dialog.start();
        (void)feed(dialog, "220 b.example\r\n", 100);
        const Step step = feed(dialog, "250-b\r\n250 AUTH PLAIN\r\n", 100);
        CHECK(step.send.starts_with("AUTH PLAIN") == row.sent);
        CHECK((step.next == Next::failed) == !row.sent);
        CHECK((row.sent || dialog.failure()->message().find("not sent without TLS") != std::string::npos));
    }
}

TEST_CASE("What was delivered stays delivered, whatever the server says after it", "[mta]")
{
    whole_and_trickled([](std::size_t piece) {
        ClientDialog dialog = connected(full_ehlo, piece);
        (void)dialog.send(mail_to({"x"}));
        (void)feed(dialog, "250 ok\r\n250 ok\r\n354 go\r\n", piece);
        (void)dialog.on_body_sent();
        CHECK(feed(dialog, "250 ok\r\n421 idle\r\n", piece).next == Next::failed);
        CHECK(kinds(dialog) == std::vector{Kind::delivered});
    });
}

TEST_CASE("The end of the connection is a failure, but not after QUIT", "[mta]")
{
    ClientDialog dialog = connected(full_ehlo);
    (void)dialog.send(mail_to({"x"}));
    CHECK(dialog.on_end(fail(Errc::closed, "b.example", "connection lost")).next == Next::failed);
    CHECK(dialog.outcomes()[0].text == "b.example: connection lost");

    ClientDialog quitting = connected(full_ehlo);
    (void)quitting.quit();
    CHECK(quitting.on_end(fail(Errc::closed, "", "")).next == Next::finished);
}

TEST_CASE("A text of the server is made harmless", "[mta]")
{
    ServerReply reply{550, {"5.7.1 one\x07two", "5.7.1 \xe3\x81\x82", "", "4.7.1 three"}};
    const Outcome outcome = outcome_of(reply);
    CHECK(outcome.enhanced == "5.7.1");
    CHECK(outcome.text == "one two ? 4.7.1 three");
    CHECK(outcome_of({250, {"5.7.1 other class"}}).enhanced.empty());
    CHECK(outcome_of({550, {"5.1"}}).enhanced.empty());
    CHECK(outcome_of({550, {"5.1.2345"}}).enhanced.empty());
    CHECK(outcome_of({550, {std::string(5000, 'x')}}).text.size() == 1000);
}

TEST_CASE("A call out of turn is a defect", "[mta]")
{
    ClientDialog dialog({"a.example", std::nullopt});
    CHECK_THROWS_AS(dialog.quit(), std::logic_error);
    (void)dialog.start();
    CHECK_THROWS_AS(dialog.send(mail_to({"x"})), std::logic_error);
    CHECK_THROWS_AS(dialog.on_body_sent(), std::logic_error);
}
