// SPDX-License-Identifier: Apache-2.0
#include "store/state_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ringpost::store
{
Result<StateLock> StateLock::take(const std::filesystem::path& state_dir)
{
    std::error_code error;
    const bool fresh = std::filesystem::create_directories(state_dir, error);
    if (error)
    {
        return fail(Errc::io, state_dir.string(), "cannot be created: " + error.message());
    }
    if (fresh)
    {
        // Mails and hashes of secrets: for the gateway's own user alone.
        std::filesystem::permissions(state_dir, std::filesystem::perms::owner_all, error);
    }
    const auto path = state_dir / "lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
    {
        return fail(Errc::io, path.string(), "cannot be opened: " + std::generic_category().message(errno));
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    {
        ::close(descriptor);
        return fail(Errc::conflict, state_dir.string(),
                    "is in use by another ringpostd: stop it, or name another state_dir");
    }
    return StateLock(descriptor);
}

StateLock::StateLock(StateLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

StateLock::~StateLock()
{
    if (descriptor_ >= 0)
    {
        ::close(descriptor_);
    }
}
} // namespace ringpost::store
