// SPDX-License-Identifier: Apache-2.0
#include "core/sync_path.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace ringpost
{
Failure errno_failure(const std::filesystem::path& path)
{
    const int error = errno;
    return {error == ENOSPC || error == EDQUOT || error == EFBIG ? Errc::full : Errc::io, path.string(),
            std::strerror(error)};
}

Result<> sync_path(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
    {
        return errno_failure(path);
    }
    Result<> result = ::fsync(descriptor) == 0 ? Result<>{} : Result<>{errno_failure(path)};
    ::close(descriptor);
    return result;
}
} // namespace ringpost
