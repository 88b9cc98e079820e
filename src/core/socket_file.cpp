// SPDX-License-Identifier: Apache-2.0
#include "core/socket_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ringpost
{
namespace
{
mode_t umask_for(SocketAccess access)
{
    return access == SocketAccess::group ? 0117 : 0111;
}

class Descriptor
{
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (number_ >= 0)
        {
            ::close(number_);
        }
    }
    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

class Umask
{
public:
    explicit Umask(mode_t mask) : before_(::umask(mask)) {}
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;
    ~Umask() { ::umask(before_); }

private:
    mode_t before_;
};

Failure system_failure(const std::string& path, std::string_view what)
{
    return fail(Errc::io, path, fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

Result<sockaddr_un> address_of(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path || path.find('\0') != std::string::npos)
    {
        return fail(Errc::malformed, path,
                    fmt::format("the path of a socket must have 1 to {} octets", sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* general(const sockaddr_un& address)
{
    return reinterpret_cast<const sockaddr*>(&address);
}

Descriptor make_socket()
{
    return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// Only a refused connection proves that the process behind the file is gone (a full backlog answers EAGAIN).
Result<> remove_if_dead(const std::string& path, const sockaddr_un& address)
{
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0)
    {
        return errno == ENOENT ? Result<>{} : system_failure(path, "cannot be looked at");
    }
    if (!S_ISSOCK(status.st_mode))
    {
        return fail(Errc::conflict, path, "is there and is not a socket; it has been left alone");
    }
    const Descriptor probe = make_socket();
    if (probe.get() < 0)
    {
        return system_failure(path, "no socket can be made");
    }
    if (::connect(probe.get(), general(address), sizeof address) == 0 || errno == EAGAIN)
    {
        return fail(Errc::conflict, path, "another gateway answers on this socket");
    }
    if (errno != ECONNREFUSED && errno != ENOENT)
    {
        return system_failure(path, "cannot be tried");
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    {
        return system_failure(path, "the file of a dead gateway cannot be removed");
    }
    return {};
}

Result<> bind_and_listen(int descriptor, const std::string& path, const sockaddr_un& address, SocketAccess access)
{
    {
        const Umask mask(umask_for(access));
        if (::bind(descriptor, general(address), sizeof address) != 0)
        {
            return system_failure(path, "the socket cannot be made there");
        }
    }
    if (::listen(descriptor, SOMAXCONN) != 0)
    {
        return system_failure(path, "cannot listen");
    }
    return {};
}
} // namespace

Result<SocketFile> SocketFile::listen(const std::string& path, SocketAccess access)
{
    const auto address = address_of(path);
    if (!address)
    {
        return address.error();
    }
    const auto vacant = remove_if_dead(path, *address);
    if (!vacant)
    {
        return vacant.error();
    }
    Descriptor descriptor = make_socket();
    if (descriptor.get() < 0)
    {
        return system_failure(path, "no socket can be made");
    }
    const auto listening = bind_and_listen(descriptor.get(), path, *address, access);
    if (!listening)
    {
        return listening.error();
    }
    return SocketFile(path, descriptor.release());
}

SocketFile::SocketFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor)
{
    struct stat status = {};
    if (::lstat(path_.c_str(), &status) == 0)
    {
        device_ = status.st_dev;
        inode_ = status.st_ino;
    }
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)), device_(other.device_),
      inode_(other.inode_)
{}

SocketFile::~SocketFile()
{
    const Descriptor closed(release_descriptor());
    remove();
}

int SocketFile::release_descriptor()
{
    return std::exchange(descriptor_, -1);
}

void SocketFile::remove()
{
    struct stat status = {};
    if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
    {
        ::unlink(path_.c_str());
    }
    path_.clear();
}
} // namespace ringpost
