// SPDX-License-Identifier: Apache-2.0
// Asks the addressee over the telephone whether to go on (spec 2.10): a spoken sentence, `1` for yes, `2` for no. Where
// nothing can be spoken, two tones.
#pragma once

#include "core/config.h"
#include "directory/directory.h"
#include "media/speech.h"
#include "media/voice_board.h"
#include "service/content.h"

#include <memory>

namespace ringpost::media
{
class InquiryController : public service::ContentController
{
public:
    InquiryController(VoiceBoard& board, directory::Directory& directory, Sandbox& sandbox, const Config& config);

    /// No errors: what cannot be spoken is asked by tones.
    boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> prepare(store::Request request) override;

private:
    VoiceBoard& board_;
    directory::Directory& directory_;
    const Config& config_;
    Speech speech_;
};

/// The question, and the time to answer it, so often in a row.
[[nodiscard]] Pcm asked_often(const Pcm& question, Duration pause, std::size_t times);
} // namespace ringpost::media
