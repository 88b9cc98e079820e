// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/jitter_buffer.h"

#include <utility>

namespace ringpost::pbx::asterisk
{
std::vector<std::string> JitterBuffer::put(const RtpAudio& packet)
{
    std::vector<std::string> heard;
    auto ahead = static_cast<std::int16_t>(static_cast<std::uint16_t>(packet.sequence - next_));
    if (source_ != packet.source || ahead > most_missing || ahead < -most_missing)
    {
        heard = flush();
        source_ = packet.source;
        next_ = packet.sequence;
        ahead = 0;
    }
    if (ahead < 0)
    {
        return heard;
    }
    auto place = static_cast<std::size_t>(ahead);
    for (; place > most_held; --place)
    {
        pass(heard);
    }
    if (window_.size() <= place)
    {
        window_.resize(place + 1);
    }
    if (!window_[place])
    {
        window_[place] = std::string(packet.mulaw);
    }
    while (!window_.empty() && window_.front())
    {
        pass(heard);
    }
    return heard;
}

std::vector<std::string> JitterBuffer::flush()
{
    std::vector<std::string> heard;
    while (!window_.empty())
    {
        pass(heard);
    }
    return heard;
}

/// The first place of the window, whether it was filled or not.
void JitterBuffer::pass(std::vector<std::string>& heard)
{
    ++next_;
    if (window_.empty())
    {
        return;
    }
    if (window_.front())
    {
        heard.push_back(*std::move(window_.front()));
    }
    window_.pop_front();
}
} // namespace ringpost::pbx::asterisk
