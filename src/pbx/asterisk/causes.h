// SPDX-License-Identifier: Apache-2.0
// The one table of what Asterisk says about legs and devices, in the words of the gateway. No I/O.
// Source: ITU-T Q.850 (cause), RFC 3261 21 (tech_cause, chan_pjsip), Asterisk device states; measured on 22.10.
#pragma once

#include "core/vocabulary.h"
#include "pbx/exchange.h"

#include <string_view>

namespace ringpost::pbx::asterisk
{
/// How a leg ended that was not answered.
struct Ending
{
    int cause = 0;        ///< Q.850
    int tech_cause = 0;   ///< SIP status; 0: none came
    bool rang = false;    ///< the device has rung. "Gone without a word" and "nobody answers" differ in this only.
    bool expired = false; ///< ended by us because its ring time was over
};

/// Never Cause::none.
[[nodiscard]] Cause cause_of(const Ending& ending);

/// `NOT_INUSE` … With device_state_busy_at=1 a ringing device is BUSY: whatever is not known to be idle is in use.
[[nodiscard]] DeviceState device_state_from(std::string_view word);

/// What a look before dialling means; Cause::none: it may be rung.
[[nodiscard]] Cause cause_of_look(DeviceState state);

/// What the HTTP status of POST /channels means for the leg. 2xx: none. Asterisk answers 500 `Allocation failed`
/// without a reason; own devices have been looked at before, so that it means "gone just now", and a trunk is down.
[[nodiscard]] Cause cause_of_status(int status, bool external);
} // namespace ringpost::pbx::asterisk
