// SPDX-License-Identifier: Apache-2.0
// The voice board: the ports over which contents are performed, and the threads on which what is heard and said over
// them is made, away from the control thread (design rule 4).
//
// Playing costs microseconds a frame, so everything that plays shares one thread. A FAX modem draws a page between two
// frames, 5 to 10 ms in which whoever shares its thread would be late: each transmission has a thread for itself. These
// threads stand behind the others: many transmissions that begin in one moment do not make whoever plays late, nor the
// control thread.
#pragma once

#include "core/clock.h"
#include "media/audio_line.h"
#include "media/audio_thread.h"
#include "pbx/exchange.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace ringpost::media
{
/// On the control executor. Coroutines that wait for a session when it is destroyed are unwound by their executor,
/// after it.
class VoiceBoard
{
public:
    enum class Threads
    {
        own,    ///< as above
        control ///< everything on the control executor: virtual time has one thread
    };
    /// What is done over a port needs …
    enum class Needs
    {
        shared_thread, ///< … microseconds for a frame
        own_thread     ///< … now and then much more
    };
    class Port;

    VoiceBoard(boost::asio::any_io_executor control, Clock& clock, Threads threads = Threads::own);
    ~VoiceBoard();
    VoiceBoard(const VoiceBoard&) = delete;
    VoiceBoard& operator=(const VoiceBoard&) = delete;

    /// Nothing is made on its threads any more. Ports that are connected end as ever, and may be used until its
    /// destruction.
    void stop();

    /// Connects a port with the first leg of `attempt`. nullptr: it has hung up at once. Errors: those of
    /// pbx::Exchange::connect_port.
    boost::asio::awaitable<Result<std::unique_ptr<Port>>> connect(pbx::Exchange& exchange, AttemptId attempt,
                                                                  Needs needs);
    /// A port that is connected already: that of a machine in the simulated exchange.
    [[nodiscard]] std::unique_ptr<Port> use(std::unique_ptr<pbx::AudioPort> port, Needs needs);

private:
    [[nodiscard]] AudioThread* thread_for(Needs needs);

    boost::asio::any_io_executor control_;
    Clock& clock_;
    Threads kind_;
    std::unique_ptr<AudioThread> shared_;
    std::vector<std::unique_ptr<AudioThread>> own_; ///< as many as were ever needed at the same time
};

/// A port that is connected, and the thread for it. Its destruction takes the port from the call.
class VoiceBoard::Port
{
public:
    template <class T>
    using Session = std::function<boost::asio::awaitable<T>(Clock&, std::unique_ptr<pbx::AudioPort>)>;

    /// `thread` nullptr: the control executor's.
    Port(boost::asio::any_io_executor control, Clock& clock, std::unique_ptr<pbx::AudioPort> port, AudioThread* thread,
         bool alone);
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    /// Runs `session` on the thread of this port, with that thread's clock, and returns what it returns. To be called
    /// once. What `session` refers to is used there. T has a default.
    template <class T>
    boost::asio::awaitable<T> run(Session<T> session)
    {
        boost::asio::awaitable<T> task = session(clock_, line_.take_end());
        co_return co_await boost::asio::co_spawn(audio_, std::move(task), boost::asio::use_awaitable);
    }

    /// For the session the call has ended.
    void close() { line_.close(); }

private:
    std::shared_ptr<bool> taken_; ///< nullptr: there is nothing to give back
    boost::asio::any_io_executor audio_;
    Clock& clock_;
    AudioLine line_;
};
} // namespace ringpost::media
