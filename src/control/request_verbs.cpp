// SPDX-License-Identifier: Apache-2.0
#include "control/request_verbs.h"

#include "control/arguments.h"
#include "service/outlook.h"

namespace ringpost::control
{
namespace
{
using nlohmann::json;

Result<std::string> number_argument(const json& arguments)
{
    const auto known = Arguments::of(arguments, {"number"});
    return known.has_error() ? Result<std::string>(known.error()) : known->text("number");
}

json optional_time(const std::optional<Instant>& time)
{
    return time ? json(format_rfc3339(*time)) : json(nullptr);
}

/// Ends with the connection that watches: the book's listener goes with it.
class RequestSubscription : public Subscription
{
public:
    explicit RequestSubscription(service::RequestBook::Listening listening) : listening_(std::move(listening)) {}

private:
    service::RequestBook::Listening listening_;
};

/// A request with a scenario stands as the part of it that is being performed.
store::Request as_it_stands(store::Request request, const std::vector<store::Request>& parts)
{
    if (is_end(request.state))
    {
        return request;
    }
    for (const auto& part : parts)
    {
        request.attempts += part.attempts;
        if (!is_end(part.state))
        {
            request.state = part.state;
            request.last_cause = part.last_cause;
            request.wait = part.wait;
            request.wake_at = part.wake_at;
            request.expires_at = part.expires_at;
        }
    }
    return request;
}

std::vector<store::Request> parts_of(store::Requests& requests, const store::Request& request)
{
    return request.scenario ? requests.parts_of(request.id) : std::vector<store::Request>{};
}

json parts_to_json(const std::vector<store::Request>& parts)
{
    json shown = json::array();
    for (const auto& part : parts)
    {
        shown.push_back({{"step", part.step + 1},
                         {"content", part.content},
                         {"medium", word(part.medium)},
                         {"state", word(part.state)},
                         {"cause", word(is_end(part.state) ? part.cause : part.last_cause)},
                         {"attempts", part.attempts},
                         {"next", service::next_step(part)}});
        if (part.pages)
        {
            shown.back()["pages"] = *part.pages;
        }
    }
    return shown;
}

boost::asio::awaitable<Result<json>> list_requests(store::Database& database)
{
    std::function<Result<json>(store::Connection&)> unit = [](store::Connection& connection) -> Result<json> {
        json rows = json::array();
        store::Requests requests(connection);
        for (const auto& request : requests.list(list_limit))
        {
            rows.push_back(to_json(as_it_stands(request, parts_of(requests, request))));
        }
        return rows;
    };
    co_return co_await database.read<json>(std::move(unit));
}

boost::asio::awaitable<Result<json>> show(store::Database& database, service::RequestBook& book, AskPerformer ask,
                                          std::string number)
{
    auto found = co_await book.find(number);
    if (found.has_error())
    {
        co_return found.error();
    }
    if (!found->performer.empty() && !is_end(found->state) && found->state != RequestState::held)
    {
        auto there = co_await ask("SHOW", *found);
        if (there.has_value())
        {
            co_return there;
        }
    }
    co_return co_await show_request(database, number);
}

boost::asio::awaitable<Result<json>> cancel(service::RequestBook& book, service::Scheduler& scheduler, AskPerformer ask,
                                            std::string number)
{
    auto found = co_await book.find(number);
    if (found.has_error())
    {
        co_return found.error();
    }
    if (!found->performer.empty() && !is_end(found->state) && found->state != RequestState::held)
    {
        co_return co_await ask("CANCEL", *found);
    }
    const auto cancelled = co_await scheduler.cancel(*found);
    if (cancelled.has_error())
    {
        co_return cancelled.error();
    }
    co_return to_json(*cancelled);
}
} // namespace

json to_json(const store::Request& request)
{
    const Cause cause = is_end(request.state) ? request.cause : request.last_cause;
    return {{"number", request.number},
            {"request", word(request.kind)},
            {"state", word(request.state)},
            {"cause", word(cause)},
            {"attempts", request.attempts},
            {"sender", request.sender},
            {"addressee", request.addressee},
            {"source_number", request.source_number},
            {"destination_number", request.destination_number},
            {"asked", format_rfc3339(request.asked)}};
}

json to_json(const store::Request& request, const std::vector<store::Attempt>& attempts)
{
    json shown = to_json(request);
    json made = json::array();
    for (const auto& attempt : attempts)
    {
        made.push_back({{"attempt", attempt.id.value},
                        {"started", format_rfc3339(attempt.started)},
                        {"ended", optional_time(attempt.ended)},
                        {"dialled", attempt.dialled},
                        {"first_answered", optional_time(attempt.first_answered)},
                        {"second_answered", optional_time(attempt.second_answered)},
                        {"interrupted", attempt.interrupted},
                        {"cause", word(attempt.cause)}});
    }
    shown["attempts_made"] = std::move(made);
    shown["monitor_end"] = optional_time(request.expires_at);
    shown["ended"] = optional_time(request.ended_at);
    shown["performer"] = request.performer;
    shown["next"] = service::next_step(request);
    return shown;
}

boost::asio::awaitable<Result<json>> show_request(store::Database& database, std::string number)
{
    std::function<Result<json>(store::Connection&)> unit = [number](store::Connection& connection) -> Result<json> {
        store::Requests requests(connection);
        const auto request = requests.find(number);
        if (!request)
        {
            return fail(Errc::not_found, number, "there is no request with this number; `request list` shows them");
        }
        const auto parts = parts_of(requests, *request);
        auto attempts = requests.attempts_of(request->id);
        for (const auto& part : parts)
        {
            const auto made = requests.attempts_of(part.id);
            attempts.insert(attempts.end(), made.begin(), made.end());
        }
        json shown = to_json(as_it_stands(*request, parts), attempts);
        if (request->scenario)
        {
            shown["contents"] = parts_to_json(parts);
        }
        return shown;
    };
    co_return co_await database.read<json>(std::move(unit));
}

void register_request_verbs(Verbs& verbs, store::Database& database, service::RequestBook& book,
                            service::Scheduler& scheduler, AskPerformer ask)
{
    verbs.add("request.list", [&database](json) { return list_requests(database); });
    verbs.add("request.show", [&database, &book, ask](json arguments) -> boost::asio::awaitable<Result<json>> {
        auto number = number_argument(arguments);
        if (number.has_error())
        {
            co_return number.error();
        }
        co_return co_await show(database, book, ask, std::move(*number));
    });
    verbs.add("request.cancel", [&book, &scheduler, ask](json arguments) -> boost::asio::awaitable<Result<json>> {
        auto number = number_argument(arguments);
        if (number.has_error())
        {
            co_return number.error();
        }
        co_return co_await cancel(book, scheduler, ask, std::move(*number));
    });
    verbs.add_stream("watch", [&book](json, Sink sink) -> Result<std::unique_ptr<Subscription>> {
        auto listening = book.on_change([sink](const store::Request& request) { sink(to_json(request)); });
        return std::make_unique<RequestSubscription>(std::move(listening));
    });
}
} // namespace ringpost::control
