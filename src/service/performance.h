// SPDX-License-Identifier: Apache-2.0
// How a content was performed over a call (spec 2.8), for the request and its result.
#pragma once

#include "core/duration.h"
#include "core/vocabulary.h"
#include "store/sent_pages.h"

#include <optional>
#include <string>
#include <vector>

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
    std::string why;               ///< an English sentence of notice/reasons; empty where it is finished
};

/// What a FAX has brought about while its call is still up.
struct Progress
{
    int pages = 0;      ///< confirmed by its receiver, in all calls for the request together
    bool whole = false; ///< these are all: it is finished
    int bit_rate = 0;
    std::string remote_id;
    std::vector<store::SentPage> sent; ///< those confirmed since the last one; empty where no copy is kept
};
} // namespace ringpost::service
