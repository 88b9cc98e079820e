// SPDX-License-Identifier: Apache-2.0
#include "media/player.h"

#include <algorithm>
#include <utility>

namespace ringpost::media
{
Player::Player(std::shared_ptr<const Pcm> recording, const PlayerOptions& options)
    : recording_(std::move(recording)), before_(samples_in(options.silence_before)),
      after_(samples_in(options.silence_after)), may_connect_(options.may_connect)
{}

std::int16_t Player::next_sample()
{
    if (before_ > 0)
    {
        --before_;
        return 0;
    }
    const std::size_t place = at_++;
    const auto& samples = recording_->samples;
    if (place < samples.size())
    {
        heard_ = std::max(heard_, at_);
        return samples[place];
    }
    return 0;
}

Frame Player::next_frame()
{
    Frame frame{};
    for (auto& sample : frame)
    {
        if (finished())
        {
            break;
        }
        sample = next_sample();
        if (at_ >= recording_->samples.size() + after_)
        {
            state_ = PlayerState::played;
        }
    }
    return frame;
}

KeyMeaning Player::on_digit(char key)
{
    if (finished())
    {
        return KeyMeaning::nothing;
    }
    if (key == '1')
    {
        at_ = 0;
        return KeyMeaning::again;
    }
    if (key == '*')
    {
        state_ = PlayerState::stopped;
        return KeyMeaning::stop;
    }
    if (key == '9' && may_connect_)
    {
        state_ = PlayerState::connect;
        return KeyMeaning::connect;
    }
    return KeyMeaning::nothing;
}

std::uint32_t Player::seconds_heard() const
{
    return static_cast<std::uint32_t>((heard_ + telephone_rate - 1) / telephone_rate);
}
} // namespace ringpost::media
