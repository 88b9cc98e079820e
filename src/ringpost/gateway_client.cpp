// SPDX-License-Identifier: Apache-2.0
#include "ringpost/gateway_client.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ringpost::command
{
namespace
{
using nlohmann::json;

constexpr std::size_t line_limit = std::size_t{32} * 1024 * 1024; ///< above what a gateway sends in one line

Failure connection_failure(const std::string& path, Errc code, std::string_view what)
{
    return fail(code, path, std::string(what));
}

std::string reason()
{
    return std::generic_category().message(errno);
}

std::string text_of(const json& object, const char* name)
{
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<Answer> read_answer(const std::string& path, json&& reply)
{
    const auto ok = reply.find("ok");
    if (ok == reply.end() || !ok->is_boolean())
    {
        return connection_failure(path, Errc::malformed, "what answers there is not a Ringpost gateway");
    }
    Answer answer;
    answer.ok = ok->get<bool>();
    if (answer.ok)
    {
        answer.result = reply.value("result", json(nullptr));
        return answer;
    }
    const auto error = reply.find("error");
    if (error != reply.end() && error->is_object())
    {
        answer.code = text_of(*error, "code");
        answer.where = text_of(*error, "where");
        answer.text = text_of(*error, "text");
    }
    return answer;
}
} // namespace

Result<GatewayClient> GatewayClient::connect(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
    {
        return connection_failure(path, Errc::unavailable,
                                  fmt::format("a socket path has 1 to {} octets", sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
    {
        return connection_failure(path, Errc::unavailable, reason());
    }
    GatewayClient client(descriptor, path);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    {
        return connection_failure(path, Errc::unavailable, reason());
    }
    return client;
}

GatewayClient::GatewayClient(GatewayClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), patience_(other.patience_),
      buffer_(std::move(other.buffer_)), scanned_(other.scanned_)
{}

GatewayClient::~GatewayClient()
{
    if (descriptor_ >= 0)
    {
        ::close(descriptor_);
    }
}

Result<Answer> GatewayClient::call(const std::string& verb, const json& arguments, std::chrono::seconds patience)
{
    patience_ = patience;
    const json request = {{"verb", verb}, {"arguments", arguments}};
    const auto sent = send_line(request.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    if (!sent)
    {
        return sent.error();
    }
    auto reply = read_object(false);
    if (!reply)
    {
        return reply.error();
    }
    return read_answer(path_, std::move(*reply));
}

Result<> GatewayClient::watch(const std::function<bool(const json& event)>& sink)
{
    while (true)
    {
        const auto line = read_object(true);
        if (!line)
        {
            return line.error().code() == Errc::timeout ? Result<>{} : line.error();
        }
        const auto event = line->find("event");
        if (event != line->end() && !sink(*event))
        {
            return {};
        }
    }
}

Result<> GatewayClient::send_line(const std::string& line)
{
    std::size_t sent = 0;
    while (sent < line.size())
    {
        const ssize_t count = ::send(descriptor_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EPIPE)
        {
            // A gateway that takes no more sessions says so and closes: what it said can still be read.
            return {};
        }
        if (count < 0 && errno != EINTR)
        {
            return connection_failure(path_, Errc::closed, reason());
        }
        sent += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return {};
}

Result<json> GatewayClient::read_object(bool watching)
{
    std::size_t end = buffer_.find('\n', scanned_);
    while (end == std::string::npos)
    {
        scanned_ = buffer_.size();
        const auto received = receive(watching);
        if (!received)
        {
            return received.error();
        }
        end = buffer_.find('\n', scanned_);
    }
    json object = json::parse(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    buffer_.erase(0, end + 1);
    scanned_ = 0;
    if (object.is_discarded() || !object.is_object())
    {
        return connection_failure(path_, Errc::malformed, "what answers there is not a Ringpost gateway");
    }
    return object;
}

Result<> GatewayClient::receive(bool watching)
{
    // No events asked for of standard output: poll() reports POLLERR once the reader of a pipe has gone.
    std::array<pollfd, 2> wanted{{{descriptor_, POLLIN, 0}, {watching ? STDOUT_FILENO : -1, 0, 0}}};
    const int ready = ::poll(wanted.data(), wanted.size(), watching ? -1 : static_cast<int>(patience_.count() * 1000));
    if (ready < 0 && errno != EINTR)
    {
        return connection_failure(path_, Errc::io, reason());
    }
    if (ready == 0)
    {
        return connection_failure(path_, Errc::closed,
                                  fmt::format("the gateway has not answered for {} s", patience_.count()));
    }
    if (ready > 0 && wanted[0].revents == 0)
    {
        return connection_failure(path_, Errc::timeout, "nobody reads the output");
    }
    std::array<char, std::size_t{64} * 1024> chunk;
    const ssize_t count = ready < 0 ? -1 : ::recv(descriptor_, chunk.data(), chunk.size(), 0);
    if (count == 0 || (count < 0 && errno != EINTR))
    {
        return connection_failure(path_, Errc::closed, "the gateway has ended the connection");
    }
    buffer_.append(chunk.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    if (buffer_.size() > line_limit)
    {
        return connection_failure(path_, Errc::too_large, "the gateway's answer is too long");
    }
    return {};
}
} // namespace ringpost::command
