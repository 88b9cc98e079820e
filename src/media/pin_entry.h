// SPDX-License-Identifier: Apache-2.0
// The digits of a PIN as somebody keys them in. No I/O and no clock: it is told of the sound frames that go by.
#pragma once

#include "core/duration.h"
#include "pbx/audio_port.h"

#include <string>

namespace ringpost::media
{
/// `#` ends it, and so does a pause of `time` after the last digit or, where there is none, after the question; `*`
/// begins anew. More digits than any PIN has are not kept.
class PinEntry
{
public:
    explicit PinEntry(Duration time) : left_(frames(time)), time_(time) {}

    void on_digit(char key)
    {
        if (ended_)
        {
            return;
        }
        left_ = frames(time_);
        if (key == '#')
        {
            ended_ = true;
        }
        else if (key == '*')
        {
            digits_.clear();
        }
        else if (key >= '0' && key <= '9' && digits_.size() < longest)
        {
            digits_ += key;
        }
        touched_ = true;
    }

    /// A frame in which nothing was asked has gone by.
    void on_silent_frame() { ended_ = ended_ || --left_ <= 0; }

    [[nodiscard]] bool ended() const { return ended_; }
    /// A key was pressed: the question need not go on.
    [[nodiscard]] bool touched() const { return touched_; }
    [[nodiscard]] std::string take() { return std::move(digits_); }

private:
    static constexpr std::size_t longest = 32;
    [[nodiscard]] static std::int64_t frames(Duration time) { return time / pbx::AudioPort::frame_time; }

    std::int64_t left_;
    Duration time_;
    std::string digits_;
    bool ended_ = false;
    bool touched_ = false;
};
} // namespace ringpost::media
