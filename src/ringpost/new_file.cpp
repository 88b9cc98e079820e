// SPDX-License-Identifier: Apache-2.0
#include "ringpost/new_file.h"

#include "core/sync_path.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace ringpost::command
{
namespace
{
bool write_all(int descriptor, std::string_view octets)
{
    while (!octets.empty())
    {
        const ssize_t written = ::write(descriptor, octets.data(), octets.size());
        if (written < 0 && errno != EINTR)
        {
            return false;
        }
        octets.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}
} // namespace

Result<> sync_folder_of(const std::filesystem::path& path)
{
    return sync_path(path.has_parent_path() ? path.parent_path() : ".");
}

Result<> write_new_file(const std::filesystem::path& path, std::string_view octets, mode_t mode)
{
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0)
    {
        return errno == EEXIST ? fail(Errc::conflict, path.string(), "is there already; nothing was changed")
                               : fail(Errc::io, path.string(), std::strerror(errno));
    }
    const bool written = write_all(descriptor, octets) && ::fsync(descriptor) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!written)
    {
        ::unlink(path.c_str());
        return fail(Errc::io, path.string(), std::strerror(error));
    }
    if (auto synced = sync_folder_of(path); synced.has_error())
    {
        ::unlink(path.c_str());
        return synced;
    }
    return {};
}
} // namespace ringpost::command
