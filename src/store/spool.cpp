// SPDX-License-Identifier: Apache-2.0
#include "store/spool.h"

#include "core/fault_point.h"
#include "core/sync_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <set>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ringpost::store
{
namespace
{
std::string random_name()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}.mail", random(), random(), random());
}
} // namespace

Result<Spool> Spool::open(std::filesystem::path folder, Vault vault)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
    {
        return fail(Errc::io, folder.string(), error.message());
    }
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    return Spool(std::move(folder), std::move(vault));
}

Result<Spool::Swept> Spool::sweep(const std::vector<SpoolName>& named) const
{
    Swept swept;
    std::set<std::string> keep;
    std::error_code error;
    for (const auto& name : named)
    {
        keep.insert(name.file);
        const auto octets = std::filesystem::file_size(path(name.file), error);
        if (error)
        {
            swept.damaged.push_back({name, error.message()});
        }
        else if (octets != static_cast<std::uintmax_t>(name.octets))
        {
            swept.damaged.push_back({name, fmt::format("has {} octets, not {}", octets, name.octets)});
        }
    }
    std::vector<std::string> unnamed;
    std::filesystem::directory_iterator entry(folder_, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    {
        if (std::string file = entry->path().filename().string(); !keep.contains(file))
        {
            unnamed.push_back(std::move(file));
        }
    }
    if (error)
    {
        return fail(Errc::io, folder_.string(), error.message());
    }
    swept.removed = remove(unnamed);
    return swept;
}

Spool::Removed Spool::remove(const std::vector<std::string>& files) const
{
    Removed removed;
    for (const auto& file : files)
    {
        std::error_code error;
        std::filesystem::remove(path(file), error);
        if (error)
        {
            removed.left.push_back({file, error.message()});
        }
        else
        {
            removed.gone.push_back(file);
        }
    }
    return removed;
}

Result<SpoolFile> SpoolFile::create(const Spool& spool)
{
    std::string name = random_name();
    const auto path = spool.path(name);
    const bool fault = fault_point("spool.create");
    errno = EIO;
    const int descriptor = fault ? -1 : ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
    {
        return errno_failure(path);
    }
    return SpoolFile(descriptor, path.parent_path(), std::move(name));
}

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), folder_(std::move(other.folder_)),
      name_(std::move(other.name_)), kept_(other.kept_)
{}

SpoolFile::~SpoolFile()
{
    if (descriptor_ < 0)
    {
        return;
    }
    ::close(descriptor_);
    if (!kept_)
    {
        std::error_code error;
        std::filesystem::remove(folder_ / name_, error);
    }
}

Result<> SpoolFile::append(std::string_view octets)
{
    while (!octets.empty())
    {
        const bool fault = fault_point("spool.write");
        errno = ENOSPC;
        const ssize_t written = fault ? -1 : ::write(descriptor_, octets.data(), octets.size());
        if (written < 0 && errno == EINTR)
        {
            continue;
        }
        if (written < 0)
        {
            return errno_failure(folder_ / name_);
        }
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<> SpoolFile::sync()
{
    const bool fault = fault_point("spool.sync");
    errno = EIO;
    if (fault || ::fdatasync(descriptor_) != 0)
    {
        return errno_failure(folder_ / name_);
    }
    if (fault_point("spool.sync-folder"))
    {
        return fail(Errc::io, folder_.string(), std::strerror(EIO));
    }
    return sync_path(folder_);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& file)
{
    const bool fault = fault_point("spool.open");
    errno = EIO;
    const int descriptor = fault ? -1 : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
    {
        return errno_failure(file);
    }
    struct stat status = {};
    const bool known = ::fstat(descriptor, &status) == 0;
    const auto size = static_cast<std::size_t>(status.st_size);
    void* address = known && size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
    Result<MappedFile> result =
        address != MAP_FAILED ? Result<MappedFile>(MappedFile(address, size)) : Result<MappedFile>(errno_failure(file));
    ::close(descriptor);
    return result;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)), size_(other.size_)
{}

MappedFile::~MappedFile()
{
    if (address_ != nullptr)
    {
        ::munmap(address_, size_);
    }
}
} // namespace ringpost::store
