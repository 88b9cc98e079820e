// SPDX-License-Identifier: Apache-2.0
// Text to speech by espeak-ng, a program of its own (spec 2.8). Optional: where it is not installed, nothing is spoken.
#pragma once

#include "core/result.h"
#include "media/pcm.h"
#include "media/sandbox.h"
#include "media/wave.h"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ringpost::media
{
class Speech
{
public:
    explicit Speech(Sandbox& sandbox, const SandboxLimits& limits) : sandbox_(sandbox), limits_(limits) {}

    /// `text`: UTF-8, as a person would read it. `language`: a tag such as `en` or `ja`; others are spoken as English.
    /// Errc::unavailable: espeak-ng or the sandbox is not installed; Errc::too_large: longer than `limits`;
    /// Errc::malformed: there is nothing to say; Errc::timeout. From any thread; goes on on the caller's executor.
    boost::asio::awaitable<Result<Pcm>> say(std::string text, std::string language, VoiceLimits limits);

private:
    Sandbox& sandbox_;
    SandboxLimits limits_;
};
} // namespace ringpost::media
