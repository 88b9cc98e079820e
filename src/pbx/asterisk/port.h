// SPDX-License-Identifier: Apache-2.0
// A voice board port at Asterisk: an external media channel in a bridge with the first leg. What the driver keeps of it
// and the end that the gateway holds; either may go first.
#pragma once

#include "core/inbox.h"
#include "pbx/asterisk/media.h"
#include "pbx/port_outlet.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace ringpost::pbx::asterisk
{
class Port
{
public:
    /// What is waited for while it is being connected.
    enum class Progress
    {
        opened,  ///< the audio has a way
        started, ///< its channel is in our hands
        over,
        late
    };

    Port(const boost::asio::any_io_executor& executor, std::string id)
        : outlet(executor), progress(executor), id_(std::move(id))
    {}

    /// Of its channel and of its bridge.
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] bool over() const { return over_; }
    /// It is not used any more: the audio is cut off, and whoever listens is told.
    void end();

    /// The gateway's end; `left` is called when it is destroyed.
    [[nodiscard]] static std::unique_ptr<AudioPort> make_end(std::shared_ptr<Port> port, std::function<void()> left);

    PortOutlet outlet;
    Inbox<Progress> progress;
    std::unique_ptr<Media> media;

private:
    std::string id_;
    bool over_ = false;
};
} // namespace ringpost::pbx::asterisk
