// SPDX-License-Identifier: Apache-2.0
#include "ringpost/outcome.h"

#include "ringpost/print.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace ringpost::command
{
namespace
{
/// What to do about a refusal, as far as its code tells.
std::string_view advice(const std::string& verb, const std::string& code)
{
    const bool phone = verb.starts_with("phone.");
    const bool request = verb.starts_with("request.");
    if (code == "not-found" && (phone || request))
    {
        return phone ? "`ringpost phone list` shows the telephones there are."
                     : "`ringpost request list` shows the requests there are.";
    }
    if (code == "not-found" && verb.starts_with("queue."))
    {
        return "`ringpost queue list` shows what is in the queue.";
    }
    if (code == "conflict" && (phone || request))
    {
        return phone ? "`ringpost phone list` shows what it is doing."
                     : "Its state is another one now; look again with `ringpost request list`.";
    }
    if (code == "unavailable" || code == "timeout")
    {
        return "Try again in a moment.";
    }
    if (code == "unsupported")
    {
        return "This gateway does not offer it.";
    }
    if (code == "internal" || code == "io" || code == "full")
    {
        return "The log of ringpostd says more.";
    }
    return {};
}

Exit no_gateway(const Options& options, const Failure& failure)
{
    if (failure.code() != Errc::unavailable)
    {
        complain(fmt::format("the gateway at {} was lost: {}", options.gateway, failure.text()));
        return Exit::unreachable;
    }
    complain(fmt::format("no gateway answers on the socket {} ({}).\n"
                         "Start one with `ringpostd`, or name another socket with --gateway or RINGPOST_GATEWAY.",
                         options.gateway, failure.text()));
    return Exit::unreachable;
}

Exit refused(const std::string& verb, const std::string& doing, const Answer& answer)
{
    std::string what = printable(answer.where);
    what += (what.empty() ? "" : ": ") + printable(answer.text);
    const auto next = advice(verb, answer.code);
    complain(
        fmt::format("{} failed: {} ({}){}{}", doing, what, printable(answer.code), next.empty() ? "" : "\n", next));
    return Exit::refused;
}

Exit written(bool whole)
{
    if (whole || errno == EPIPE)
    {
        // A reader such as `head` that has seen enough is no failure.
        return Exit::done;
    }
    complain(fmt::format("the output cannot be written: {}", std::generic_category().message(errno)));
    return Exit::refused;
}
} // namespace

bool put(std::string_view text)
{
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

void complain(std::string_view text)
{
    fmt::print(stderr, "ringpost: {}\n", text);
}

std::string json_line(const nlohmann::json& result)
{
    return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Exit ask(const Options& options, const std::string& verb, const nlohmann::json& arguments, const std::string& doing,
         const Printer& print)
{
    return ask_whether(options, verb, arguments, doing, print, [](const nlohmann::json&) { return true; });
}

Exit ask_whether(const Options& options, const std::string& verb, const nlohmann::json& arguments,
                 const std::string& doing, const Printer& print, const std::function<bool(const nlohmann::json&)>& good)
{
    auto gateway = GatewayClient::connect(options.gateway);
    if (!gateway)
    {
        return no_gateway(options, gateway.error());
    }
    const auto answer = gateway->call(verb, arguments, options.patience);
    if (!answer)
    {
        return no_gateway(options, answer.error());
    }
    if (!answer->ok)
    {
        return refused(verb, doing, *answer);
    }
    const Exit end = written(put(options.json ? json_line(answer->result) : print(answer->result)));
    return end == Exit::done && !good(answer->result) ? Exit::refused : end;
}

Exit watch(const Options& options, const std::string& verb, const std::string& doing)
{
    auto gateway = GatewayClient::connect(options.gateway);
    if (!gateway)
    {
        return no_gateway(options, gateway.error());
    }
    const auto answer = gateway->call(verb, nlohmann::json::object(), options.patience);
    if (!answer)
    {
        return no_gateway(options, answer.error());
    }
    if (!answer->ok)
    {
        return refused(verb, doing, *answer);
    }
    Exit end = Exit::done;
    const auto watched = gateway->watch([&](const nlohmann::json& event) {
        const bool whole = put(options.json ? json_line(event) : event_text(event));
        end = written(whole);
        return whole;
    });
    return watched ? end : no_gateway(options, watched.error());
}
} // namespace ringpost::command
