// SPDX-License-Identifier: Apache-2.0
#include "mta/completion.h"

#include "notice/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ringpost::mta
{
namespace
{
constexpr std::size_t longest_language = 35; // RFC 5646 4.4.1

Failure bad(std::string_view field, std::string text)
{
    return {Errc::malformed, std::string(field), std::move(text)};
}

std::string as_dialled(const directory::Snapshot& directory, const std::string& written)
{
    const auto target = directory::read_number(directory, written);
    return target.has_value() ? target->device : directory::digits_of(written);
}

store::Request request_from(const service::Order& order, const std::string& number, const Sender& sender, Instant now)
{
    store::Request request;
    request.number = number;
    request.kind = order.kind;
    request.submitter = sender.submitter;
    request.sender = sender.address;
    request.source_number = order.source_number;
    request.destination_number = order.destination_number;
    request.network = order.network;
    request.trigger = order.trigger;
    request.result_notification = order.result_notification;
    request.monitor_time = order.monitor_time;
    request.retry_every = order.retry_every;
    request.call_order = order.call_order;
    request.first_attempt = order.first_attempt;
    request.name = order.name;
    request.express = order.express;
    request.language = order.language;
    request.notify_completed = order.notify_completed;
    request.asked = now;
    return request;
}

/// `Network` says the way to the source; the CTI database must not say another one.
Result<> check_network(const service::Order& order, const directory::Snapshot& directory)
{
    const auto target = directory::read_number(directory, order.source_number);
    if (order.network && target.has_value() && target->network != *order.network)
    {
        return bad("Network", fmt::format("{} is reached by the network {}, not {}", order.source_number,
                                          word(target->network), word(*order.network)));
    }
    return {};
}
} // namespace

std::string own_number(const directory::User& user)
{
    return user.extension.empty() ? user.external_number : user.extension;
}

Result<> check_written(const service::Order& order, const std::string& number)
{
    const auto text = [](const std::optional<Duration>& duration) {
        return duration ? format_duration(*duration) : std::string{};
    };
    // Set in a fresh order each: what counts is that the field could have been written so.
    const std::array<std::pair<std::string_view, std::string>, 8> fields{{
        {"Reference", number},
        {"Destination-Number", order.destination_number},
        {"Source-Number", order.source_number},
        {"Monitor-Time", text(order.monitor_time)},
        {"Retry", order.retry_every ? "every " + text(order.retry_every) : std::string{}},
        {"Ring-Time", text(order.ring_time)},
        {"Name", order.name},
        {"Reference", order.reference},
    }};
    for (const auto& [name, value] : fields)
    {
        media::ExchangeInformation info;
        const auto set = value.empty() ? Result<>{} : media::set_field(info, name, value);
        if (set.has_error())
        {
            return bad(set.error().where(), set.error().text());
        }
    }
    if (order.kind == RequestKind::cancel && order.reference.empty())
    {
        return bad("Reference", "is missing: which request is to be cancelled?");
    }
    if (order.language.size() > longest_language || notice::clean_ascii(order.language) != order.language)
    {
        return bad("Ringpost-Exchange, language", "is no language tag");
    }
    return {};
}

Result<> offered(RequestKind kind)
{
    if (kind == RequestKind::camp_on || kind == RequestKind::cancel)
    {
        return {};
    }
    return bad("Request", fmt::format("{} is not offered by this gateway", word(kind)));
}

Result<service::Order> complete(const media::ExchangeInformation& info, const Sender& sender, bool leaves,
                                const directory::Snapshot& directory, const ServiceConfig& limits)
{
    service::Order order;
    order.kind = info.request.value_or(RequestKind::camp_on);
    if (auto known = offered(order.kind); known.has_error())
    {
        return known.error();
    }
    order.destination_number = info.destination_number.value_or("");
    const std::string source = info.source_number.value_or(sender.user == nullptr ? "" : own_number(*sender.user));
    if (source.empty() && order.kind != RequestKind::cancel)
    {
        return bad("Source-Number", "is missing, and the directory has no telephone of the sender");
    }
    order.source_number = leaves && !source.empty() ? directory::external_form(directory, source) : source;
    order.network = info.network;
    order.trigger = info.trigger.value_or(Trigger::user_reception);
    order.result_notification = info.result_notification.value_or(true);
    order.monitor_time = info.monitor_time;
    if (info.retry && !info.retry->on_release)
    {
        order.retry_every = std::max(info.retry->every, limits.minimum_periodic);
    }
    order.ring_time = info.ring_time;
    order.call_order = info.call_order.value_or(CallOrder::destination_first);
    order.first_attempt = info.first_attempt.value_or(true);
    // A display name may be of any length and hold anything; it travels in the field, which is bounded.
    order.name = info.name.value_or(notice::clean_text(sender.name));
    order.reference = info.reference.value_or("");
    order.language = sender.language;
    return order;
}

Result<store::Request> request_to_perform(const service::Order& order, const std::string& number, const Sender& sender,
                                          const Addressee& addressee, const directory::Snapshot& directory,
                                          const ServiceConfig& limits, Instant now)
{
    if (auto known = offered(order.kind); known.has_error())
    {
        return known.error();
    }
    store::Request request = request_from(order, number, sender, now);
    request.addressee = addressee.address;
    if (request.destination_number.empty())
    {
        request.destination_number = addressee.number;
    }
    if (request.destination_number.empty())
    {
        return bad("Destination-Number",
                   fmt::format("is missing, and the directory has no telephone of {}", addressee.address));
    }
    if (request.source_number.empty())
    {
        return bad("Source-Number", "is missing");
    }
    if (auto network = check_network(order, directory); network.has_error())
    {
        return network.error();
    }
    request.destination_device = as_dialled(directory, request.destination_number);
    request.source_device = as_dialled(directory, request.source_number);
    if (request.destination_device.empty() || request.source_device.empty())
    {
        const bool destination = request.destination_device.empty();
        return bad(destination ? "Destination-Number" : "Source-Number",
                   fmt::format("{} is not a number",
                               notice::clean_text(destination ? request.destination_number : request.source_number)));
    }
    if (request.destination_device == request.source_device)
    {
        return bad("Destination-Number",
                   fmt::format("{} is the source itself: a telephone cannot be connected with itself",
                               request.destination_number));
    }
    request.ring_time = std::min(order.ring_time.value_or(limits.default_ring_time), limits.max_ring_time);
    return request;
}

store::Request request_to_follow(const service::Order& order, const std::string& number, const Sender& sender,
                                 const std::string& addressee, const std::string& performer, Instant now)
{
    store::Request request = request_from(order, number, sender, now);
    request.addressee = addressee;
    request.performer = performer;
    request.ring_time = order.ring_time.value_or(Duration{});
    return request;
}
} // namespace ringpost::mta
