// SPDX-License-Identifier: Apache-2.0
// One baresip telephone with its TCP connection, which is made again whenever it is lost, and the person beside it.
// One executor. Owned by shared_ptr: what waits for the socket holds it until close() has come through.
#pragma once

#include "core/clock.h"
#include "core/spawn.h"
#include "pbx/baresip/dialog.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ringpost::pbx::baresip
{
class Softphone : public std::enable_shared_from_this<Softphone>
{
public:
    using Changed = std::function<void(const Line&)>;

    Softphone(const boost::asio::any_io_executor& executor, Clock& clock, std::string number,
              boost::asio::ip::tcp::endpoint peer)
        : socket_(executor), clock_(clock), peer_(std::move(peer)), dialog_(std::move(number))
    {}

    /// Begins to connect. `changed` is called after each change of state or other party, until close().
    void start(TaskGroup& tasks, Changed changed);
    void close();

    [[nodiscard]] const Line& line() const { return dialog_.line(); }
    Result<> act(const std::function<Result<>(Line&)>& deed);

private:
    static boost::asio::awaitable<void> attend(std::shared_ptr<Softphone> self);
    void connect();
    void on_connected();
    [[nodiscard]] bool take(std::string_view octets);
    void on_lost();
    void write(std::string octets);
    void settle();
    void expect_reply();
    void expect_person();
    void tell_change();
    void give_up_after(Duration time, const char* why);
    void shut_socket();
    [[nodiscard]] bool closed() const { return tasks_ == nullptr; }
    [[nodiscard]] Timer later(Duration delay, std::function<void(Softphone&)> action);

    boost::asio::ip::tcp::socket socket_;
    Clock& clock_;
    boost::asio::ip::tcp::endpoint peer_;
    Dialog dialog_;
    TaskGroup* tasks_ = nullptr; ///< null before start() and after close()
    Changed changed_;
    bool connected_ = false;
    bool writing_ = false;
    Duration pause_{};
    Timer again_;
    Timer patience_; ///< with a baresip that does not accept or reply
    std::optional<std::uint64_t> awaited_;
    Timer person_;
    std::uint64_t intended_ = 0;
    DeviceState told_state_ = DeviceState::unreachable;
    std::optional<std::string> told_with_;
};
} // namespace ringpost::pbx::baresip
