// SPDX-License-Identifier: Apache-2.0
// How a content was performed over a call (spec 2.8), for the request and its result.
#pragma once

#include "core/duration.h"
#include "core/vocabulary.h"

#include <optional>
#include <string>

namespace ringpost::service
{
struct Performance
{
    bool open = false;             ///< the leg is still up: it goes over to the request that follows, if one does
    bool connect = false;          ///< the addressee wishes to be connected with the sender
    std::optional<bool> answer;    ///< of an inquiry
    std::optional<Duration> heard; ///< of a voice
    std::optional<int> pages;      ///< of a FAX: confirmed by its receiver, in all calls for the request together
    int bit_rate = 0;              ///< of a FAX
    std::string remote_id;         ///< of a FAX: how the other one calls itself
    Cause cause = Cause::none;     ///< why it is not finished; none: it is
    bool retry = false;            ///< another call, within the monitor time, may finish it behind `pages`
    std::string why;               ///< a sentence for the sender; empty where it is finished
};
} // namespace ringpost::service
