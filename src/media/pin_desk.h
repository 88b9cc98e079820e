// SPDX-License-Identifier: Apache-2.0
// Asks who has answered the telephone for the PIN of the addressee, before a confidential content is released
// (spec 2.3). For a voice it is asked in the call that plays it; for a FAX, which a machine takes, in one of its own.
#pragma once

#include "core/config.h"
#include "directory/authentication.h"
#include "media/pcm.h"
#include "media/playout.h"
#include "media/speech.h"
#include "media/voice_board.h"
#include "service/content.h"

#include <functional>
#include <memory>
#include <string>

namespace ringpost::media
{
/// What comes in through a port while it is used for one thing after the other.
struct PortKeys
{
    std::function<void(char)> digit; ///< may be empty: keys mean nothing
    bool closed = false;
    /// For AudioPort::listen(); this outlives the port.
    [[nodiscard]] pbx::AudioPort::Sinks sinks();
};

class PinDesk : public service::ContentController
{
public:
    PinDesk(VoiceBoard& board, const directory::Directory& directory, directory::Authentication& authentication,
            Sandbox& sandbox, const Config& config);

    /// What is asked before a content of somebody's mail is released.
    struct Lock
    {
        Pcm question;
        std::string addressee;
        std::string request; ///< number
    };
    /// With the question in the addressee's language: spoken, or tones where that cannot be.
    boost::asio::awaitable<std::shared_ptr<const Lock>> lock_for(store::Request request);
    /// Part of a session of the voice board, on whose thread and clock it stays. Cause::none: it was keyed in;
    /// Cause::declined with its reason: not within the tries, or hung up. Errors: it cannot be checked at this moment.
    boost::asio::awaitable<Result<service::Performance>> ask(Playout& playout, PortKeys& keys,
                                                             std::shared_ptr<const Lock> lock);

    /// Medium::pin: asks, and is finished when it was keyed in.
    boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> prepare(store::Request request) override;

private:
    boost::asio::awaitable<std::string> listen_for(Playout& playout, PortKeys& keys, const Pcm& question);

    VoiceBoard& board_;
    const directory::Directory& directory_;
    directory::Authentication& authentication_;
    const Config& config_;
    Speech speech_;
};

/// Answered, and gone before the PIN was keyed in.
[[nodiscard]] service::Performance without_pin();
} // namespace ringpost::media
