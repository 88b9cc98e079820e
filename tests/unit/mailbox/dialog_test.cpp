// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"
#include "mailbox/dialog.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ringpost;
using namespace ringpost::mailbox;

namespace
{
DialogSettings encrypted()
{
    return {.encrypted = true};
}

std::vector<MaildropEntry> three_mails()
{
    return {{120, {0x1a, 0xb1}}, {200, {0x2a, 0xb2}}, {30, {0x3a, 0xb3}}};
}

/// A dialog in the transaction state over three mails.
Dialog logged_in(DialogSettings settings = encrypted())
{
    Dialog dialog(settings);
    (void)dialog.on_line("USER taro@office-a.example");
    (void)dialog.on_line("PASS sesame");
    REQUIRE(dialog.on_authenticated(three_mails()).reply == "+OK maildrop has 3 messages (350 octets)\r\n");
    return dialog;
}

Step ask_login(Dialog& dialog, const std::string& secret)
{
    (void)dialog.on_line("USER taro@office-a.example");
    return dialog.on_line("PASS " + secret);
}

struct Line
{
    std::string line;
    std::string reply;
};

void check(Dialog& dialog, const std::vector<Line>& lines)
{
    for (const auto& [line, reply] : lines)
    {
        CAPTURE(line);
        const auto step = dialog.on_line(line);
        CHECK(step.reply == reply);
        CHECK(step.next == Next::command);
    }
}
} // namespace

TEST_CASE("The greeting and CAPA tell only what is true")
{
    Dialog clear(DialogSettings{});
    Dialog safe(encrypted());
    CHECK(safe.greeting().reply == "+OK Ringpost POP3 server ready\r\n");
    CHECK(safe.greeting().next == Next::command);
    const auto with = safe.on_line("CAPA").reply;
    CHECK(with == "+OK capabilities follow\r\nTOP\r\nUIDL\r\nUSER\r\nSASL PLAIN\r\nRESP-CODES\r\n"
                  "AUTH-RESP-CODE\r\nPIPELINING\r\nUTF8\r\nEXPIRE NEVER\r\nIMPLEMENTATION Ringpost\r\n.\r\n");
    CHECK(clear.on_line("CAPA").reply.find("USER\r\n") == std::string::npos);
    CHECK(clear.on_line("CAPA").reply.find("SASL") == std::string::npos);
    auto dialog = logged_in();
    CHECK(dialog.on_line("CAPA").reply == with);
}

TEST_CASE("Login without TLS is refused before any secret is looked at")
{
    Dialog dialog(DialogSettings{});
    check(dialog, {{"USER taro@office-a.example", "-ERR login is allowed over TLS only\r\n"},
                   {"PASS sesame", "-ERR login is allowed over TLS only\r\n"}});
    CHECK(dialog.take_secret().empty());
}

TEST_CASE("STLS is offered until TLS is in use, and forgets the name that was given before it")
{
    Dialog dialog({.tls_offered = true, .login_in_clear = true});
    CHECK(dialog.on_line("CAPA").reply.find("\r\nSTLS\r\n") != std::string::npos);
    CHECK(dialog.on_line("USER taro@office-a.example").reply == "+OK\r\n");
    CHECK(dialog.on_line("STLS now").reply.starts_with("-ERR"));
    const auto step = dialog.on_line("stls");
    CHECK(step.reply == "+OK begin TLS\r\n");
    CHECK(step.next == Next::start_tls);
    CHECK_THROWS_AS(dialog.on_line("NOOP"), std::logic_error);
    CHECK(dialog.on_tls_started().reply.empty());
    CHECK(dialog.on_line("CAPA").reply.find("STLS") == std::string::npos);
    CHECK(dialog.on_line("PASS sesame").reply == "-ERR USER first\r\n");
    CHECK(dialog.on_line("STLS").reply == "-ERR TLS is in use already\r\n");
    CHECK(ask_login(dialog, "sesame").next == Next::authenticate);
    CHECK_THROWS_AS(dialog.on_tls_started(), std::logic_error);
}

TEST_CASE("STLS is refused where there is no certificate, and after the login")
{
    Dialog without(DialogSettings{});
    CHECK(without.on_line("CAPA").reply.find("STLS") == std::string::npos);
    CHECK(without.on_line("STLS").reply == "-ERR TLS is not offered\r\n");
    auto dialog = logged_in({.tls_offered = true, .login_in_clear = true});
    CHECK(dialog.on_line("STLS").reply == "-ERR you are logged in already\r\n");
}

TEST_CASE("Where STLS is offered, who logs in without it is told so")
{
    Dialog dialog({.tls_offered = true});
    check(dialog, {{"USER taro@office-a.example", "-ERR login is allowed over TLS only: send STLS first\r\n"}});
    CHECK(dialog.on_line("CAPA").reply.find("USER\r\n") == std::string::npos);
    CHECK(dialog.on_line("STLS").next == Next::start_tls);
    (void)dialog.on_tls_started();
    CHECK(dialog.on_line("CAPA").reply.find("USER\r\n") != std::string::npos);
    CHECK(dialog.on_line("USER taro@office-a.example").reply == "+OK\r\n");
}

TEST_CASE("Whatever comes behind STLS before its answer ends the session")
{
    CHECK(Dialog::ends_group("STLS"));
    CHECK(Dialog::ends_group("stls "));
    CHECK_FALSE(Dialog::ends_group("CAPA"));
    CHECK_FALSE(Dialog::ends_group("RETR 1"));
    Dialog dialog({.tls_offered = true});
    const auto step = dialog.on_early_input();
    CHECK(step.next == Next::close);
    CHECK(step.reply.starts_with("-ERR"));
}

TEST_CASE("USER and PASS ask for an authentication, and the secret is handed out once")
{
    Dialog dialog(encrypted());
    CHECK(dialog.on_line("PASS sesame").reply == "-ERR USER first\r\n");
    CHECK(dialog.on_line("USER taro@office-a.example").reply == "+OK\r\n");
    CHECK(dialog.on_line("STAT").reply == "-ERR log in first\r\n");
    const auto step = dialog.on_line("PASS open  sesame ");
    CHECK(step.next == Next::authenticate);
    CHECK(step.reply.empty());
    CHECK(dialog.login() == "taro@office-a.example");
    CHECK(dialog.take_secret() == "open  sesame ");
    CHECK(dialog.take_secret().empty());
    CHECK_THROWS_AS(dialog.on_line("NOOP"), std::logic_error);
}

TEST_CASE("AUTH PLAIN logs in with an initial response or after an empty challenge", "[mailbox]")
{
    // RFC 4616 2: authorization identity, login and secret, separated by NUL.
    const std::string message = base64_encode(std::string("\0taro@office-a.example\0sesame", 29));
    const std::string as_himself =
        base64_encode(std::string("taro@office-a.example\0taro@office-a.example\0sesame", 50));
    for (const auto& response : {message, as_himself})
    {
        Dialog at_once(encrypted());
        CHECK(at_once.on_line("auth plain " + response).next == Next::authenticate);
        CHECK(at_once.login() == "taro@office-a.example");
        CHECK(at_once.take_secret() == "sesame");
        Dialog asked(encrypted());
        CHECK(asked.on_line("AUTH PLAIN").reply == "+ \r\n");
        CHECK(asked.line_limit() == sasl_line_limit);
        CHECK(asked.on_line(response).next == Next::authenticate);
        CHECK(asked.take_secret() == "sesame");
        CHECK(asked.on_authenticated(three_mails()).reply == "+OK maildrop has 3 messages (350 octets)\r\n");
    }
}

TEST_CASE("An AUTH that leads to no login is refused, and the next command is a command", "[mailbox]")
{
    Dialog dialog(encrypted());
    check(dialog, {{"AUTH", "+OK mechanisms follow\r\nPLAIN\r\n.\r\n"},
                   {"AUTH CRAM-MD5", "-ERR mechanism not offered\r\n"},
                   {"AUTH PLAIN YQ== YQ==", "-ERR AUTH: too many arguments\r\n"},
                   {"AUTH PLAIN =", "-ERR not a PLAIN message\r\n"},
                   {"AUTH PLAIN YQ", "-ERR not valid Base64\r\n"},
                   {"AUTH PLAIN *", "-ERR authentication cancelled\r\n"},
                   {"AUTH PLAIN", "+ \r\n"},
                   {"*", "-ERR authentication cancelled\r\n"},
                   {"AUTH PLAIN", "+ \r\n"},
                   {"QUIT", "-ERR not a PLAIN message\r\n"},
                   {"AUTH PLAIN", "+ \r\n"},
                   {std::string(sasl_line_limit + 1, 'A'), "-ERR line too long\r\n"},
                   {"STAT", "-ERR log in first\r\n"}});
    CHECK(dialog.line_limit() == command_line_limit);
    // Nobody may act as somebody else, whatever the secret is.
    const std::string another = base64_encode(std::string("jiro\0taro\0sesame", 16));
    CHECK(dialog.on_line("AUTH PLAIN " + another).reply == "-ERR [AUTH] invalid login or secret\r\n");
    CHECK(dialog.take_secret().empty());
    auto late = logged_in();
    check(late, {{"AUTH PLAIN", "-ERR you are logged in already\r\n"},
                 {"UTF8", "-ERR you are logged in already\r\n"},
                 {"AUTH", "-ERR you are logged in already\r\n"}});
    Dialog clear(DialogSettings{});
    check(clear, {{"AUTH PLAIN " + another, "-ERR login is allowed over TLS only\r\n"},
                  {"UTF8", "+OK UTF8 enabled\r\n"},
                  {"UTF8 USER", "-ERR UTF8: no argument is expected\r\n"}});
}

TEST_CASE("A TOP of more lines than fit into a number is a TOP of all", "[mailbox]")
{
    auto dialog = logged_in();
    CHECK(dialog.on_line("TOP 1 99999999").top_lines == 99999999U);
    CHECK(dialog.on_line("TOP 1 99999999999999999999").top_lines == 0xffffffffU);
    CHECK(dialog.on_line("TOP 1 -1").reply == "-ERR TOP: a number of lines is expected\r\n");
    CHECK(dialog.on_line("TOP 1 0").top_lines == 0U);
}

TEST_CASE("A failed login is mapped to its response code")
{
    struct Row
    {
        Errc code;
        std::string reply;
    };
    const std::vector<Row> rows{
        {Errc::refused, "-ERR [AUTH] invalid login or secret\r\n"},
        {Errc::not_found, "-ERR [AUTH] invalid login or secret\r\n"},
        {Errc::conflict, "-ERR [IN-USE] the mailbox is in use by another session\r\n"},
        {Errc::unavailable, "-ERR [SYS/TEMP] the mailbox cannot be opened now, try again later\r\n"},
        {Errc::io, "-ERR [SYS/TEMP] the mailbox cannot be opened now, try again later\r\n"},
        {Errc::timeout, "-ERR [SYS/TEMP] the mailbox cannot be opened now, try again later\r\n"},
    };
    for (const auto& row : rows)
    {
        Dialog dialog(encrypted());
        REQUIRE(ask_login(dialog, "x").next == Next::authenticate);
        const auto step = dialog.on_authenticated(fail(row.code, "taro", "hidden detail"));
        CHECK(step.reply == row.reply);
        CHECK(step.next == Next::command);
        CHECK(dialog.on_line("PASS again").reply == "-ERR USER first\r\n");
        CHECK(dialog.on_line("STAT").reply == "-ERR log in first\r\n");
    }
}

TEST_CASE("The last allowed wrong login closes the session")
{
    Dialog dialog(encrypted());
    for (int i = 0; i < 2; ++i)
    {
        (void)ask_login(dialog, "wrong");
        CHECK(dialog.on_authenticated(fail(Errc::refused, {}, "x")).next == Next::command);
    }
    (void)ask_login(dialog, "wrong");
    const auto step = dialog.on_authenticated(fail(Errc::not_found, {}, "x"));
    CHECK(step.next == Next::close);
    CHECK(step.reply == "-ERR [AUTH] invalid login or secret\r\n");
}

TEST_CASE("STAT, LIST and UIDL leave out mails marked as deleted, and keep the numbers of the others")
{
    auto dialog = logged_in();
    check(dialog, {
                      {"STAT", "+OK 3 350\r\n"},
                      {"LIST", "+OK 3 messages (350 octets)\r\n1 120\r\n2 200\r\n3 30\r\n.\r\n"},
                      {"UIDL", "+OK 3 messages (350 octets)\r\n1 1a.b1\r\n2 2a.b2\r\n3 3a.b3\r\n.\r\n"},
                      {"LIST 2", "+OK 2 200\r\n"},
                      {"UIDL 3", "+OK 3 3a.b3\r\n"},
                      {"DELE 2", "+OK message 2 deleted\r\n"},
                      {"DELE 2", "-ERR no such message\r\n"},
                      {"STAT", "+OK 2 150\r\n"},
                      {"LIST", "+OK 2 messages (150 octets)\r\n1 120\r\n3 30\r\n.\r\n"},
                      {"UIDL 2", "-ERR no such message\r\n"},
                      {"RETR 2", "-ERR no such message\r\n"},
                      {"TOP 2 1", "-ERR no such message\r\n"},
                      {"LIST 4", "-ERR no such message\r\n"},
                      {"RETR 4294967295", "-ERR no such message\r\n"},
                      {"RSET", "+OK maildrop has 3 messages (350 octets)\r\n"},
                      {"STAT", "+OK 3 350\r\n"},
                      {"NOOP", "+OK\r\n"},
                      {"USER other@office-a.example", "-ERR you are logged in already\r\n"},
                  });
    CHECK(dialog.deleted().empty());
}

TEST_CASE("RETR and TOP ask for the mail by its index")
{
    auto dialog = logged_in();
    const auto whole = dialog.on_line("RETR 2");
    CHECK(whole.reply == "+OK 200 octets\r\n");
    CHECK(whole.next == Next::retrieve);
    CHECK(whole.index == 1);
    CHECK_FALSE(whole.top_lines.has_value());
    const auto top = dialog.on_line("TOP 3 10");
    CHECK(top.reply.rfind("+OK", 0) == 0);
    CHECK(top.next == Next::retrieve);
    CHECK(top.index == 2);
    CHECK(top.top_lines == 10U);
    const auto failed = dialog.on_retrieve_failed();
    CHECK(failed.reply == "-ERR [SYS/TEMP] the message cannot be read now\r\n");
    CHECK(failed.next == Next::command);
}

TEST_CASE("Only QUIT after login enters UPDATE")
{
    auto dialog = logged_in();
    (void)dialog.on_line("DELE 3");
    (void)dialog.on_line("DELE 1");
    const auto step = dialog.on_line("QUIT");
    CHECK(step.next == Next::update);
    CHECK(step.reply.empty());
    CHECK(dialog.deleted() == std::vector<std::size_t>{0, 2});

    SECTION("everything was removed")
    {
        const auto end = dialog.on_updated({});
        CHECK(end.reply == "+OK goodbye\r\n");
        CHECK(end.next == Next::close);
    }
    SECTION("something was not")
    {
        const auto end = dialog.on_updated(fail(Errc::io, {}, "disk"));
        CHECK(end.reply == "-ERR [SYS/TEMP] some deleted messages not removed\r\n");
        CHECK(end.next == Next::close);
    }
}

TEST_CASE("QUIT before login, a time-out and too many errors close without UPDATE")
{
    Dialog fresh(encrypted());
    const auto quit = fresh.on_line("QUIT");
    CHECK(quit.reply == "+OK goodbye\r\n");
    CHECK(quit.next == Next::close);

    auto silent = logged_in();
    (void)silent.on_line("DELE 1");
    const auto timeout = silent.on_timeout();
    CHECK(timeout.reply.empty());
    CHECK(timeout.next == Next::close);
    CHECK_THROWS_AS(silent.on_updated({}), std::logic_error);

    auto noisy = logged_in({.encrypted = true, .errors = 3});
    CHECK(noisy.on_line("GET / HTTP/1.1").reply == "-ERR unknown command\r\n");
    CHECK(noisy.on_line_too_long().reply == "-ERR line too long\r\n");
    const auto end = noisy.on_line(std::string(command_line_limit + 1, 'x'));
    CHECK(end.reply == "-ERR too many errors, closing\r\n");
    CHECK(end.next == Next::close);
}
