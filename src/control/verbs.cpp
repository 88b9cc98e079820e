// SPDX-License-Identifier: Apache-2.0
#include "control/verbs.h"

#include "core/log.h"

#include <fmt/format.h>

#include <stdexcept>

namespace ringpost::control
{
namespace
{
using nlohmann::json;

Failure unknown(std::string_view verb)
{
    // The verb is cut: it goes back to a terminal, and may be a megabyte long.
    return fail(Errc::unsupported, std::string(verb.substr(0, 64)), "this gateway knows no such verb");
}

Failure defect(const std::string& verb, const std::exception& error)
{
    log::error("control.handler_threw", {{"verb", verb}, {"what", error.what()}});
    return fail(Errc::internal, verb, "the gateway met a defect of its own; its log says more");
}
} // namespace

void Verbs::require_new(const std::string& verb) const
{
    if (handlers_.contains(verb) || streams_.contains(verb))
    {
        throw std::logic_error(fmt::format("control verb {} is registered twice", verb));
    }
}

void Verbs::add(std::string verb, Handler handler)
{
    require_new(verb);
    handlers_.emplace(std::move(verb), std::move(handler));
}

void Verbs::add_immediate(std::string verb, ImmediateHandler handler)
{
    add(std::move(verb), [handler = std::move(handler)](json arguments) -> boost::asio::awaitable<Result<json>> {
        co_return handler(arguments);
    });
}

void Verbs::add_stream(std::string verb, StreamHandler handler)
{
    require_new(verb);
    streams_.emplace(std::move(verb), std::move(handler));
}

boost::asio::awaitable<Result<json>> Verbs::call(std::string verb, json arguments) const
{
    const auto found = handlers_.find(verb);
    if (found == handlers_.end())
    {
        co_return unknown(verb);
    }
    try
    {
        Result<json> outcome = co_await found->second(std::move(arguments));
        co_return outcome;
    }
    catch (const std::exception& error)
    {
        co_return defect(verb, error);
    }
}

Result<std::unique_ptr<Subscription>> Verbs::subscribe(const std::string& verb, json arguments, Sink sink) const
{
    const auto found = streams_.find(verb);
    if (found == streams_.end())
    {
        return unknown(verb);
    }
    try
    {
        return found->second(std::move(arguments), std::move(sink));
    }
    catch (const std::exception& error)
    {
        return defect(verb, error);
    }
}
} // namespace ringpost::control
