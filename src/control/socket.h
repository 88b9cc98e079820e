// SPDX-License-Identifier: Apache-2.0
// The control socket: a Unix-domain stream socket on which the `ringpost` command asks the running gateway. Its file
// mode 0660 is the only door: who may open it may do everything. The language is in protocol.h.
#pragma once

#include "control/session.h"
#include "control/verbs.h"
#include "core/clock.h"
#include "core/result.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace ringpost::control
{
/// Created, called and destroyed on the control executor (or while nothing runs on it).
class ControlSocket
{
public:
    /// Listens at `path` (errors: SocketFile::listen). `verbs`, and what its handlers refer to, must outlive the
    /// executor's context: sessions and subscriptions that are still there go with that. `clock` must outlive the
    /// ControlSocket.
    [[nodiscard]] static Result<std::unique_ptr<ControlSocket>> open(const boost::asio::any_io_executor& executor,
                                                                     Clock& clock, const Verbs& verbs,
                                                                     const std::string& path,
                                                                     const SocketLimits& limits = {});

    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;
    /// Ends all sessions at once and removes the socket file.
    ~ControlSocket();

    /// Accepts nobody any more, removes the file, ends idle sessions and streams; replies that are being worked out are
    /// still given. Ask sessions() for when that is done.
    void stop();
    [[nodiscard]] std::size_t sessions() const;

private:
    class Server;
    explicit ControlSocket(std::shared_ptr<Server> server);

    std::shared_ptr<Server> server_;
};
} // namespace ringpost::control
