// SPDX-License-Identifier: Apache-2.0
// Greeting, EHLO, STARTTLS and AUTH of the client dialog (RFC 5321 3.1, 3.2; RFC 3207; RFC 4954, RFC 4616).
#include "core/base64.h"
#include "mta/relay/client_dialog.h"

#include <fmt/format.h>

namespace ringpost::mta
{
namespace
{
constexpr std::size_t max_command_line = 510; // RFC 5321 4.5.3.1.4, without CRLF
} // namespace

ClientDialog::Step ClientDialog::on_hello_reply(const Command& command, const ServerReply& reply)
{
    if (command.kind == Kind::greeting)
    {
        return is_success(reply) ? request(Kind::ehlo, "EHLO " + options_.helo_name) : fail_with(command.kind, reply);
    }
    if (is_success(reply))
    {
        offers_ = command.kind == Kind::ehlo ? read_offers(reply) : ServerOffers{};
        return encrypt_or_go_on();
    }
    // RFC 5321 3.2: who does not know EHLO is asked with HELO.
    return command.kind == Kind::ehlo && is_permanent(reply) ? request(Kind::helo, "HELO " + options_.helo_name)
                                                             : fail_with(command.kind, reply);
}

ClientDialog::Step ClientDialog::encrypt_or_go_on()
{
    if (encrypted_ || options_.tls == HopTls::none)
    {
        return authenticate_or_ready();
    }
    if (offers_.starttls)
    {
        return request(Kind::starttls, "STARTTLS");
    }
    if (is_verified(options_.tls))
    {
        return fail_with(fail(Errc::unavailable, "STARTTLS",
                              "the server does not offer TLS, which the destination database requires of it: set up a "
                              "certificate there, or tls = implicit here where its port begins with TLS"),
                         {}, "QUIT\r\n");
    }
    return authenticate_or_ready();
}

ClientDialog::Step ClientDialog::on_starttls_reply(const ServerReply& reply)
{
    if (reply.code == 220)
    {
        return {{}, Next::start_tls};
    }
    return is_verified(options_.tls) ? fail_with(Kind::starttls, reply) : authenticate_or_ready();
}

ClientDialog::Step ClientDialog::on_tls_started()
{
    require(Next::start_tls);
    encrypted_ = true;
    reader_ = {};
    offers_ = {};
    Step step = request(Kind::ehlo, "EHLO " + options_.helo_name);
    next_ = step.next;
    return step;
}

ClientDialog::Step ClientDialog::authenticate_or_ready()
{
    if (!options_.credentials)
    {
        return {{}, Next::ready};
    }
    if (!encrypted_ && !options_.credentials_in_clear)
    {
        return fail_with(fail(Errc::unavailable, "AUTH",
                              "the login is not sent without TLS, and the connection has none: set up a certificate on "
                              "the server, and tls = required in the destination database"),
                         {}, "QUIT\r\n");
    }
    if (!offers_.auth_plain)
    {
        return fail_with(fail(Errc::unavailable, "AUTH", "the server does not offer AUTH PLAIN here"), {}, "QUIT\r\n");
    }
    const std::string response =
        base64_encode(fmt::format("{0}{1}{0}{2}", '\0', options_.credentials->login, options_.credentials->secret));
    const std::string line = "AUTH PLAIN " + response;
    return line.size() <= max_command_line ? request(Kind::auth_response, line) : request(Kind::auth, "AUTH PLAIN");
}

ClientDialog::Step ClientDialog::on_auth_reply(const Command& command, const ServerReply& reply)
{
    if (reply.code == 334 && command.kind == Kind::auth)
    {
        const Credentials& who = *options_.credentials;
        return request(Kind::auth_response, base64_encode(fmt::format("{0}{1}{0}{2}", '\0', who.login, who.secret)));
    }
    authenticated_ = is_success(reply) && command.kind == Kind::auth_response;
    return authenticated_ ? Step{{}, Next::ready} : fail_with(command.kind, reply);
}
} // namespace ringpost::mta
