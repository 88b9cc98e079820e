// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/ari_event.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace
{
using nlohmann::json;
using Kind = AriEvent::Kind;

/// The deepest event of Asterisk has about 5 levels.
constexpr int max_depth = 16;

constexpr std::array<std::pair<std::string_view, Kind>, 11> kinds{{
    {"StasisStart", Kind::stasis_start},
    {"StasisEnd", Kind::stasis_end},
    {"ChannelStateChange", Kind::state_change},
    {"Dial", Kind::dial},
    {"ChannelHangupRequest", Kind::hangup_request},
    {"ChannelDestroyed", Kind::destroyed},
    {"PlaybackFinished", Kind::playback_finished},
    {"ChannelDtmfReceived", Kind::dtmf},
    {"DeviceStateChanged", Kind::device_state},
    {"EndpointStateChange", Kind::endpoint_state},
    {"ApplicationReplaced", Kind::application_replaced},
}};

std::optional<std::string> text_of(const json& object, const char* name)
{
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().size() > max_name_octets)
    {
        return std::nullopt;
    }
    return found->get<std::string>();
}

const json* object_of(const json& object, const char* name)
{
    const auto found = object.find(name);
    return found == object.end() || !found->is_object() ? nullptr : &*found;
}

int number_of(const json& object, const char* name)
{
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer())
    {
        return 0;
    }
    const auto value = found->get<std::int64_t>();
    return value < 0 || value > 9999 ? 0 : static_cast<int>(value);
}

bool read_channel(const json& event, const char* name, AriEvent& read)
{
    const json* const channel = object_of(event, name);
    if (channel == nullptr)
    {
        return false;
    }
    const auto id = text_of(*channel, "id");
    const auto channel_name = text_of(*channel, "name");
    const auto state = text_of(*channel, "state");
    if (!id || id->empty() || !channel_name || !state)
    {
        return false;
    }
    read.channel = *id;
    read.channel_name = *channel_name;
    read.channel_state = channel_state_from(*state);
    return true;
}

bool read_playback(const json& event, AriEvent& read)
{
    const json* const playback = object_of(event, "playback");
    const auto id = playback == nullptr ? std::nullopt : text_of(*playback, "id");
    read.playback = id.value_or("");
    return !read.playback.empty();
}

bool read_device(const json& event, AriEvent& read)
{
    const json* const device = object_of(event, "device_state");
    const auto name = device == nullptr ? std::nullopt : text_of(*device, "name");
    const auto state = device == nullptr ? std::nullopt : text_of(*device, "state");
    read.device = name.value_or("");
    read.state = state.value_or("");
    return !read.device.empty() && !read.state.empty();
}

bool read_digit(const json& event, AriEvent& read)
{
    const std::string digit = text_of(event, "digit").value_or("");
    read.digit = digit.size() == 1 ? digit.front() : '\0';
    return read.digit != '\0' && read_channel(event, "channel", read);
}

bool read_endpoint(const json& event, AriEvent& read)
{
    const json* const endpoint = object_of(event, "endpoint");
    if (endpoint == nullptr)
    {
        return false;
    }
    const auto technology = text_of(*endpoint, "technology");
    const auto resource = text_of(*endpoint, "resource");
    read.state = text_of(*endpoint, "state").value_or("unknown");
    if (!technology || !resource)
    {
        return false;
    }
    read.device = *technology + "/" + *resource;
    return true;
}

bool read_fields(const json& event, AriEvent& read)
{
    switch (read.kind)
    {
    case Kind::dial:
        read.dial_status = text_of(event, "dialstatus").value_or("");
        return read_channel(event, "peer", read);
    case Kind::hangup_request:
    case Kind::destroyed:
        read.cause = number_of(event, "cause");
        read.tech_cause = number_of(event, "tech_cause");
        return read_channel(event, "channel", read);
    case Kind::stasis_start:
    case Kind::stasis_end:
    case Kind::state_change:
        return read_channel(event, "channel", read);
    case Kind::playback_finished:
        return read_playback(event, read);
    case Kind::dtmf:
        return read_digit(event, read);
    case Kind::device_state:
        return read_device(event, read);
    case Kind::endpoint_state:
        return read_endpoint(event, read);
    case Kind::application_replaced:
    case Kind::ignored:
        break;
    }
    return true;
}
} // namespace

ChannelState channel_state_from(std::string_view word)
{
    if (word == "Up")
    {
        return ChannelState::up;
    }
    if (word == "Ringing")
    {
        return ChannelState::ringing;
    }
    return word == "Down" ? ChannelState::down : ChannelState::other;
}

AriEvent read_ari_event(std::string_view text)
{
    if (text.size() > max_event_octets)
    {
        return {};
    }
    const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= max_depth; };
    const json event = json::parse(text, shallow, false);
    const auto type = event.is_object() ? text_of(event, "type") : std::nullopt;
    AriEvent read;
    for (const auto& [word, kind] : kinds)
    {
        if (type == word)
        {
            read.kind = kind;
        }
    }
    return read_fields(event, read) ? read : AriEvent{};
}
} // namespace ringpost::pbx::asterisk
