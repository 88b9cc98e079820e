// SPDX-License-Identifier: Apache-2.0
#include "media/speech.h"

#include <algorithm>
#include <utility>

namespace ringpost::media
{
namespace
{
/// What espeak-ng writes: 22,050 samples a second, 16 bit.
constexpr std::size_t octets_a_second = std::size_t{22'050} * 2;
constexpr std::size_t header_octets = 1024;

SandboxCommand speaker(const std::string& language)
{
    SandboxCommand command;
    command.program = "/usr/bin/espeak-ng";
    // 150 words a minute: over a telephone it must be slower than on a screen reader.
    command.arguments = {"--stdin", "--stdout", "-b", "1", "-s", "150", "-v", language == "ja" ? "ja" : "en"};
    return command;
}

/// Written into a pipe, the lengths in its header are made up: the data reaches to the end.
Result<Pcm> read_stream(std::string octets, const VoiceLimits& limits)
{
    constexpr std::size_t riff_length_at = 4;
    const std::size_t data = octets.find("data");
    if (octets.size() < riff_length_at + 4 || data == std::string::npos || data + 8 > octets.size())
    {
        return fail(Errc::malformed, "", "the speech cannot be read");
    }
    const auto write_length = [&octets](std::size_t at, std::size_t length) {
        for (std::size_t i = 0; i < 4; ++i)
        {
            octets[at + i] = static_cast<char>((length >> (8 * i)) & 0xffU);
        }
    };
    write_length(riff_length_at, octets.size() - 8);
    write_length(data + 4, octets.size() - data - 8);
    return read_wav(octets, limits);
}
} // namespace

boost::asio::awaitable<Result<Pcm>> Speech::say(std::string text, std::string language, VoiceLimits limits)
{
    const bool nothing = text.find_first_not_of(" \t\r\n") == std::string::npos;
    if (nothing)
    {
        co_return fail(Errc::malformed, "", "there is nothing to say");
    }
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(limits.length).count();
    SandboxLimits bounds = limits_;
    bounds.output = static_cast<std::size_t>(seconds + 1) * octets_a_second + header_octets;
    SandboxCommand command = speaker(language);
    auto spoken = co_await sandbox_.run(std::move(command), std::move(text), bounds);
    if (spoken.has_error())
    {
        if (spoken.error().code() == Errc::too_large)
        {
            co_return too_long(limits);
        }
        co_return spoken.error();
    }
    co_return read_stream(std::move(*spoken), limits);
}
} // namespace ringpost::media
