// SPDX-License-Identifier: Apache-2.0
// An event of the Asterisk REST Interface: its JSON text becomes a plain struct. No I/O.
// Source: ARI events model of Asterisk 16 to 22 (rest-api/api-docs/events.json). What the order of events promises was
// measured: nothing between Dial and ChannelStateChange; StasisStart means answered, ChannelDestroyed means over.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringpost::pbx::asterisk
{
/// Longer texts are ignored unread; an event of a channel has about 1 KiB.
inline constexpr std::size_t max_event_octets = 256 * 1024;
/// Ids and names beyond this many octets are cut out of hand: the event is ignored.
inline constexpr std::size_t max_name_octets = 1024;

enum class ChannelState
{
    down,
    ringing,
    up,
    other
};

struct Channel
{
    std::string id;
    std::string name;
    ChannelState state = ChannelState::other;
    std::string application; ///< of the dialplan that it is in: `Stasis` where it is in our hands
};

[[nodiscard]] ChannelState channel_state_from(std::string_view word);

struct AriEvent
{
    enum class Kind
    {
        ignored, ///< unknown type, or a field that it needs is missing or of another type
        stasis_start,
        stasis_end,
        state_change,
        dial, ///< `channel` is the one that is dialled
        hangup_request,
        destroyed,
        playback_finished,
        dtmf, ///< a key of the telephone was pressed and let go
        device_state,
        endpoint_state,
        application_replaced
    };
    Kind kind = Kind::ignored;
    std::string channel;      ///< channel id
    std::string channel_name; ///< `PJSIP/2000-00000007`
    ChannelState channel_state = ChannelState::other;
    int cause = 0;      ///< Q.850; 0 where the event has none
    int tech_cause = 0; ///< SIP status code; 0 where the event has none
    std::string dial_status;
    std::string playback; ///< playback id
    char digit = 0;       ///< of dtmf
    std::string device;   ///< `PJSIP/2000`, of a device_state or endpoint_state
    std::string state;    ///< `NOT_INUSE` …, or `online`, `offline`, `unknown`
};

[[nodiscard]] AriEvent read_ari_event(std::string_view text);
} // namespace ringpost::pbx::asterisk
