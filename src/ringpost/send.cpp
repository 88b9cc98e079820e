// SPDX-License-Identifier: Apache-2.0
#include "ringpost/send.h"

#include "ringpost/exchange_mail.h"
#include "ringpost/smtp_submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

namespace ringpost::command
{
namespace
{
constexpr std::size_t attachments_limit = std::size_t{100} * 1024 * 1024; ///< octets of all attachments together
constexpr std::size_t secret_limit = 4096;

/// The command line of `ringpost send`.
struct SendOptions
{
    std::string smtp = "127.0.0.1:2525";
    std::string tls;
    std::string ca_file;
    std::string user;
    std::string secret_file;
    std::string from;
    std::vector<std::string> to;
    std::string subject = "Telephone connection";
    std::string text;
    ExchangeOrder order;
    std::vector<std::string> attach;
};

/// At most `limit` octets of a file.
Result<std::string> read_file(const std::string& path, std::size_t limit)
{
    std::ifstream file(path, std::ios::binary);
    std::string octets;
    std::array<char, std::size_t{64} * 1024> chunk;
    while (file && octets.size() <= limit)
    {
        file.read(chunk.data(), chunk.size());
        octets.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.eof() && octets.size() <= limit)
    {
        return fail(Errc::io, path, "cannot be read");
    }
    if (octets.size() > limit)
    {
        return fail(Errc::too_large, path, fmt::format("has more than {} octets", limit));
    }
    return octets;
}

Result<std::string> read_secret(const SendOptions& given)
{
    if (given.secret_file.empty())
    {
        const char* const secret = std::getenv("RINGPOST_SECRET");
        return std::string(secret == nullptr ? "" : secret);
    }
    auto text = read_file(given.secret_file, secret_limit);
    if (!text)
    {
        return text.error();
    }
    text->erase(std::min(text->size(), text->find_first_of("\r\n")));
    if (text->empty())
    {
        return fail(Errc::malformed, given.secret_file, "has no secret on its first line");
    }
    return text;
}

Result<std::vector<Attachment>> read_attachments(const std::vector<std::string>& paths)
{
    std::vector<Attachment> attachments;
    std::size_t room = attachments_limit;
    for (const auto& path : paths)
    {
        auto octets = read_file(path, room);
        if (!octets)
        {
            return octets.error();
        }
        room -= octets->size();
        attachments.push_back({std::filesystem::path(path).filename().string(), std::move(*octets)});
    }
    return attachments;
}

std::string unique_word()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Result<std::string> compose_mail(const SendOptions& given, const std::string& from)
{
    auto attachments = read_attachments(given.attach);
    if (!attachments)
    {
        return attachments.error();
    }
    ExchangeMail mail;
    mail.from = from;
    mail.to = given.to;
    mail.subject = given.subject;
    mail.text = given.text;
    mail.order = given.order;
    mail.attachments = std::move(*attachments);
    mail.date = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    mail.unique = unique_word();
    return compose(mail);
}

/// Who sends, and how to prove it.
Result<Submission> submission_of(const SendOptions& given)
{
    auto server = parse_server(given.smtp);
    if (!server)
    {
        return server.error();
    }
    auto secret = read_secret(given);
    if (!secret)
    {
        return secret.error();
    }
    Submission submission;
    submission.tls = given.tls.empty() ? !server->loopback() : given.tls != "never";
    submission.tls_at_once = given.tls == "implicit";
    submission.ca_file = given.ca_file;
    submission.server = std::move(*server);
    submission.from = given.from.empty() ? given.user : given.from;
    submission.user = given.user.empty() && !secret->empty() ? given.from : given.user;
    submission.secret = std::move(*secret);
    submission.to = given.to;
    if (submission.from.empty())
    {
        return fail(Errc::malformed, "--from", "say who sends: --from ADDRESS or --user ADDRESS");
    }
    if (!submission.user.empty() && submission.secret.empty())
    {
        return fail(Errc::malformed, "--user",
                    "needs the secret of that user: --secret-file FILE, or RINGPOST_SECRET in the environment");
    }
    return submission;
}

Exit report(const Result<std::string>& reply)
{
    if (reply)
    {
        if (!put(*reply + "\n"))
        {
            complain("the mail is accepted; the reply cannot be written to standard output");
        }
        return Exit::done;
    }
    const Failure& failure = reply.error();
    if (failure.code() == Errc::unavailable)
    {
        complain(fmt::format("no mail server answers at {} ({}).\n"
                             "Start the gateway with `ringpostd`, or name another server with --smtp HOST:PORT.",
                             failure.where(), failure.text()));
        return Exit::unreachable;
    }
    if (failure.code() == Errc::closed)
    {
        complain(
            fmt::format("the connection to {} was lost ({}).\n"
                        "Whether the mail was accepted is not known: see `ringpost request list` before sending again.",
                        failure.where(), failure.text()));
        return Exit::unreachable;
    }
    complain(fmt::format("the mail server at {} did not take the mail:\n{}", failure.where(), failure.text()));
    return Exit::refused;
}

Exit wrong_usage(const Failure& failure)
{
    complain(fmt::format("send: {}", failure.message()));
    return Exit::usage;
}

Exit send(const SendOptions& given)
{
    auto submission = submission_of(given);
    if (!submission)
    {
        return wrong_usage(submission.error());
    }
    const auto mail = compose_mail(given, submission->from);
    if (!mail)
    {
        return wrong_usage(mail.error());
    }
    submission->mail = *mail;
    return report(submit(*submission));
}

void add_mail_options(CLI::App& command, SendOptions& given)
{
    command.add_option("--smtp", given.smtp, "Mail server, HOST:PORT")->capture_default_str();
    command
        .add_option("--tls", given.tls,
                    "required (STARTTLS), implicit (port 465) or never; left out: required unless the server is this "
                    "machine")
        ->check(CLI::IsMember({"required", "implicit", "never"}));
    command.add_option("--ca-file", given.ca_file, "Certificates that the server's is checked with, not the system's")
        ->check(CLI::ExistingFile);
    command.add_option("--user", given.user,
                       "Address to log in as; the secret comes from --secret-file or RINGPOST_SECRET");
    command.add_option("--secret-file", given.secret_file, "File whose first line is the secret");
    command.add_option("--from", given.from, "Address of the sender; left out: --user");
    command.add_option("--to", given.to, "Address of an addressee; may be given several times")->required();
    command.add_option("--subject", given.subject, "Subject")->capture_default_str();
    command.add_option("--text", given.text, "Text of the mail");
    command.add_option("--attach", given.attach, "File to attach: voice, FAX page, text")->check(CLI::ExistingFile);
}

void add_order_options(CLI::App& command, ExchangeOrder& order)
{
    command.add_option("--request", order.request, "camp-on, cancel, …")->capture_default_str();
    command.add_option("--destination", order.destination_number, "Number of the destination telephone");
    command.add_option("--source", order.source_number, "Number of the source telephone");
    command.add_option("--network", order.network, "Way to the source: own, toll or public");
    command.add_option("--trigger", order.trigger, "user-reception or system-recognition");
    command.add_option("--monitor-time", order.monitor_time, "How long it is retried, such as 2h");
    command.add_option("--retry", order.retry, "on-release, or every:DURATION such as every:30s");
    command.add_option("--result-notification", order.result_notification, "yes or no");
    command.add_option("--ring-time", order.ring_time, "How long a telephone may ring, such as 25s");
    command.add_option("--call-order", order.call_order, "destination-first or source-first");
    command.add_option("--first-attempt", order.first_attempt, "no: you have just dialled yourself and met busy");
    command.add_option("--reference", order.reference, "Request number to cancel");
}
} // namespace

void add_send_command(CLI::App& app, Exit& outcome)
{
    auto* const command = app.add_subcommand("send", "Send a mail that asks for a telephone connection");
    const auto given = std::make_shared<SendOptions>();
    add_mail_options(*command, *given);
    add_order_options(*command, given->order);
    command->callback([&outcome, given] { outcome = send(*given); });
}
} // namespace ringpost::command
