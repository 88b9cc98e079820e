// SPDX-License-Identifier: Apache-2.0
// Performs the voice contents of mails (spec 2.8): reads the recording before anything rings, plays it over a voice
// board port to whoever has answered, obeys the keys `1`, `*` and `9`.
#pragma once

#include "core/config.h"
#include "media/content_reader.h"
#include "media/pin_desk.h"
#include "media/speech.h"
#include "media/voice_board.h"
#include "media/voice_file.h"
#include "service/content.h"

#include <memory>

namespace ringpost::media
{
class VoiceController : public service::ContentController
{
public:
    VoiceController(VoiceBoard& board, store::Database& database, store::Spool& spool, Sandbox& sandbox, PinDesk& pins,
                    const Config& config);

    /// On the control executor. Errors: as of VoiceReader; Errc::not_found: the mail, or its content, is gone.
    boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> prepare(store::Request request) override;

private:
    VoiceBoard& board_;
    PinDesk& pins_;
    const Config& config_;
    ContentReader contents_;
    VoiceReader reader_;
    Speech speech_;
};
} // namespace ringpost::media
