// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"
#include "mta/server/dialog.h"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace ringpost;
using namespace ringpost::mta;
using Next = ServerDialog::Next;
using Step = ServerDialog::Step;

namespace
{
const Instant now = parse_rfc3339("2026-11-20T10:00:00Z").value();

ServerOptions options()
{
    ServerOptions result;
    result.domain = "office-a.example";
    result.size_limit = 1000;
    result.recipients = 3;
    result.auth_in_clear = true;
    return result;
}

ServerOptions lmtp_options()
{
    ServerOptions result = options();
    result.lmtp = true;
    result.auth_in_clear = result.dsn = result.future_release = result.mt_priority = false;
    return result;
}

/// Plays the session: answers each question as told.
struct Session
{
    explicit Session(ServerOptions with = options()) : dialog(std::move(with)) { last = dialog.greeting(); }

    /// The reply to a line, questions answered with yes, but for a recipient named nobody, and a secret other than
    /// "secret".
    std::string say(const std::string& line)
    {
        last = dialog.on_line(line, now);
        switch (last.next)
        {
        case Next::sender:
            last = dialog.on_sender({});
            break;
        case Next::recipient:
            last = dialog.recipient().mailbox.local_part == "nobody"
                       ? dialog.on_recipient(fail(Errc::not_found, "", "No such user"))
                       : dialog.on_recipient({});
            break;
        case Next::authenticate:
            credentials = last.credentials;
            last = credentials->secret == "secret"
                       ? dialog.on_authenticated(Identity{credentials->login, credentials->login == "gateway"})
                       : dialog.on_authenticated(std::nullopt);
            break;
        case Next::xringpost:
            xringpost = last.xringpost;
            last = dialog.on_xringpost(std::string("pong"));
            break;
        case Next::start_tls:
            last = dialog.on_tls_started();
            break;
        case Next::data:
        case Next::command:
        case Next::close:
            break;
        }
        return last.reply;
    }

    std::string code(const std::string& line) { return say(line).substr(0, 9); }

    ServerDialog dialog;
    Step last;
    std::optional<Credentials> credentials;
    std::optional<XringpostLine> xringpost;
};

std::string plain(const std::string& login, const std::string& secret, const std::string& as = "")
{
    return base64_encode(as + '\0' + login + '\0' + secret);
}
} // namespace

TEST_CASE("A mail goes through from greeting to QUIT", "[mta]")
{
    Session session;
    CHECK(session.last.reply == "220 office-a.example ESMTP Ringpost\r\n");
    CHECK(session.say("EHLO client.example") ==
          "250-office-a.example greets client.example\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
          "250-PIPELINING\r\n250-DSN\r\n250-FUTURERELEASE 2592000 2026-12-20T10:00:00Z\r\n250-MT-PRIORITY\r\n"
          "250-AUTH PLAIN LOGIN\r\n250 XRINGPOST\r\n");
    CHECK(session.say("mail from:<Taro@A.example> SIZE=1000 body=8BITMIME") == "250 2.1.0 Ok\r\n");
    CHECK(session.say("RCPT TO:<hanako+call@office-b.example>") == "250 2.1.5 Ok\r\n");
    CHECK(session.say("RCPT TO:<postmaster>") == "250 2.1.5 Ok\r\n");
    CHECK(session.say("DATA") == "354 End data with <CR><LF>.<CR><LF>\r\n");
    REQUIRE(session.last.next == Next::data);
    const Envelope& envelope = session.dialog.envelope();
    CHECK(envelope.reverse_path == Mailbox{"Taro", "a.example"});
    CHECK(envelope.declared_size == 1000);
    CHECK(envelope.body8bit);
    REQUIRE(envelope.recipients.size() == 2);
    CHECK(envelope.recipients[0].mailbox == Mailbox{"hanako+call", "office-b.example"});
    CHECK(envelope.recipients[1].mailbox == Mailbox{"postmaster", ""});
    CHECK(session.dialog.on_data(std::string("17")).reply == "250 2.0.0 Ok: queued as 17\r\n");
    CHECK(session.dialog.envelope().recipients.empty());
    CHECK(session.say("QUIT") == "221 2.0.0 office-a.example closing\r\n");
    CHECK(session.last.next == Next::close);
    CHECK(session.dialog.protocol() == "ESMTP");
}

TEST_CASE("Each line in each place has its reply", "[mta]")
{
    struct Row
    {
        std::vector<std::string> before;
        std::string line;
        std::string code;
    };
    const std::vector<std::string> ehlo{"EHLO c"};
    const std::vector<std::string> mail{"EHLO c", "MAIL FROM:<>"};
    const std::vector<std::string> rcpt{"EHLO c", "MAIL FROM:<>", "RCPT TO:<a@b>"};
    const std::vector<std::string> authed{"EHLO c", "AUTH PLAIN " + plain("taro", "secret")};
    const std::vector<std::string> peer{"EHLO c", "AUTH PLAIN " + plain("gateway", "secret")};
    const std::vector<Row> rows = {
        {{}, "", "500 5.5.1"},
        {{}, "GET / HTTP/1.1", "500 5.5.1"},
        {{}, "MAILFROM:<>", "500 5.5.1"},
        {{}, std::string("NO\0OP", 5), "500 5.5.1"},
        {{}, "EXPN all", "502 5.5.1"},
        {{}, "TURN", "502 5.5.1"},
        {{}, "STARTTLS", "502 5.5.1"},
        {{}, "NOOP", "250 2.0.0"},
        {{}, "noop with words", "250 2.0.0"},
        {{}, "RSET", "250 2.0.0"},
        {{}, "RSET x", "501 5.5.4"},
        {{}, "QUIT x", "501 5.5.4"},
        {{}, "QUIT  ", "221 2.0.0"},
        {{}, "HELP", "214 2.0.0"},
        {{}, "VRFY taro", "252 2.0.0"},
        {{}, "VRFY", "501 5.5.4"},
        {{}, "MAIL FROM:<>", "503 5.5.1"},
        {{}, "RCPT TO:<a@b>", "503 5.5.1"},
        {{}, "DATA", "503 5.5.1"},
        {{}, "AUTH PLAIN", "503 5.5.1"},
        {{}, "EHLO", "501 Synta"},
        {{}, "EHLO a b", "501 Synta"},
        {{}, "EHLO a;b", "501 Synta"},
        {{}, "EHLO " + std::string(256, 'a'), "501 Synta"},
        {{}, "HELO c", "250 offic"},
        {{"HELO c"}, "MAIL FROM:<a@b>", "250 2.1.0"},
        {{"HELO c"}, "MAIL FROM:<a@b> SIZE=1", "555 5.5.4"},
        {{"HELO c"}, "AUTH PLAIN", "503 5.5.1"},
        {{"HELO c"}, "XRINGPOST ping", "503 5.5.1"},
        {ehlo, "MAIL FROM: <a@b>", "250 2.1.0"},
        {ehlo, "MAIL FROM : <a@b>", "250 2.1.0"},
        {ehlo, "MAIL  FROM:<a@b>  SIZE=1 ", "250 2.1.0"},
        {ehlo, "MAIL FROM:a@b", "501 5.1.7"},
        {ehlo, "MAIL FROM:", "501 5.1.7"},
        {ehlo, "MAIL", "501 5.5.4"},
        {ehlo, "MAIL TO:<a@b>", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b>SIZE=1", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> =1", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> SIZE==1", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a b@c>", "501 5.1.7"},
        {ehlo, "MAIL FROM:<\xc3\xa4@c>", "553 5.6.7"},
        {ehlo, "MAIL FROM:<a@b> SIZE=1001", "552 5.3.4"},
        {ehlo, "MAIL FROM:<a@b> SIZE=99999999999999999999", "552 5.3.4"},
        {ehlo, "MAIL FROM:<a@b> SIZE=-1", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> SIZE", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> SIZE=1 SIZE=1", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> BODY=7BIT", "250 2.1.0"},
        {ehlo, "MAIL FROM:<a@b> BODY=BINARYMIME", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> AUTH=<>", "250 2.1.0"},
        {ehlo, "MAIL FROM:<a@b> SMTPUTF8", "555 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> NOTIFY=NEVER", "555 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> RET=hdrs ENVID=a+2Bb", "250 2.1.0"},
        {ehlo, "MAIL FROM:<a@b> RET=ALL", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> ENVID=a+0D+0Ab", "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> ENVID=" + std::string(101, 'e'), "501 5.5.4"},
        {ehlo, "MAIL FROM:<a@b> MT-PRIORITY=-9", "250 2.1.0"},
        {ehlo, "MAIL FROM:<a@b> MT-PRIORITY=10", "501 5.5.2"},
        {ehlo, "MAIL FROM:<a@b> MT-PRIORITY=-0", "501 5.5.2"},
        {ehlo, "MAIL FROM:<a@b> MT-PRIORITY=-", "501 5.5.2"},
        {ehlo, "MAIL FROM:<a@b> HOLDFOR=60", "550 5.7.1"},
        {ehlo, "XRINGPOST ping", "530 5.7.0"},
        {ehlo, "AUTH", "501 5.5.4"},
        {ehlo, "AUTH CRAM-MD5", "504 5.5.4"},
        {ehlo, "AUTH PLAIN a b", "501 5.5.4"},
        {mail, "MAIL FROM:<>", "503 5.5.1"},
        {mail, "DATA", "503 5.5.1"},
        {mail, "AUTH PLAIN", "503 5.5.1"},
        {mail, "RCPT TO:<>", "501 5.1.3"},
        {mail, "RCPT TO:<Postmaster>", "250 2.1.5"},
        {mail, "RCPT TO: <a@b>", "250 2.1.5"},
        {mail, "RCPT TO:<nobody@b>", "550 5.1.1"},
        {mail, "RCPT TO:<a@b> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bc@b", "250 2.1.5"},
        {mail, "RCPT TO:<a@b> NOTIFY=NEVER,DELAY", "501 5.5.4"},
        {mail, "RCPT TO:<a@b> NOTIFY=SUCCESS,", "501 5.5.4"},
        {mail, "RCPT TO:<a@b> ORCPT=a@b", "501 5.5.4"},
        {mail, "RCPT TO:<a@b> ORCPT=rfc822;", "501 5.5.4"},
        {mail, "RCPT TO:<a@b> ORCPT=" + std::string(490, 'x') + ";" + std::string(10, 'y'), "501 5.5.4"},
        {mail, "RCPT TO:<a@b> SIZE=1", "555 5.5.4"},
        {{"EHLO c", "MAIL FROM:<>", "RCPT TO:<nobody@b>"}, "DATA", "554 5.5.1"},
        {rcpt, "DATA x", "501 5.5.4"},
        {rcpt, "DATA", "354 End d"},
        {{"EHLO c", "MAIL FROM:<>", "RCPT TO:<a@b>", "RCPT TO:<b@b>", "RCPT TO:<c@b>"}, "RCPT TO:<d@b>", "452 4.5.3"},
        {{"EHLO c", "MAIL FROM:<>", "RCPT TO:<a@b>", "RSET"}, "DATA", "503 5.5.1"},
        {{"EHLO c", "MAIL FROM:<>", "RCPT TO:<a@b>", "EHLO d"}, "DATA", "503 5.5.1"},
        {authed, "AUTH PLAIN", "503 5.5.1"},
        {authed, "XRINGPOST ping", "550 5.7.1"},
        {authed, "MAIL FROM:<a@b> HOLDFOR=60", "250 2.1.0"},
        {authed, "MAIL FROM:<a@b> HOLDFOR=0", "501 5.5.4"},
        {authed, "MAIL FROM:<a@b> HOLDFOR=2592000", "250 2.1.0"},
        {authed, "MAIL FROM:<a@b> HOLDFOR=2592001", "501 5.5.4"},
        {authed, "MAIL FROM:<a@b> HOLDFOR=1h", "501 5.5.4"},
        {authed, "MAIL FROM:<a@b> HOLDUNTIL=2026-12-20T10:00:00Z", "250 2.1.0"},
        {authed, "MAIL FROM:<a@b> HOLDUNTIL=2026-12-20T10:00:01Z", "501 5.5.4"},
        {authed, "MAIL FROM:<a@b> HOLDUNTIL=2026-11-20T10:00:00Z", "501 5.5.4"},
        {authed, "MAIL FROM:<a@b> HOLDUNTIL=tomorrow", "501 5.5.4"},
        {authed, "MAIL FROM:<a@b> HOLDFOR=60 HOLDUNTIL=2026-11-21T10:00:00Z", "501 5.5.4"},
        {peer, "XRINGPOST", "501 5.5.4"},
        {peer, "XRINGPOST a\x01 b", "501 5.5.4"},
        {peer, "XRINGPOST Ping one two", "250 2.0.0"},
    };
    for (const Row& row : rows)
    {
        CAPTURE(row.before, row.line);
        Session session;
        for (const std::string& line : row.before)
        {
            CHECK(session.say(line).substr(0, 1) != "4");
        }
        CHECK(session.code(row.line) == row.code);
    }
}

TEST_CASE("The envelope holds what the parameters said", "[mta]")
{
    Session session;
    session.say("EHLO c");
    session.say("AUTH PLAIN " + plain("taro", "secret"));
    session.say("MAIL FROM:<a@b> RET=FULL ENVID=x+2By MT-PRIORITY=-4 HOLDUNTIL=2026-11-21T10:00:00+09:00");
    session.say("RCPT TO:<a@b> NOTIFY=success,DELAY ORCPT=rfc822;a+20b@c");
    session.say("RCPT TO:<c@b> NOTIFY=NEVER");
    session.say("RCPT TO:<d@b>");
    const Envelope& envelope = session.dialog.envelope();
    CHECK(envelope.ret == ReturnContent::full);
    CHECK(envelope.envid == "x+y");
    CHECK(envelope.priority == -4);
    CHECK(envelope.hold_until == parse_rfc3339("2026-11-21T01:00:00Z").value());
    REQUIRE(envelope.recipients.size() == 3);
    CHECK(envelope.recipients[0].notify == Notify{true, false, true, false, true});
    CHECK(envelope.recipients[0].orcpt == "rfc822;a b@c");
    CHECK(envelope.recipients[1].notify == Notify{true, true, false, false, false});
    CHECK(envelope.recipients[2].notify == Notify{});
    CHECK(session.dialog.protocol() == "ESMTPA");
}

TEST_CASE("What is switched off is neither announced nor taken", "[mta]")
{
    ServerOptions off = options();
    off.dsn = off.future_release = off.mt_priority = off.auth_in_clear = false;
    off.size_limit = 0;
    Session session(off);
    CHECK(session.say("EHLO c") ==
          "250-office-a.example greets c\r\n250-SIZE\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
          "250-PIPELINING\r\n250 XRINGPOST\r\n");
    CHECK(session.code("MAIL FROM:<a@b> RET=FULL") == "555 5.5.4");
    CHECK(session.code("MAIL FROM:<a@b> ENVID=x") == "555 5.5.4");
    CHECK(session.code("MAIL FROM:<a@b> HOLDFOR=1") == "555 5.5.4");
    CHECK(session.code("MAIL FROM:<a@b> HOLDUNTIL=2026-11-21T10:00:00Z") == "555 5.5.4");
    CHECK(session.code("MAIL FROM:<a@b> MT-PRIORITY=1") == "555 5.5.4");
    CHECK(session.code("AUTH PLAIN") == "538 5.7.1");
    CHECK(session.code("MAIL FROM:<a@b> SIZE=99999999999999999999") == "250 2.1.0");
    CHECK(session.code("RCPT TO:<a@b> NOTIFY=NEVER") == "555 5.5.4");
    CHECK(session.code("RCPT TO:<a@b> ORCPT=rfc822;a@b") == "555 5.5.4");
}

TEST_CASE("STARTTLS forgets everything that was said before it", "[mta]")
{
    ServerOptions with = options();
    with.tls_offered = true;
    Session session(with);
    CHECK(session.say("EHLO c").find("250-STARTTLS\r\n") != std::string::npos);
    session.say("AUTH PLAIN " + plain("taro", "secret"));
    CHECK(session.dialog.protocol() == "ESMTPA");
    session.say("MAIL FROM:<a@b>");
    session.say("RCPT TO:<c@b>");
    CHECK(session.code("STARTTLS now") == "501 5.5.4");
    const Step step = session.dialog.on_line("starttls", now);
    CHECK(step.reply == "220 2.0.0 Ready to start TLS\r\n");
    CHECK(step.next == Next::start_tls);
    CHECK_THROWS_AS(session.dialog.on_line("NOOP", now), std::logic_error);
    const Step started = session.dialog.on_tls_started();
    CHECK(started.reply.empty());
    CHECK(started.next == Next::command);
    CHECK_FALSE(session.dialog.identity().has_value());
    CHECK(session.dialog.helo_name().empty());
    CHECK(session.dialog.envelope().recipients.empty());
    CHECK(session.code("DATA") == "503 5.5.1");
    CHECK(session.code("MAIL FROM:<a@b>") == "503 5.5.1");
    CHECK(session.say("EHLO c").find("STARTTLS") == std::string::npos);
    CHECK(session.code("STARTTLS") == "503 5.5.1");
    CHECK(session.dialog.protocol() == "ESMTPS");
    CHECK(session.code("AUTH PLAIN " + plain("taro", "secret")) == "235 2.7.0");
    CHECK(session.dialog.protocol() == "ESMTPSA");
    CHECK_THROWS_AS(session.dialog.on_tls_started(), std::logic_error);
}

TEST_CASE("Without TLS a login is possible in this machine only, and who needs TLS is told so", "[mta]")
{
    ServerOptions with = options();
    with.auth_in_clear = false;
    with.tls_offered = true;
    Session session(with);
    CHECK(session.say("EHLO c").find("AUTH") == std::string::npos);
    CHECK(session.say("AUTH PLAIN " + plain("taro", "secret")).starts_with("538 5.7.11"));
    CHECK(session.say("AUTH PLAIN").find("STARTTLS") != std::string::npos);
    CHECK(session.say("XRINGPOST SHOW 1").find("530 5.7.0 Send STARTTLS") == 0);
    CHECK_FALSE(session.credentials.has_value());
    session.say("STARTTLS");
    CHECK(session.say("EHLO c").find("250-AUTH PLAIN LOGIN\r\n") != std::string::npos);
    CHECK(session.code("AUTH PLAIN " + plain("taro", "secret")) == "235 2.7.0");
}

TEST_CASE("A connection that begins with TLS offers AUTH and no STARTTLS", "[mta]")
{
    ServerOptions with = options();
    with.auth_in_clear = false;
    with.tls_offered = true;
    with.encrypted = true;
    Session session(with);
    const std::string offers = session.say("EHLO c");
    CHECK(offers.find("STARTTLS") == std::string::npos);
    CHECK(offers.find("AUTH PLAIN LOGIN") != std::string::npos);
    CHECK(session.dialog.protocol() == "ESMTPS");
    CHECK(session.say("HELO c").starts_with("250"));
    CHECK(session.dialog.protocol() == "SMTP");
}

TEST_CASE("STARTTLS is unknown where there is no certificate", "[mta]")
{
    Session session;
    CHECK(session.say("EHLO c").find("STARTTLS") == std::string::npos);
    CHECK(session.code("STARTTLS") == "502 5.5.1");
}

TEST_CASE("Commands that must be the last of a group are known, and input behind them ends the session", "[mta]")
{
    Session session;
    for (const char* line : {"EHLO c", "helo c", " DATA", "AUTH PLAIN x", "STARTTLS", "data x"})
    {
        CAPTURE(line);
        CHECK(session.dialog.ends_group(line));
    }
    for (const char* line : {"MAIL FROM:<>", "RCPT TO:<a@b>", "RSET", "NOOP", "QUIT", "", "DATAX"})
    {
        CAPTURE(line);
        CHECK_FALSE(session.dialog.ends_group(line));
    }
    session.say("EHLO c");
    session.say("AUTH LOGIN");
    CHECK(session.dialog.ends_group("dGFybw=="));
    session.say("*");
    session.say("MAIL FROM:<a@b>");
    const Step step = session.dialog.on_early_input();
    CHECK(step.reply.starts_with("554 5.5.0 "));
    CHECK(step.next == Next::close);
    CHECK(session.dialog.envelope().reverse_path == std::nullopt);
}

TEST_CASE("Credentials arrive by PLAIN and LOGIN, at once or prompted", "[mta]")
{
    const std::vector<std::vector<std::pair<std::string, std::string>>> dialogs = {
        {{"AUTH PLAIN " + plain("taro", "secret"), "235 2.7.0 Authentication successful\r\n"}},
        {{"auth plain " + plain("taro", "secret", "taro"), "235 2.7.0 Authentication successful\r\n"}},
        {{"AUTH PLAIN", "334 \r\n"}, {plain("taro", "secret"), "235 2.7.0 Authentication successful\r\n"}},
        {{"AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"},
         {base64_encode("taro"), "334 UGFzc3dvcmQ6\r\n"},
         {base64_encode("secret"), "235 2.7.0 Authentication successful\r\n"}},
        {{"AUTH LOGIN " + base64_encode("taro"), "334 UGFzc3dvcmQ6\r\n"},
         {base64_encode("secret"), "235 2.7.0 Authentication successful\r\n"}},
    };
    for (const auto& dialog : dialogs)
    {
        Session session;
        session.say("EHLO c");
        for (const auto& [line, reply] : dialog)
        {
            CAPTURE(line);
            CHECK(session.say(line) == reply);
        }
        REQUIRE(session.credentials.has_value());
        CHECK(session.credentials->login == "taro");
        REQUIRE(session.dialog.identity().has_value());
        CHECK(session.dialog.identity()->name == "taro");
    }
}

TEST_CASE("A wrong, cancelled or malformed exchange proves nothing and ends", "[mta]")
{
    const std::string invalid = "535 5.7.8 Authentication credentials invalid\r\n";
    const std::vector<std::pair<std::vector<std::string>, std::string>> rows = {
        {{"AUTH PLAIN " + plain("taro", "wrong")}, invalid},
        {{"AUTH PLAIN " + plain("unknown", "wrong")}, invalid},
        {{"AUTH PLAIN " + plain("taro", "secret", "hanako")}, invalid},
        {{"AUTH PLAIN " + plain("", "secret")}, invalid},
        {{"AUTH PLAIN " + plain("taro", "")}, invalid},
        {{"AUTH LOGIN =", ""}, invalid},
        {{"AUTH PLAIN ="}, "501 5.5.2 Not a PLAIN message\r\n"},
        {{"AUTH PLAIN", ""}, "501 5.5.2 Not a PLAIN message\r\n"},
        {{"AUTH PLAIN " + plain("taro", std::string("se\0cret", 7))}, "501 5.5.2 Not a PLAIN message\r\n"},
        {{"AUTH PLAIN", "*"}, "501 5.7.0 Authentication cancelled\r\n"},
        {{"AUTH LOGIN", base64_encode("taro"), "*"}, "501 5.7.0 Authentication cancelled\r\n"},
        {{"AUTH PLAIN !!!!"}, "501 5.5.2 Not valid Base64\r\n"},
        {{"AUTH LOGIN", "NOOP!"}, "501 5.5.2 Not valid Base64\r\n"},
    };
    for (const auto& [lines, reply] : rows)
    {
        CAPTURE(lines);
        Session session;
        session.say("EHLO c");
        std::string last;
        for (const std::string& line : lines)
        {
            last = session.say(line);
        }
        CHECK(last == reply);
        CHECK_FALSE(session.dialog.identity().has_value());
        CHECK_FALSE(session.dialog.expects_secret());
        CHECK(session.say("NOOP") == "250 2.0.0 Ok\r\n");
    }
}

TEST_CASE("Failed authentications end the session, an unavailable check does not count", "[mta]")
{
    Session session;
    session.say("EHLO c");
    const std::string wrong = "AUTH PLAIN " + plain("taro", "wrong");
    CHECK(session.code(wrong) == "535 5.7.8");
    CHECK(session.code(wrong) == "535 5.7.8");
    CHECK(session.dialog.on_line(wrong, now).next == Next::authenticate);
    CHECK(session.dialog.on_authentication_unavailable().reply.substr(0, 9) == "454 4.7.0");
    CHECK(session.code(wrong) == "421 4.7.0");
    CHECK(session.last.next == Next::close);
}

TEST_CASE("Authentications that are not possible are errors: nobody tries for ever", "[mta]")
{
    ServerOptions few = options();
    few.errors_per_session = 3;
    Session session(few);
    session.say("EHLO c");
    for (const auto* code : {"454 4.7.0", "454 4.7.0", "421 4.7.0"})
    {
        CHECK(session.dialog.on_line("AUTH PLAIN " + plain("taro", "wrong"), now).next == Next::authenticate);
        CHECK(session.dialog.on_authentication_unavailable().reply.substr(0, 9) == code);
    }
}

TEST_CASE("HELP names what is offered, and when", "[mta]")
{
    const std::string always = "214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT HELP";
    ServerOptions remote = options();
    remote.auth_in_clear = false;
    Session none(remote);
    CHECK(none.say("HELP") == always + "\r\n");
    remote.tls_offered = true;
    Session upgraded(remote);
    CHECK(upgraded.say("HELP") == always + " STARTTLS\r\n");
    upgraded.say("STARTTLS");
    CHECK(upgraded.say("HELP") == always + " AUTH\r\n");
}

TEST_CASE("Too many errors end the session", "[mta]")
{
    ServerOptions few = options();
    few.errors_per_session = 3;
    Session session(few);
    session.say("EHLO c");
    CHECK(session.code("JUNK") == "500 5.5.1");
    session.say("MAIL FROM:<>");
    CHECK(session.code("RCPT TO:<nobody@b>") == "550 5.1.1");
    CHECK(session.code("RCPT TO:<nobody@b>") == "421 4.7.0");
    CHECK(session.last.next == Next::close);
}

TEST_CASE("Errors are counted anew after a mail, for servers bring many in one session", "[mta]")
{
    ServerOptions few = options();
    few.errors_per_session = 3;
    Session session(few);
    session.say("EHLO c");
    for (int i = 0; i < 5; ++i)
    {
        session.say("MAIL FROM:<>");
        CHECK(session.code("RCPT TO:<nobody@b>") == "550 5.1.1");
        CHECK(session.code("RCPT TO:<nobody@b>") == "550 5.1.1");
        CHECK(session.code("RCPT TO:<a@b>") == "250 2.1.5");
        CHECK(session.code("DATA").substr(0, 3) == "354");
        CHECK(session.dialog.on_data(std::string("17")).next == Next::command);
    }
}

TEST_CASE("Neither DATA without recipients nor recipients beyond all measure go on for ever", "[mta]")
{
    ServerOptions few = options(); // 3 recipients
    few.errors_per_session = 3;
    Session session(few);
    session.say("EHLO c");
    session.say("MAIL FROM:<>");
    for (int i = 0; i < 3; ++i)
    {
        CHECK(session.code("RCPT TO:<a@b>") == "250 2.1.5");
    }
    for (int i = 0; i < 30; ++i)
    {
        CHECK(session.code("RCPT TO:<a@b>") == "452 4.5.3");
    }
    session.say("RSET");
    session.say("MAIL FROM:<>");
    for (int i = 0; i < 3 + 30 + 2; ++i)
    {
        CHECK(session.last.next != Next::close);
        session.say("RCPT TO:<a@b>");
    }
    CHECK(session.code("RCPT TO:<a@b>") == "421 4.7.0");

    Session empty(few);
    empty.say("EHLO c");
    empty.say("MAIL FROM:<>");
    empty.say("RCPT TO:<nobody@b>");
    CHECK(empty.code("DATA") == "554 5.5.1");
    CHECK(empty.code("DATA") == "421 4.7.0");
}

TEST_CASE("The server in front of LMTP may bring a mail for any number of people who are unknown", "[mta]")
{
    ServerOptions few = lmtp_options();
    few.errors_per_session = 3;
    Session session(few);
    session.say("LHLO front.example");
    session.say("MAIL FROM:<>");
    for (int i = 0; i < 10; ++i)
    {
        CHECK(session.code("RCPT TO:<nobody@b>") == "550 5.1.1");
    }
    CHECK(session.code("RCPT TO:<a@b>") == "250 2.1.5");
    CHECK(session.code("DATA").substr(0, 3) == "354");
}

TEST_CASE("Refused recipients of somebody authenticated are no errors", "[mta]")
{
    ServerOptions few = options();
    few.errors_per_session = 2;
    Session session(few);
    session.say("EHLO c");
    session.say("AUTH PLAIN " + plain("taro", "secret"));
    session.say("MAIL FROM:<>");
    for (int i = 0; i < 5; ++i)
    {
        CHECK(session.code("RCPT TO:<nobody@b>") == "550 5.1.1");
    }
}

TEST_CASE("Answers of the session become replies and keep or clear the transaction", "[mta]")
{
    Session session;
    session.say("EHLO c");
    REQUIRE(session.dialog.on_line("MAIL FROM:<a@b>", now).next == Next::sender);
    CHECK(session.dialog.on_sender(fail(Errc::refused, "", "Not your address")).reply ==
          "550 5.7.1 Not your address\r\n");
    CHECK(session.code("RCPT TO:<a@b>") == "503 5.5.1");
    session.say("MAIL FROM:<a@b>");
    REQUIRE(session.dialog.on_line("RCPT TO:<x@b>", now).next == Next::recipient);
    CHECK(session.dialog.on_recipient(fail(Errc::too_large, "", "Too many")).reply == "452 4.5.3 Too many\r\n");
    CHECK(session.dialog.on_line("RCPT TO:<x@b>", now).next == Next::recipient);
    CHECK(session.dialog.on_recipient(fail(Errc::io, "/var/x", "no")).reply ==
          "451 4.3.0 Local trouble, try again later\r\n");
    session.say("RCPT TO:<a@b>");
    REQUIRE(session.say("DATA").substr(0, 3) == "354");
    CHECK(session.dialog.on_data(fail(Errc::malformed, "line 3, Retry", "at least 5s")).reply ==
          "550 5.6.0 line 3, Retry: at least 5s\r\n");
    CHECK(session.code("DATA") == "503 5.5.1");
    session.say("MAIL FROM:<a@b>");
    session.say("RCPT TO:<a@b>");
    session.say("DATA");
    CHECK(session.dialog.on_data_refused({554, "5.6.0", "More than 50 levels"}).reply ==
          "554 5.6.0 More than 50 levels\r\n");
    CHECK(session.code("MAIL FROM:<a@b>") == "250 2.1.0");
}

TEST_CASE("A line that is too long or ends with a bare LF is no command and ends an exchange", "[mta]")
{
    Session session;
    session.say("EHLO c");
    CHECK(session.dialog.line_limit() == 2046);
    CHECK(session.dialog.on_line_too_long().reply == "500 5.5.2 Line too long\r\n");
    CHECK(session.dialog.on_bare_lf_line().reply == "500 5.5.2 Lines end with CR LF\r\n");
    session.say("AUTH PLAIN");
    CHECK(session.dialog.line_limit() == 12288);
    CHECK(session.dialog.expects_secret());
    CHECK(session.dialog.on_line_too_long().reply.substr(0, 9) == "500 5.5.6");
    CHECK(session.code("NOOP") == "250 2.0.0");
    session.say("AUTH LOGIN");
    CHECK(session.dialog.on_bare_lf_line().reply.substr(0, 9) == "500 5.5.2");
    CHECK(session.code("NOOP") == "250 2.0.0");
}

TEST_CASE("Silence and shutdown end the session with 421", "[mta]")
{
    Session first;
    const Step timeout = first.dialog.on_timeout();
    CHECK(timeout.reply.substr(0, 9) == "421 4.4.2");
    CHECK(timeout.next == Next::close);
    Session second;
    const Step shutdown = second.dialog.on_shutdown();
    CHECK(shutdown.reply.substr(0, 9) == "421 4.3.2");
    CHECK(shutdown.next == Next::close);
}

TEST_CASE("A peer's XRINGPOST reaches the session", "[mta]")
{
    Session session;
    session.say("EHLO c");
    session.say("AUTH PLAIN " + plain("gateway", "secret"));
    CHECK(session.say("xringpost PING one two ") == "250 2.0.0 pong\r\n");
    REQUIRE(session.xringpost.has_value());
    CHECK(session.xringpost->word == "ping");
    CHECK(session.xringpost->argument == "one two");
}

TEST_CASE("An answer that was not asked for is a defect", "[mta]")
{
    Session session;
    CHECK_THROWS_AS(session.dialog.on_sender({}), std::logic_error);
    CHECK_THROWS_AS(session.dialog.on_data(std::string("1")), std::logic_error);
    session.say("QUIT");
    CHECK_THROWS_AS(session.dialog.on_line("NOOP", now), std::logic_error);
}

TEST_CASE("LMTP greets with LHLO and answers the mail once for each recipient", "[mta]")
{
    Session session(lmtp_options());
    CHECK(session.last.reply == "220 office-a.example LMTP Ringpost\r\n");
    CHECK(session.say("LHLO front.example") ==
          "250-office-a.example greets front.example\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"
          "250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n");
    CHECK(session.dialog.protocol() == "LMTP");
    for (const bool accepted : {true, false})
    {
        CHECK(session.code("MAIL FROM:<>") == "250 2.1.0");
        CHECK(session.code("RCPT TO:<a@b>") == "250 2.1.5");
        CHECK(session.code("RCPT TO:<nobody@b>") == "550 5.1.1");
        CHECK(session.code("RCPT TO:<a@b>") == "250 2.1.5");
        CHECK(session.code("DATA").substr(0, 3) == "354");
        const Step end =
            accepted ? session.dialog.on_data(std::string("17")) : session.dialog.on_data(fail(Errc::full, "", ""));
        const std::string each =
            accepted ? "250 2.0.0 Ok: queued as 17\r\n" : "452 4.3.1 Insufficient system storage, try again later\r\n";
        CHECK(end.reply == each + each);
    }
}

TEST_CASE("LMTP has nothing that needs a login, and SMTP has no LHLO", "[mta]")
{
    Session lmtp(lmtp_options());
    CHECK(lmtp.code("EHLO c") == "500 5.5.1");
    CHECK(lmtp.code("HELO c") == "500 5.5.1");
    CHECK(lmtp.code("MAIL FROM:<>") == "503 5.5.1");
    CHECK(lmtp.code("LHLO c").substr(0, 3) == "250");
    CHECK(lmtp.code("AUTH PLAIN") == "500 5.5.1");
    CHECK(lmtp.code("XRINGPOST SHOW 1") == "500 5.5.1");
    CHECK(lmtp.code("MAIL FROM:<> RET=FULL") == "555 5.5.4");
    CHECK(lmtp.code("MAIL FROM:<>") == "250 2.1.0");
    CHECK(lmtp.code("DATA") == "503 5.5.1");
    CHECK(lmtp.code("RCPT TO:<nobody@b>") == "550 5.1.1");
    CHECK(lmtp.code("DATA") == "503 5.5.1");
    CHECK(lmtp.say("HELP") == "214 2.0.0 LHLO MAIL RCPT DATA RSET NOOP VRFY QUIT HELP\r\n");
    Session smtp;
    CHECK(smtp.say("HELP") == "214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT HELP AUTH\r\n");
    CHECK(smtp.code("LHLO c") == "500 5.5.1");
}

TEST_CASE("Commands without a mail are counted, until they are errors", "[mta]")
{
    ServerOptions few = options();
    few.idle_commands = 5;
    few.errors_per_session = 2;
    Session session(few);
    CHECK(session.code("EHLO c").substr(0, 3) == "250");
    for (const auto* line : {"NOOP", "RSET", "VRFY x", "HELP"})
    {
        CHECK(session.code(line).substr(0, 1) == "2");
    }
    CHECK(session.code("MAIL FROM:<>") == "250 2.1.0");
    CHECK(session.code("RCPT TO:<a@b>") == "250 2.1.5");
    CHECK(session.code("DATA").substr(0, 3) == "354");
    CHECK(session.dialog.on_data(std::string("17")).next == Next::command);
    for (int i = 0; i < 5; ++i)
    {
        CHECK(session.code("NOOP") == "250 2.0.0");
    }
    CHECK(session.code("NOOP") == "450 4.7.0");
    CHECK(session.code("NOOP") == "421 4.7.0");
    CHECK(session.last.next == Next::close);
}
