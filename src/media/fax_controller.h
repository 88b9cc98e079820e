// SPDX-License-Identifier: Apache-2.0
// Performs the FAX contents of mails (spec 2.8): draws the document before anything rings, sends it over a voice board
// port, from the first page that an earlier call has not brought.
#pragma once

#include "core/config.h"
#include "media/content_reader.h"
#include "media/fax_document.h"
#include "media/voice_board.h"
#include "service/content.h"

#include <memory>
#include <vector>

namespace ringpost::media
{
class FaxController : public service::ContentController
{
public:
    FaxController(VoiceBoard& board, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                  const Config& config);

    /// On the control executor. Errors: as of FaxReader and ContentReader.
    /// A mail to a FAX address is sent with all its documents in one call; else the one content of the request.
    boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> prepare(store::Request request) override;

private:
    boost::asio::awaitable<Result<std::vector<FoundContent>>> found(store::Request request);
    boost::asio::awaitable<Result<FaxDocument>> drawn(std::vector<FoundContent> contents);

    VoiceBoard& board_;
    const Config& config_;
    ContentReader contents_;
    FaxReader reader_;
};
} // namespace ringpost::media
