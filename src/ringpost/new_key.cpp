// SPDX-License-Identifier: Apache-2.0
#include "ringpost/new_key.h"

#include "store/vault.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace ringpost::command
{
namespace
{
Failure io_failure(const std::filesystem::path& file)
{
    return {Errc::io, file.string(), std::strerror(errno)};
}

Result<> write_whole(const std::filesystem::path& file, const std::string& text)
{
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
    {
        return io_failure(file);
    }
    const bool written =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    Result<> result = written ? Result<>{} : Result<>{io_failure(file)};
    ::close(descriptor);
    return result;
}
} // namespace

Result<> add_key(const std::filesystem::path& file)
{
    std::string text = store::Vault::new_key() + "\n";
    std::error_code error;
    if (std::filesystem::exists(file, error))
    {
        if (const auto loaded = store::Vault::load(file, true); loaded.has_error())
        {
            return loaded.error();
        }
        std::ostringstream before;
        before << std::ifstream(file).rdbuf();
        text += before.str();
    }
    std::filesystem::path fresh = file;
    fresh += ".new";
    if (auto written = write_whole(fresh, text); written.has_error())
    {
        return written;
    }
    std::filesystem::rename(fresh, file, error);
    if (error)
    {
        return fail(Errc::io, file.string(), error.message());
    }
    return {};
}
} // namespace ringpost::command
