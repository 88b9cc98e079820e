// SPDX-License-Identifier: Apache-2.0
#include "bench/load/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace ringpost::load
{
namespace
{
constexpr std::string_view end_of_lines = "\r\n.\r\n";
} // namespace

Connection::Connection(int descriptor, Script& script, std::size_t window)
    : descriptor_(descriptor), script_(script), window_(window)
{
    say();
}

Connection::~Connection()
{
    ::close(descriptor_);
}

bool Connection::work()
{
    flush();
    const bool open = receive();
    take_replies();
    say();
    flush();
    if (said_all_ && outstanding_.empty())
    {
        return false;
    }
    if (!open)
    {
        throw std::runtime_error("the server has closed the connection: " + input_.substr(taken_));
    }
    return true;
}

void Connection::say()
{
    while (!said_all_ && !alone_ && outstanding_.size() < window_)
    {
        if (!held_)
        {
            held_ = script_.next();
        }
        if (!held_)
        {
            // The script may go on when what is outstanding has been answered.
            said_all_ = outstanding_.empty();
            return;
        }
        if (held_->alone && !outstanding_.empty())
        {
            return;
        }
        output_ += held_->text;
        outstanding_.push_back(held_->reply);
        alone_ = held_->alone;
        held_.reset();
    }
}

void Connection::flush()
{
    while (sent_ < output_.size())
    {
        const ssize_t count = ::send(descriptor_, output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
        if (count < 0)
        {
            if (errno == EAGAIN || errno == EINTR)
            {
                return;
            }
            throw std::system_error(errno, std::generic_category(), "send");
        }
        sent_ += static_cast<std::size_t>(count);
    }
    output_.clear();
    sent_ = 0;
}

bool Connection::receive()
{
    std::array<char, 65536> piece; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
    for (;;)
    {
        const ssize_t count = ::recv(descriptor_, piece.data(), piece.size(), 0);
        if (count > 0)
        {
            input_.append(piece.data(), static_cast<std::size_t>(count));
            if (static_cast<std::size_t>(count) < piece.size())
            {
                return true;
            }
            continue;
        }
        if (count == 0)
        {
            return false;
        }
        if (errno == EAGAIN || errno == EINTR)
        {
            return true;
        }
        throw std::system_error(errno, std::generic_category(), "recv");
    }
}

/// Octets of the reply that begins at taken_, 0 where its end is not there yet.
std::size_t Connection::reply_size(Reply kind)
{
    for (;;)
    {
        const std::size_t from = std::max(searched_, taken_);
        if (kind == Reply::lines && input_.compare(taken_, 3, "+OK") == 0)
        {
            const std::size_t end = input_.find(end_of_lines, from);
            searched_ = end == std::string::npos
                            ? std::max(taken_, input_.size() - std::min(input_.size(), end_of_lines.size() - 1))
                            : taken_;
            return end == std::string::npos ? 0 : end + end_of_lines.size() - taken_;
        }
        const std::size_t end = input_.find('\n', from);
        if (end == std::string::npos || (kind == Reply::lines && input_.size() < taken_ + 4))
        {
            return 0;
        }
        // A line of several begins behind the last line end.
        const std::size_t before = input_.rfind('\n', end == 0 ? 0 : end - 1);
        const std::size_t begin = before == std::string::npos || before < taken_ || end == 0 ? taken_ : before + 1;
        if (kind != Reply::smtp || end - begin < 4 || input_[begin + 3] != '-')
        {
            searched_ = taken_;
            return end + 1 - taken_;
        }
        searched_ = end + 1;
    }
}

void Connection::take_replies()
{
    while (!outstanding_.empty() && taken_ < input_.size())
    {
        const Reply kind = outstanding_.front();
        const std::size_t size = reply_size(kind);
        if (size == 0)
        {
            break;
        }
        const std::string_view reply = std::string_view(input_).substr(taken_, size);
        const std::string_view line = reply.substr(0, reply.find('\r'));
        const bool good =
            kind == Reply::smtp ? line.starts_with('2') || line.starts_with('3') : line.starts_with("+OK");
        if (!good)
        {
            throw std::runtime_error("the server answers " + std::string(line));
        }
        outstanding_.pop_front();
        script_.replied(kind, line);
        taken_ += size;
        searched_ = taken_;
    }
    alone_ = alone_ && !outstanding_.empty();
    if (taken_ == input_.size())
    {
        input_.clear();
        taken_ = searched_ = 0;
    }
    else if (taken_ > 1'000'000)
    {
        input_.erase(0, taken_);
        searched_ -= taken_;
        taken_ = 0;
    }
}
} // namespace ringpost::load
