// SPDX-License-Identifier: Apache-2.0
// FAX machines at extensions of the simulated exchange: what they receive becomes files. For trials and tests; the
// gateway itself only sends.
#pragma once

#include "core/result.h"
#include "media/voice_board.h"
#include "pbx/audio_port.h"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace ringpost::media
{
/// On the control executor. Calls that are under way when it goes are gone on with.
class FaxMachines
{
public:
    /// Makes `directory`. No call is longer than `time`. Errc::io.
    [[nodiscard]] static Result<FaxMachines> open(boost::asio::any_io_executor executor, VoiceBoard& board,
                                                  std::filesystem::path directory, Duration time);

    /// The machine at `extension` has answered: it receives over `port`, hangs up, and leaves the pages that came in
    /// `<extension>-<n>.tif`, n counted from 1, which is there when it is whole. Without a page there is no file.
    void answer(const std::string& extension, std::unique_ptr<pbx::AudioPort> port) const;

private:
    FaxMachines(boost::asio::any_io_executor executor, VoiceBoard& board, std::filesystem::path directory,
                Duration time);

    boost::asio::any_io_executor executor_;
    VoiceBoard* board_;
    std::filesystem::path directory_;
    Duration time_;
};
} // namespace ringpost::media
