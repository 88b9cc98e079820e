// SPDX-License-Identifier: Apache-2.0
#include "mailbox/session.h"

#include "core/fault_point.h"
#include "core/log.h"
#include "core/net_address.h"
#include "store/mail_body.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace ringpost::mailbox
{
namespace
{
constexpr std::size_t piece = 64 * 1024;
constexpr Duration farewell_time = 2s;

DialogSettings settings_for(const ServerContext& context, const LineStream& stream)
{
    const Config& config = context.config;
    DialogSettings settings;
    settings.tls_offered = context.tls.offered();
    settings.encrypted = stream.tls().has_value();
    settings.login_in_clear = !config.tls.require_on_loopback && is_loopback(stream.peer_address());
    settings.errors = static_cast<unsigned>(config.mailbox.errors_per_session);
    settings.authentication_failures = static_cast<unsigned>(config.mailbox.auth_failures_per_session);
    return settings;
}
} // namespace

/// The octets of an entry in their order.
struct Session::Mail
{
    std::string prefix;
    std::string trace;
    store::MailBody content;
};

Session::Session(ServerContext& context, LineStream stream)
    : context_(context), stream_(std::move(stream)), dialog_(settings_for(context, stream_)),
      login_due_(std::chrono::steady_clock::now() + context.config.mailbox.idle_timeout)
{}

void Session::stop()
{
    stopping_ = true;
    if (waiting_)
    {
        stream_.close();
    }
}

boost::asio::awaitable<void> Session::serve()
{
    // What the kernel holds is not known to have reached the client: little of it, and the proof comes early.
    static_cast<void>(stream_.set_send_buffer(context_.config.mailbox.send_buffer));
    Step step = dialog_.greeting();
    while (!gone_)
    {
        const auto answered = co_await answer(step);
        if (answered.has_error() || step.next == Next::close)
        {
            break;
        }
        step = co_await advance(std::move(step));
    }
    lock_.reset();
    co_await stream_.finish(farewell_time);
}

/// Writes the answer, with those of the pipelined commands before it (RFC 2449 6.6).
boost::asio::awaitable<Result<>> Session::answer(const Step& step)
{
    if (step.next == Next::retrieve)
    {
        co_return Result<>{}; // its answer begins with those before it
    }
    answers_ += step.reply;
    const bool more = step.next == Next::command && stream_.line_buffered() && answers_.size() < piece;
    if (more || answers_.empty())
    {
        co_return Result<>{};
    }
    co_return co_await write_answers();
}

boost::asio::awaitable<Result<>> Session::write_answers()
{
    const std::string answers = std::exchange(answers_, {});
    if (fault_point("pop3.reply"))
    {
        co_return fail(Errc::io, stream_.peer_address(), "fault point");
    }
    co_return co_await stream_.write(answers, context_.config.mailbox.idle_timeout);
}

boost::asio::awaitable<Step> Session::advance(Step step)
{
    switch (step.next)
    {
    case Next::start_tls:
        co_return co_await start_tls();
    case Next::authenticate:
        co_return co_await authenticate();
    case Next::retrieve:
        co_return co_await retrieve(std::move(step));
    case Next::update:
        co_return co_await update();
    default:
        co_return co_await read_command();
    }
}

boost::asio::awaitable<Step> Session::read_command()
{
    // A command that is there already was sent before the client can have had the last octets (pipelining): it proves
    // nothing. One that comes later does.
    const bool next_proves = !unproved_.empty() && !stream_.input_pending();
    if (next_proves)
    {
        co_await await_acknowledgement();
    }
    if (!stream_.line_buffered())
    {
        ahead_.clear(); // who knows when it will be asked for
    }
    const Duration timeout = patience();
    if (stopping_ || timeout <= Duration{})
    {
        co_return dialog_.on_timeout();
    }
    waiting_ = true;
    const auto line = co_await stream_.read_line(dialog_.line_limit(), timeout);
    waiting_ = false;
    if (line.has_error() && line.error().code() == Errc::too_large)
    {
        co_return dialog_.on_line_too_long();
    }
    if (line.has_error() && line.error().code() == Errc::timeout)
    {
        co_return dialog_.on_timeout();
    }
    if (line.has_error())
    {
        gone_ = true;
        co_return Step{};
    }
    if (next_proves)
    {
        co_await proved();
    }
    if (Dialog::ends_group(line->text) && stream_.input_pending())
    {
        log::warning("mailbox.early-input", {{"peer", stream_.peer_address()}});
        co_return dialog_.on_early_input();
    }
    co_return dialog_.on_line(line->text);
}

Duration Session::patience() const
{
    const Duration usual = context_.config.mailbox.idle_timeout;
    const auto left = std::chrono::duration_cast<Duration>(login_due_ - std::chrono::steady_clock::now());
    return lock_ ? usual : std::min(usual, left);
}

boost::asio::awaitable<Step> Session::start_tls()
{
    waiting_ = true;
    const auto started = co_await stream_.start_tls(context_.tls, context_.config.tls.handshake_timeout);
    waiting_ = false;
    if (started.has_error())
    {
        log::info("mailbox.no-tls", {{"peer", stream_.peer_address()}, {"why", started.error().text()}});
        gone_ = true; // nothing that we could say would be understood
        co_return Step{};
    }
    co_return dialog_.on_tls_started();
}

/// Until the client's TCP has acknowledged all, or something else happens on the connection.
boost::asio::awaitable<void> Session::await_acknowledgement()
{
    waiting_ = true;
    const auto acknowledged = co_await stream_.delivered(context_.config.mailbox.idle_timeout);
    waiting_ = false;
    if (acknowledged.has_value() && *acknowledged)
    {
        co_await proved();
    }
}

boost::asio::awaitable<void> Session::proved()
{
    // Those whose firing could not be stored are tried again: the client has them, and will not fetch them anew.
    std::vector<MailboxEntryId> entries = std::exchange(unfired_, {});
    entries.insert(entries.end(), unproved_.begin(), unproved_.end());
    unproved_.clear();
    for (const auto entry : entries)
    {
        auto receiving = context_.reception.received(entry, Reception::By::retr, stream_.peer_address());
        const auto fired =
            co_await boost::asio::co_spawn(context_.control, std::move(receiving), boost::asio::use_awaitable);
        if (fired.has_error())
        {
            log::error("mailbox.not-fired", {{"entry", entry}, {"why", fired.error().message()}});
            unfired_.push_back(entry);
        }
    }
}

boost::asio::awaitable<Step> Session::authenticate()
{
    const std::string login = dialog_.login();
    const auto checked =
        co_await context_.authentication.authenticate(login, dialog_.take_secret(), stream_.peer_address());
    if (checked.has_error())
    {
        co_return dialog_.on_authenticated(checked.error());
    }
    if (!*checked || (*checked)->standing != Standing::own_user)
    {
        co_return dialog_.on_authenticated(fail(Errc::refused, login, "unknown user or wrong secret"));
    }
    auto maildrop = co_await open_maildrop((*checked)->name);
    co_return dialog_.on_authenticated(std::move(maildrop));
}

boost::asio::awaitable<Result<std::vector<MaildropEntry>>> Session::open_maildrop(const std::string& address)
{
    const auto directory = context_.directory.current();
    const auto* user = directory->user_by_address(address);
    if (user == nullptr)
    {
        co_return fail(Errc::refused, address, "is no user any more");
    }
    const UserId id = user->id;
    lock_ = context_.locks.acquire(id);
    if (!lock_)
    {
        co_return fail(Errc::conflict, address, "the maildrop is in use");
    }
    const int limit = static_cast<int>(context_.config.mailbox.mails_per_session);
    std::function<Result<std::vector<store::MaildropRow>>(store::Connection&)> unit =
        [id, limit](store::Connection& connection) -> Result<std::vector<store::MaildropRow>> {
        return store::Mailboxes(connection).maildrop(id, limit);
    };
    auto rows = co_await context_.database.read<std::vector<store::MaildropRow>>(std::move(unit));
    if (rows.has_error())
    {
        lock_.reset();
        co_return rows.error();
    }
    entries_ = std::move(*rows);
    std::vector<MaildropEntry> maildrop;
    maildrop.reserve(entries_.size());
    for (const auto& row : entries_)
    {
        maildrop.push_back({static_cast<std::uint64_t>(row.octets), {row.id.value, to_micros(row.delivered_at)}});
    }
    co_return maildrop;
}

boost::asio::awaitable<Step> Session::retrieve(Step step)
{
    auto mail = co_await load(step.index);
    if (mail.has_error())
    {
        log::error("mailbox.not-read", {{"entry", entries_[step.index].id}, {"why", mail.error().message()}});
        co_return dialog_.on_retrieve_failed();
    }
    answers_ += step.reply;
    const bool whole = co_await stream_mail(*mail, MessageWriter(step.top_lines));
    if (!whole)
    {
        gone_ = true;
        co_return Step{};
    }
    // Of an ordinary mail nobody waits to hear that it was received.
    if (!step.top_lines && entries_[step.index].fires)
    {
        unproved_.push_back(entries_[step.index].id);
    }
    co_return co_await read_command();
}

/// The mail of entries_[index]; with those behind it where the client has asked for several already.
boost::asio::awaitable<Result<Session::Mail>> Session::load(std::size_t index)
{
    if (ahead_.empty() || ahead_.back().index != index)
    {
        ahead_.clear();
        const auto read = co_await read_from(index);
        if (read.has_error())
        {
            co_return read.error();
        }
    }
    if (ahead_.empty() || ahead_.back().index != index)
    {
        co_return fail(Errc::not_found, "mailbox entry", "is no longer there");
    }
    Ahead next = std::move(ahead_.back());
    ahead_.pop_back();
    std::string trace = std::move(next.mail.trace);
    auto content = store::MailBody::open(std::move(next.mail), context_.spool);
    if (content.has_error())
    {
        co_return content.error();
    }
    Mail mail{std::move(next.prefix), std::move(trace), std::move(*content)};
    co_return mail;
}

boost::asio::awaitable<Result<>> Session::read_from(std::size_t index)
{
    const std::string_view commands = stream_.buffered();
    auto left = 1 + std::count(commands.begin(), commands.end(), '\n');
    std::vector<MailboxEntryId> wanted;
    std::int64_t octets = 0;
    for (std::size_t i = index; i < entries_.size() && left > 0 && octets < std::int64_t{piece}; ++i, --left)
    {
        wanted.push_back(entries_[i].id);
        octets += entries_[i].octets;
    }
    std::function<Result<std::vector<Ahead>>(store::Connection&)> unit =
        [index, wanted = std::move(wanted)](store::Connection& connection) -> Result<std::vector<Ahead>> {
        std::vector<Ahead> found;
        for (std::size_t i = 0; i < wanted.size(); ++i)
        {
            auto entry = store::Mailboxes(connection).find(wanted[i]);
            auto mail = entry ? store::Mails(connection).find(entry->mail) : std::nullopt;
            if (!mail)
            {
                break;
            }
            found.push_back({index + i, std::move(entry->prefix), std::move(*mail)});
        }
        std::reverse(found.begin(), found.end());
        return found;
    };
    auto rows = co_await context_.database.read<std::vector<Ahead>>(std::move(unit));
    if (rows.has_error())
    {
        co_return rows.error();
    }
    ahead_ = std::move(*rows);
    co_return Result<>{};
}

/// Behind the answers before it. False: the client has not got all of it.
boost::asio::awaitable<bool> Session::stream_mail(Mail& mail, MessageWriter writer)
{
    writer.write(mail.prefix, answers_);
    writer.write(mail.trace, answers_);
    while (!writer.complete())
    {
        const auto more = mail.content.next();
        if (more.has_error())
        {
            log::error("mailbox.not-read", {{"why", more.error().message()}});
            // Those in front of it are whole; it ends without its dot.
            const auto written = co_await write_answers();
            static_cast<void>(written);
            co_return false;
        }
        if (more->empty())
        {
            break;
        }
        if (answers_.size() >= piece)
        {
            const auto written = co_await write_answers();
            if (written.has_error())
            {
                co_return false;
            }
        }
        writer.write(*more, answers_);
    }
    writer.finish(answers_);
    if (fault_point("pop3.mail"))
    {
        co_return false;
    }
    if (stream_.line_buffered() && answers_.size() < piece)
    {
        co_return true;
    }
    const auto written = co_await write_answers();
    co_return written.has_value();
}

boost::asio::awaitable<Step> Session::update()
{
    // QUIT has been read; what was pipelined before it is proved by the acknowledgement alone.
    if (!unproved_.empty())
    {
        co_await await_acknowledgement();
    }
    if (!unfired_.empty())
    {
        co_await proved();
    }
    if (!unfired_.empty())
    {
        // Nothing may be taken for deleted unread: all stays for the next session.
        lock_.reset();
        Result<> failed = fail(Errc::unavailable, "maildrop", "the reception could not be stored, try again");
        co_return dialog_.on_updated(failed);
    }
    std::vector<MailboxEntryId> deleted;
    for (const auto index : dialog_.deleted())
    {
        deleted.push_back(entries_[index].id);
    }
    Result<> removed;
    if (!deleted.empty())
    {
        auto removing = context_.reception.remove(std::move(deleted), stream_.peer_address());
        removed = co_await boost::asio::co_spawn(context_.control, std::move(removing), boost::asio::use_awaitable);
    }
    lock_.reset();
    co_return dialog_.on_updated(removed);
}
} // namespace ringpost::mailbox
