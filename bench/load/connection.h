// SPDX-License-Identifier: Apache-2.0
// One connection of the load generator: says what its script gives it, as many commands at a time as the window
// allows, and counts the replies. No parsing beyond where a reply ends and whether it is a good one.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::load
{
/// How the end of a reply is found.
enum class Reply
{
    smtp,  ///< lines, the last with a blank behind its code; good: 2xx and 3xx
    line,  ///< one line of POP3; good: +OK
    lines, ///< a line of POP3, and where it is +OK everything up to the line with a dot
};

struct Command
{
    std::string text; ///< with CRLF; empty: only a reply is awaited (the greeting)
    Reply reply = Reply::smtp;
    bool alone = false; ///< sent when nothing is outstanding, and nothing behind it
};

/// What a connection says: the next command after the reply to the last one that it has waited for, or nothing more.
class Script
{
public:
    virtual ~Script() = default;
    virtual std::optional<Command> next() = 0;
    /// A good reply, of `kind`; `text` is its first line.
    virtual void replied(Reply kind, std::string_view text) = 0;
};

class Connection
{
public:
    /// `descriptor` is connected (or about to be) and does not block; it is closed by the destructor.
    Connection(int descriptor, Script& script, std::size_t window);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Reads and writes what can be; false when all is said and answered. Throws std::runtime_error at a bad reply or
    /// an early end.
    bool work();
    [[nodiscard]] bool wants_to_write() const { return sent_ < output_.size(); }
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    void say();
    void flush();
    bool receive();
    void take_replies();
    [[nodiscard]] std::size_t reply_size(Reply kind);

    int descriptor_;
    Script& script_;
    std::size_t window_;
    std::optional<Command> held_; ///< to be sent when nothing is outstanding
    std::deque<Reply> outstanding_;
    bool alone_ = false; ///< what is outstanding must be answered first
    bool said_all_ = false;
    std::string output_;
    std::size_t sent_ = 0;
    std::string input_;
    std::size_t taken_ = 0;    ///< of input_
    std::size_t searched_ = 0; ///< of input_, for the end of the reply that begins at taken_
};
} // namespace ringpost::load
