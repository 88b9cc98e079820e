// SPDX-License-Identifier: Apache-2.0
#include "mta/server/session.h"

#include "core/fault_point.h"
#include "core/log.h"
#include "core/net_address.h"
#include "mta/mail_plan.h"

namespace ringpost::mta
{
namespace
{
constexpr Duration farewell_time = 2s;
/// Mail octets are handed on in pieces of about this size.
constexpr std::size_t piece = 64 * 1024;

ServerOptions options_for(const ServerContext& context, const LineStream& stream, Protocol protocol)
{
    const Config& config = context.config;
    ServerOptions options;
    options.domain = config.gateway.domain;
    options.size_limit = config.mta.size_limit;
    options.lmtp = protocol == Protocol::lmtp;
    options.dsn = options.future_release = options.mt_priority = !options.lmtp;
    options.recipients = config.mta.recipients;
    options.idle_commands = static_cast<unsigned>(config.mta.idle_commands);
    options.errors_per_session = static_cast<unsigned>(config.mta.errors_per_session);
    options.auth_failures = static_cast<unsigned>(config.mta.auth_failures_per_session);
    options.tls_offered = context.tls.offered();
    options.encrypted = stream.tls().has_value();
    options.auth_in_clear = !config.tls.require_on_loopback && is_loopback(stream.peer_address());
    options.confidential = context.spool.vault().can_seal();
    options.max_hold = config.mta.max_hold;
    options.line_limit = config.mta.line_limit;
    return options;
}
} // namespace

Session::Session(ServerContext& context, LineStream stream, Protocol protocol)
    : context_(context), stream_(std::move(stream)), dialog_(options_for(context, stream_, protocol))
{}

void Session::stop()
{
    stopping_ = true;
    if (in_command_)
    {
        stream_.interrupt(); // it is told 421 (RFC 5321 3.8)
    }
    else if (in_data_ || in_handshake_)
    {
        stream_.close(); // nothing has been promised for a mail whose end is not there
    }
}

boost::asio::awaitable<void> Session::serve()
{
    log::debug("mta.connected", {{"peer", stream_.peer_address()}});
    Step step = dialog_.greeting();
    while (!gone_)
    {
        replies_ += step.reply;
        if (replies_due(step.next))
        {
            const auto written = co_await write_replies();
            if (written.has_error())
            {
                break;
            }
        }
        if (step.next == Next::close)
        {
            break;
        }
        step = co_await advance(std::move(step));
    }
    co_await stream_.finish(farewell_time);
    log::debug("mta.closed", {{"peer", stream_.peer_address()}});
}

/// Those to pipelined commands are written together (RFC 2920 3.2), before anything that takes time.
bool Session::replies_due(Next next) const
{
    const bool at_once = next == Next::sender || next == Next::recipient;
    const bool more = at_once || (next == Next::command && stream_.line_buffered());
    return !replies_.empty() && (!more || replies_.size() >= piece);
}

boost::asio::awaitable<Result<>> Session::write_replies()
{
    const std::string replies = std::exchange(replies_, {});
    if (fault_point("smtp.reply"))
    {
        co_return fail(Errc::io, stream_.peer_address(), "fault point");
    }
    co_return co_await stream_.write(replies, context_.config.mta.command_timeout);
}

boost::asio::awaitable<Session::Step> Session::advance(Step step)
{
    switch (step.next)
    {
    case Next::start_tls:
        co_return co_await start_tls();
    case Next::authenticate:
        co_return co_await authenticate(std::move(*step.credentials));
    case Next::sender:
        co_return dialog_.on_sender(check_sender());
    case Next::recipient:
        co_return dialog_.on_recipient(check_recipient());
    case Next::data:
        co_return co_await read_data();
    case Next::xringpost: {
        const std::string peer = dialog_.identity() ? dialog_.identity()->name : std::string{};
        const auto answer = co_await context_.xringpost(step.xringpost->word, step.xringpost->argument, peer);
        co_return dialog_.on_xringpost(answer);
    }
    default:
        co_return co_await read_command();
    }
}

boost::asio::awaitable<Session::Step> Session::read_command()
{
    if (stopping_)
    {
        co_return dialog_.on_shutdown();
    }
    in_command_ = true;
    const auto line = co_await stream_.read_line(dialog_.line_limit(), context_.config.mta.command_timeout);
    in_command_ = false;
    if (line.has_error())
    {
        switch (line.error().code())
        {
        case Errc::too_large:
            co_return dialog_.on_line_too_long();
        case Errc::timeout:
            co_return dialog_.on_timeout();
        case Errc::unavailable:
            co_return dialog_.on_shutdown();
        default:
            gone_ = true;
            co_return Step{};
        }
    }
    if (line->bare_lf)
    {
        co_return dialog_.on_bare_lf_line();
    }
    if (dialog_.ends_group(line->text) && stream_.input_pending())
    {
        log::warning("mta.early-input", {{"peer", stream_.peer_address()}});
        co_return dialog_.on_early_input();
    }
    co_return dialog_.on_line(line->text, context_.clock.now());
}

boost::asio::awaitable<Session::Step> Session::start_tls()
{
    in_handshake_ = true;
    const auto started = co_await stream_.start_tls(context_.tls, context_.config.tls.handshake_timeout);
    in_handshake_ = false;
    if (started.has_error())
    {
        log::info("mta.no-tls", {{"peer", stream_.peer_address()}, {"why", started.error().text()}});
        gone_ = true; // nothing that we could say would be understood
        co_return Step{};
    }
    co_return dialog_.on_tls_started();
}

boost::asio::awaitable<Session::Step> Session::read_data()
{
    auto received = co_await receive_mail();
    if (!received)
    {
        // Cut inside the mail: it was never accepted (RFC 5321 4.1.1.4), the client will send it again.
        if (timed_out_)
        {
            co_return dialog_.on_timeout();
        }
        gone_ = true;
        co_return Step{};
    }
    if (received->has_error())
    {
        Step refused = dialog_.on_data(received->error());
        if (cut_off_)
        {
            refused.next = Next::close;
        }
        co_return refused;
    }
    const auto accepted = co_await context_.acceptance.accept(std::move(**received));
    if (accepted.has_error() && accepted.error().code() == Errc::too_large)
    {
        co_return dialog_.on_data_refused({554, "5.6.0", accepted.error().message()});
    }
    if (accepted.has_error() && accepted.error().where() == loop_field)
    {
        co_return dialog_.on_data_refused({554, "5.4.6", accepted.error().message()});
    }
    co_return dialog_.on_data(accepted);
}

boost::asio::awaitable<std::optional<Result<IncomingMail>>> Session::receive_mail()
{
    const Submitter who = submitter();
    DataReader reader(context_.config.mta.size_limit);
    MailCollector collector(context_.spool, context_.config.mta.spool_threshold, context_.config.scan, who.standing);
    Result<> stored;
    bool complete = false;
    const auto deadline = std::chrono::steady_clock::now() + context_.config.mta.mail_timeout;
    while (!complete)
    {
        const auto left = std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now());
        in_data_ = true;
        const auto octets = co_await stream_.read_some(std::min(left, context_.config.mta.data_timeout));
        in_data_ = false;
        if (octets.has_error() || left <= Duration{})
        {
            timed_out_ = left <= Duration{} || octets.error().code() == Errc::timeout;
            co_return std::nullopt;
        }
        const auto fed = reader.feed(octets->substr(0, piece));
        stream_.consume(fed.consumed);
        complete = fed.verdict == DataReader::Verdict::complete;
        std::string taken = reader.take(); // on a full disk too: what nobody takes gathers in memory
        if (stored.has_value() && !reader.violation())
        {
            stored = collector.append(std::move(taken));
        }
        // A client that sends for ever, what it sends being refused already, is told so and cut off.
        if (!complete && reader.violation() && reader.received() > 2 * context_.config.mta.size_limit)
        {
            cut_off_ = true;
            co_return Result<IncomingMail>(*reader.violation());
        }
    }
    if (const auto violation = reader.violation())
    {
        co_return Result<IncomingMail>(*violation);
    }
    if (stored.has_value())
    {
        stored = collector.finish();
    }
    if (stored.has_error())
    {
        co_return Result<IncomingMail>(stored.error());
    }
    IncomingMail mail;
    mail.envelope = dialog_.envelope();
    mail.submitter = who;
    mail.helo_name = dialog_.helo_name();
    mail.protocol = dialog_.protocol();
    mail.peer_address = stream_.peer_address();
    mail.tls = stream_.tls();
    mail.octets = collector.take_octets();
    if (auto file = collector.take_file())
    {
        mail.key_id = collector.key_id();
        mail.spooled.emplace(std::move(*file));
        mail.spooled_octets = collector.file_octets();
    }
    co_return Result<IncomingMail>(std::move(mail));
}

boost::asio::awaitable<Session::Step> Session::authenticate(Credentials credentials)
{
    const auto checked = co_await context_.authentication.authenticate(
        std::move(credentials.login), std::move(credentials.secret), stream_.peer_address());
    if (checked.has_error())
    {
        co_return dialog_.on_authentication_unavailable();
    }
    if (!*checked)
    {
        co_return dialog_.on_authenticated(std::nullopt);
    }
    co_return dialog_.on_authenticated(Identity{(*checked)->name, (*checked)->standing == Standing::peer});
}

Submitter Session::submitter() const
{
    const auto& identity = dialog_.identity();
    if (!identity)
    {
        return {};
    }
    return {identity->peer ? Standing::peer : Standing::own_user, identity->name};
}

/// An own user's reverse path is null or an address of that user (spec 2.2). Peers bring the senders of other offices;
/// strangers may write whom they like, an own user too, for it proves nothing and they start no calls. A peer may not
/// have a mail held.
Result<> Session::check_sender() const
{
    const auto& path = dialog_.envelope().reverse_path;
    const Submitter who = submitter();
    const bool held = dialog_.envelope().hold_for || dialog_.envelope().hold_until;
    if (held && who.standing == Standing::peer)
    {
        return fail(Errc::refused, "HOLDFOR", "a mail is held at its first gateway");
    }
    if (!path || who.standing != Standing::own_user)
    {
        return {};
    }
    const auto directory = context_.directory.current();
    const auto* user = directory->user_by_address(to_string(*path));
    if (user == nullptr || user != directory->user_by_address(who.name))
    {
        return fail(Errc::refused, to_string(*path), "is not an address of " + who.name);
    }
    return {};
}

Result<> Session::check_recipient() const
{
    const auto directory = context_.directory.current();
    const Mailbox& mailbox = dialog_.recipient().mailbox;
    const auto written = read_call_address(mailbox);
    const std::string address = to_string(written.addressee);
    const Submitter who = submitter();
    const bool own = written.addressee.domain.empty() || directory->own_domain(written.addressee.domain);
    const bool fax = media::is_fax_address(mailbox.local_part);
    if ((written.trigger || fax) && who.standing != Standing::own_user && who.standing != Standing::peer)
    {
        return fail(Errc::refused, to_string(mailbox),
                    fax ? "FAXes can be sent by own users only: log in (SMTP AUTH)"
                        : "calls can be asked for by own users only: log in (SMTP AUTH), or write without +call");
    }
    if (const auto machine = media::parse_fax_address(mailbox.local_part); fax && machine.has_error())
    {
        return fail(Errc::malformed, address, machine.error().text());
    }
    if (!own)
    {
        return who.standing == Standing::own_user
                   ? Result<>{}
                   : fail(Errc::refused, address,
                          who.standing == Standing::peer
                              ? "this gateway does not relay for other gateways"
                              : "relaying is not allowed: log in (SMTP AUTH) to send to other offices");
    }
    if (fax)
    {
        return {};
    }
    const auto* user = directory->user_by_address(address);
    if (user == nullptr)
    {
        return fail(Errc::not_found, address, "no such mailbox here");
    }
    if (written.trigger && user->extension.empty() && user->external_number.empty())
    {
        return fail(Errc::refused, address, "has no telephone in the directory, write without +call");
    }
    return {};
}
} // namespace ringpost::mta
