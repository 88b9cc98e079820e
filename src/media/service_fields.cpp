// SPDX-License-Identifier: Apache-2.0
#include "media/service_fields.h"

#include "media/ascii.h"

#include <fmt/format.h>

namespace ringpost::media
{
namespace
{
constexpr const char* field_name = "Ringpost-Service";

Failure bad(std::string text)
{
    return fail(Errc::malformed, field_name, std::move(text));
}

Result<> read_at(Service& service, const std::string& value)
{
    const auto at = parse_rfc3339(value);
    if (!at)
    {
        return bad("at= is not a date and time like 2026-12-01T09:00:00+09:00");
    }
    service.at = *at;
    return {};
}

Result<> read_after(Service& service, const std::string& value)
{
    const auto after = parse_duration(value);
    if (!after || *after < 1s || *after > 24h * 30)
    {
        return bad("after= is not a duration of 1s to 30d");
    }
    service.after = *after;
    return {};
}

Result<> read_time(Service& service, const Parameters& item)
{
    if (service.at || service.after)
    {
        return bad("time is there twice");
    }
    const std::string* at = item.find("at");
    const std::string* after = item.find("after");
    if (item.items.size() != 1 || (at == nullptr && after == nullptr))
    {
        return bad("time needs either at= or after=, and nothing else");
    }
    return at != nullptr ? read_at(service, *at) : read_after(service, *after);
}

Result<> read_item(Service& service, std::string_view text)
{
    const Parameters item = parameters(text);
    if (iequals(item.value, "time"))
    {
        return read_time(service, item);
    }
    bool* flag = iequals(item.value, "express")        ? &service.express_ringpost
                 : iequals(item.value, "confidential") ? &service.confidential_ringpost
                                                       : nullptr;
    if (flag == nullptr)
    {
        return bad("a service is one of time, express, confidential");
    }
    if (text.find(';') != std::string_view::npos)
    {
        return bad(fmt::format("{} has no parameters", lowered(item.value)));
    }
    *flag = true;
    return {};
}

Result<> read_ringpost_service(Service& service, std::string_view value)
{
    for (bool more = true; more;)
    {
        const auto comma = value.find(',');
        more = comma != std::string_view::npos;
        if (const auto read = read_item(service, value.substr(0, comma)); !read)
        {
            return read.error();
        }
        value.remove_prefix(more ? comma + 1 : value.size());
    }
    return {};
}

/// The first word of a field that may go on with an explanation: `1 (Highest)`.
std::string first_token(const HeaderBlock& header, std::string_view name)
{
    const Field* field = header.find(name);
    const std::string value = field == nullptr ? std::string{} : lowered(parameters(field->value).value);
    return value.substr(0, value.find_first_of(" \t"));
}

Result<> read_standard_fields(Service& service, const HeaderBlock& header)
{
    service.express_standard = first_token(header, "Importance") == "high" ||
                               first_token(header, "Priority") == "urgent" || first_token(header, "X-Priority") == "1";
    const std::string sensitivity = first_token(header, "Sensitivity");
    service.sensitivity_private = sensitivity == "private" || sensitivity == "company-confidential";
    if (header.find("Deferred-Delivery") == nullptr)
    {
        return {};
    }
    const auto until = parse_mail_date(header.value("Deferred-Delivery"));
    if (!until)
    {
        return fail(Errc::malformed, "Deferred-Delivery", "it is not a date and time of a mail");
    }
    service.deferred_delivery = *until;
    return {};
}
} // namespace

ServiceReading read_service_fields(const HeaderBlock& header)
{
    Service service;
    ServiceReading reading;
    if (const auto read = read_standard_fields(service, header); !read)
    {
        reading.error = read.error();
    }
    for (const Field* field : header.all(field_name))
    {
        if (const auto read = read_ringpost_service(service, unfolded(field->value)); !read)
        {
            reading.error = read.error();
            break;
        }
    }
    if (service != Service{})
    {
        reading.service = service;
    }
    return reading;
}
} // namespace ringpost::media
