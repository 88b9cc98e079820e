// SPDX-License-Identifier: Apache-2.0
// AUTH of the server dialog: mechanisms PLAIN (RFC 4616) and LOGIN (de facto), exchange of RFC 4954 4.
#include "core/base64.h"
#include "core/sasl_plain.h"
#include "mta/server/ascii.h"
#include "mta/server/dialog.h"

#include <utility>

namespace ringpost::mta
{
namespace
{
// "Username:" and "Password:" in Base64, the prompts that clients of LOGIN know.
constexpr const char* login_prompt = "334 VXNlcm5hbWU6\r\n";
constexpr const char* secret_prompt = "334 UGFzc3dvcmQ6\r\n";
constexpr const char* empty_challenge = "334 \r\n";

const SmtpReply bad_base64{501, "5.5.2", "Not valid Base64"};
// One text for whatever was wrong: it must not tell which logins exist.
const SmtpReply invalid{535, "5.7.8", "Authentication credentials invalid"};
} // namespace

ServerDialog::Step ServerDialog::auth(std::string_view argument)
{
    const Result<AuthArguments> arguments = parse_auth_arguments(argument);
    if (!arguments)
    {
        return error({501, "5.5.4", "Syntax: " + arguments.error().text()});
    }
    if (!auth_allowed())
    {
        return error({538, "5.7.11",
                      options_.tls_offered ? "Encryption required for authentication: send STARTTLS first"
                                           : "Encryption required for authentication"});
    }
    const bool plain = ascii::same(arguments->mechanism, "PLAIN");
    if (!plain && !ascii::same(arguments->mechanism, "LOGIN"))
    {
        return error({504, "5.5.4", "Mechanism not offered"});
    }
    state_ = plain ? State::auth_plain : State::auth_login;
    if (arguments->initial_response)
    {
        return auth_response(*arguments->initial_response);
    }
    return {plain ? empty_challenge : login_prompt, Next::command, {}, {}};
}

ServerDialog::Step ServerDialog::auth_response(std::string_view line)
{
    if (line == "*")
    {
        state_ = State::command;
        login_.clear();
        return error({501, "5.7.0", "Authentication cancelled"});
    }
    Result<std::string> octets = base64_decode(line);
    if (!octets)
    {
        state_ = State::command;
        login_.clear();
        return error(bad_base64);
    }
    return auth_decoded(std::move(*octets));
}

ServerDialog::Step ServerDialog::auth_decoded(std::string octets)
{
    switch (std::exchange(state_, State::command))
    {
    case State::auth_login:
        login_ = std::move(octets);
        state_ = State::auth_secret;
        return {secret_prompt, Next::command, {}, {}};
    case State::auth_secret:
        return check_credentials({std::exchange(login_, {}), std::move(octets)});
    default:
        return auth_plain(octets);
    }
}

ServerDialog::Step ServerDialog::auth_plain(std::string_view message)
{
    const auto plain = read_sasl_plain(message);
    if (!plain)
    {
        return error({501, "5.5.2", "Not a PLAIN message"});
    }
    return plain->as_another ? auth_failed()
                             : check_credentials({std::string(plain->login), std::string(plain->secret)});
}

ServerDialog::Step ServerDialog::check_credentials(Credentials credentials)
{
    if (credentials.login.empty() || credentials.secret.empty())
    {
        return auth_failed();
    }
    Step step = ask(State::authenticate, Next::authenticate);
    step.credentials = std::move(credentials);
    return step;
}

ServerDialog::Step ServerDialog::on_authenticated(std::optional<Identity> identity)
{
    answered(State::authenticate);
    if (!identity)
    {
        return auth_failed();
    }
    identity_ = std::move(identity);
    return say({235, "2.7.0", "Authentication successful"});
}

ServerDialog::Step ServerDialog::on_authentication_unavailable()
{
    answered(State::authenticate);
    // An error, or one session could try for ever what costs a password hash each time.
    return error({454, "4.7.0", "Authentication is not possible now, try again later"});
}

ServerDialog::Step ServerDialog::auth_failed()
{
    ++auth_failures_;
    if (auth_failures_ >= options_.auth_failures)
    {
        return close({421, "4.7.0", options_.domain + " too many failed authentications, closing"});
    }
    return say(invalid);
}
} // namespace ringpost::mta
