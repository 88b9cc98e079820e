// SPDX-License-Identifier: Apache-2.0
// How the client's side of a connection fails, and what is then told of a mail.
#include "mta/relay/client_dialog.h"

#include <fmt/format.h>

#include <utility>

namespace ringpost::mta
{
namespace
{
constexpr const char* greeting_hint = " without a greeting: does its port begin with TLS (tls = \"implicit\")?";
} // namespace

/// Octets before anything was asked. The results of replies before them stand.
ClientDialog::Step ClientDialog::on_early_octets()
{
    const Result<std::optional<ServerReply>> reply = reader_.next();
    if (reply && *reply && (*reply)->code == 421)
    {
        return fail_with("the connection", **reply, outcome_of(**reply));
    }
    return fail_with(fail(Errc::malformed, "reply", "the server sent octets that nobody asked for"));
}

ClientDialog::Step ClientDialog::on_end(const Failure& failure)
{
    const bool quitting = !in_flight_.empty() && in_flight_.front().kind == Kind::quit;
    if (quitting || next_ == Next::finished)
    {
        next_ = Next::finished;
        return {{}, next_};
    }
    if (next_ == Next::failed)
    {
        return {{}, next_};
    }
    const bool ungreeted = !in_flight_.empty() && in_flight_.front().kind == Kind::greeting && reader_.empty();
    const bool starts_tls = options_.tls != HopTls::none && options_.tls != HopTls::implicit;
    if (ungreeted && starts_tls && (failure.code() == Errc::timeout || failure.code() == Errc::closed))
    {
        // Each side waits for the other one to begin.
        return fail_with(fail(failure.code(), failure.where(), failure.text() + greeting_hint));
    }
    return fail_with(cut_.value_or(failure));
}

ClientDialog::Step ClientDialog::fail_with(const Failure& failure, Outcome outcome, std::string farewell)
{
    outcome.kind = Outcome::Kind::temporary;
    if (outcome.text.empty())
    {
        outcome.text = failure.message();
    }
    decide_rest(outcome);
    queue_.clear();
    in_flight_.clear();
    failure_ = failure;
    next_ = Next::failed;
    return {std::move(farewell), next_};
}

ClientDialog::Step ClientDialog::fail_with(const Failure& failure)
{
    return fail_with(failure, {}, {});
}

ClientDialog::Step ClientDialog::fail_with(Kind kind, const ServerReply& reply)
{
    return fail_with(name_of(kind), reply, decision(kind, reply));
}

/// A reply that ends the connection. Who said 421 has closed already; all others are told QUIT (RFC 5321 4.1.1.10).
ClientDialog::Step ClientDialog::fail_with(std::string_view what, const ServerReply& reply, Outcome outcome)
{
    const Errc code = reply.code == 421 ? Errc::closed : is_permanent(reply) ? Errc::refused : Errc::unavailable;
    const Failure failure = fail(code, std::string(what), fmt::format("{} {}", reply.code, outcome.text));
    return fail_with(failure, std::move(outcome), reply.code == 421 ? "" : "QUIT\r\n");
}

/// How people are told which command it was; never what stood in it, which may be a secret.
std::string_view ClientDialog::name_of(Kind kind)
{
    switch (kind)
    {
    case Kind::greeting:
        return "the greeting";
    case Kind::ehlo:
        return "EHLO";
    case Kind::helo:
        return "HELO";
    case Kind::starttls:
        return "STARTTLS";
    case Kind::auth:
    case Kind::auth_response:
        return "AUTH";
    case Kind::rset:
        return "RSET";
    case Kind::mail:
        return "MAIL FROM";
    case Kind::rcpt:
        return "RCPT TO";
    case Kind::data:
    case Kind::empty_body:
        return "DATA";
    case Kind::body:
    case Kind::cut_body:
        return "the mail";
    case Kind::xringpost:
        return "XRINGPOST";
    case Kind::quit:
        break;
    }
    return "QUIT";
}

Outcome ClientDialog::decision(Kind kind, const ServerReply& reply)
{
    Outcome outcome = outcome_of(reply);
    outcome.asked = name_of(kind);
    return outcome;
}
} // namespace ringpost::mta
