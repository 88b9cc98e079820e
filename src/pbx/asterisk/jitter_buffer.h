// SPDX-License-Identifier: Apache-2.0
// Puts the packets of an RTP stream back in order (RFC 3550 5.1: the sequence number). Holds nothing back where nothing
// is missing: whoever listens has time of its own to spare, and a modem bears a shift better than a hole. No I/O.
#pragma once

#include "pbx/asterisk/rtp_packet.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace ringpost::pbx::asterisk
{
class JitterBuffer
{
public:
    /// So many packets behind one that is missing wait for it: 100 ms of 20 ms each.
    static constexpr std::size_t most_held = 5;
    /// A jump of more than so many is not loss: the sender has begun anew.
    static constexpr int most_missing = 100;

    /// What can be heard now, in order. A packet that was heard before, or comes when its place has been passed over,
    /// is dropped; one of another source (SSRC) begins anew.
    [[nodiscard]] std::vector<std::string> put(const RtpAudio& packet);
    /// What is missing does not come any more: all that waits for it.
    [[nodiscard]] std::vector<std::string> flush();
    [[nodiscard]] bool waits() const { return !window_.empty(); }

private:
    void pass(std::vector<std::string>& heard);

    std::optional<std::uint32_t> source_;
    std::uint16_t next_ = 0;                        ///< sequence number of the first place of the window
    std::deque<std::optional<std::string>> window_; ///< begins with one that is missing
};
} // namespace ringpost::pbx::asterisk
