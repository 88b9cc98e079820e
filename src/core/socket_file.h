// SPDX-License-Identifier: Apache-2.0
// The file of a listening Unix-domain socket (unix(7)): made with the right mode from its first moment, taken over from
// a dead process only, removed at the end only if it is still ours.
#pragma once

#include "core/result.h"

#include <string>
#include <sys/types.h>

namespace ringpost
{
/// Who may connect, as far as the file is concerned; its directory may narrow that.
enum class SocketAccess
{
    group,    ///< 0660
    everybody ///< 0666: other programs that give up their groups, as mail servers do
};

class SocketFile
{
public:
    /// Binds and listens. Sets the umask of the process for a moment: call it at start-up, before other
    /// threads make files. A socket file on which nobody answers is replaced; Errc::conflict where somebody does, or
    /// where the path is something else than a socket.
    [[nodiscard]] static Result<SocketFile> listen(const std::string& path, SocketAccess access = SocketAccess::group);

    SocketFile(SocketFile&& other) noexcept;
    SocketFile& operator=(SocketFile&&) = delete;
    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;
    ~SocketFile();

    [[nodiscard]] const std::string& path() const { return path_; }
    /// The listening descriptor, non-blocking; the caller owns it from now on.
    [[nodiscard]] int release_descriptor();
    /// Removes the file, unless another process has put its own there meanwhile.
    void remove();

private:
    SocketFile(std::string path, int descriptor);

    std::string path_;
    int descriptor_ = -1;
    dev_t device_{};
    ino_t inode_{};
};
} // namespace ringpost
