// SPDX-License-Identifier: Apache-2.0
// One FAX transmission over a voice board port, in the time of the telephone network (spec 2.8; ITU-T T.30, G.711
// pass-through).
#pragma once

#include "core/clock.h"
#include "core/vocabulary.h"
#include "media/fax_modem.h"
#include "pbx/audio_port.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace ringpost::media
{
/// How a transmission has ended. The receiver has confirmed the first `pages_sent` pages of those that were to be sent:
/// with `retry` another call goes on behind them.
struct FaxResult
{
    std::size_t pages_sent = 0;
    std::size_t pages_total = 0;
    std::uint32_t bit_rate = 0;
    bool error_correction = false;
    std::string remote_id;
    Cause cause = Cause::none; ///< Cause::none: every page is confirmed
    bool retry = false;        ///< another call may bring what this one has not
    std::string text;          ///< a sentence of notice/reasons for the sender; empty on success
    std::string reason;        ///< in spandsp's words, for the log
};

/// Hears of each page that the receiver confirms, when it does.
using PageConfirmed = std::function<void(const FaxProgress&)>;

/// Sends the pages of `document` from `first_page` (from 0) on over `port`, one frame every 20 ms each way, and returns
/// when all is said, the port has closed or `time` is over. On the control executor, on which `confirmed` is called;
/// the port is given back to the exchange.
boost::asio::awaitable<FaxResult> send_fax(Clock& clock, std::unique_ptr<pbx::AudioPort> port, FaxDocument document,
                                           std::size_t first_page, FaxOptions options, Duration time,
                                           PageConfirmed confirmed = {});

/// What one call has brought to a machine that was called.
struct ReceivedFax
{
    std::string tiff; ///< the pages that came; empty: none
    FaxProgress progress;
    bool whole = false; ///< the sender has said that it was all
    std::string reason; ///< how the call has ended, in spandsp's words
};

/// Receives over `port` in the same way, until the sender has said farewell, the port has closed or `time` is over;
/// gives the port back. Errc::io: no memory file. On the control executor.
boost::asio::awaitable<Result<ReceivedFax>> receive_fax(Clock& clock, std::unique_ptr<pbx::AudioPort> port,
                                                        FaxOptions options, Duration time);
} // namespace ringpost::media
