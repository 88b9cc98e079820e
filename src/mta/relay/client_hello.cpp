// SPDX-License-Identifier: Apache-2.0
// Greeting, EHLO and AUTH of the client dialog (RFC 5321 3.1, 3.2; RFC 4954, RFC 4616).
#include "mta/relay/client_dialog.h"
#include "mta/server/base64.h"

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
        return is_success(reply) ? request(Kind::ehlo, "EHLO " + options_.helo_name) : fail_with("the greeting", reply);
    }
    if (is_success(reply))
    {
        offers_ = command.kind == Kind::ehlo ? read_offers(reply) : ServerOffers{};
        return authenticate_or_ready();
    }
    // RFC 5321 3.2: who does not know EHLO is asked with HELO.
    return command.kind == Kind::ehlo && is_permanent(reply) ? request(Kind::helo, "HELO " + options_.helo_name)
                                                             : fail_with(command.line, reply);
}

ClientDialog::Step ClientDialog::authenticate_or_ready()
{
    if (!options_.credentials)
    {
        return {{}, Next::ready};
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
    return is_success(reply) && command.kind == Kind::auth_response ? Step{{}, Next::ready} : fail_with("AUTH", reply);
}
} // namespace ringpost::mta
