// SPDX-License-Identifier: Apache-2.0
// Large mails as files of the spool folder: written and synced before the commit that names them. A file that no row
// names belongs to nobody and is removed at the next start.
#pragma once

#include "core/ids.h"
#include "core/result.h"
#include "store/vault.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::store
{
/// The file that a row names.
struct SpoolName
{
    MailId mail{};
    std::string file;
    std::int64_t octets = 0; ///< of the file: more than the mail has where it is sealed
};

class Spool
{
public:
    /// Creates the folder if it is not there. `vault`: the keys of confidential mails, wherever these are stored.
    [[nodiscard]] static Result<Spool> open(std::filesystem::path folder, Vault vault = {});

    [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_ / name; }
    struct Damaged
    {
        SpoolName name;
        std::string why;
    };
    /// A file that could not be removed.
    struct Left
    {
        std::string file;
        std::string why;
    };
    struct Removed
    {
        std::vector<std::string> gone; ///< those that were not there either
        std::vector<Left> left;
    };
    struct Swept
    {
        Removed removed;
        std::vector<Damaged> damaged;
    };
    /// Removes every file that is not in `named`, and looks whether those that are can be read. Errc::io: the folder
    /// cannot be listed.
    [[nodiscard]] Result<Swept> sweep(const std::vector<SpoolName>& named) const;
    /// Removes these files.
    [[nodiscard]] Removed remove(const std::vector<std::string>& files) const;
    [[nodiscard]] const Vault& vault() const { return vault_; }

private:
    Spool(std::filesystem::path folder, Vault vault) : folder_(std::move(folder)), vault_(std::move(vault)) {}
    std::filesystem::path folder_;
    Vault vault_;
};

/// A file being written; removed on destruction unless it was kept.
class SpoolFile
{
public:
    [[nodiscard]] static Result<SpoolFile> create(const Spool& spool);
    ~SpoolFile();
    SpoolFile(SpoolFile&& other) noexcept;
    SpoolFile& operator=(SpoolFile&&) = delete;
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    /// Errc::full, Errc::io.
    Result<> append(std::string_view octets);
    /// Puts the octets and the file's name on stable storage.
    Result<> sync();
    /// A row names it now.
    void keep() { kept_ = true; }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    SpoolFile(int descriptor, std::filesystem::path folder, std::string name)
        : descriptor_(descriptor), folder_(std::move(folder)), name_(std::move(name))
    {}
    int descriptor_;
    std::filesystem::path folder_;
    std::string name_;
    bool kept_ = false;
};

/// The octets of a file, mapped read-only for as long as it lives.
class MappedFile
{
public:
    [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& file);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::string_view octets() const { return {static_cast<const char*>(address_), size_}; }

private:
    MappedFile(void* address, std::size_t size) : address_(address), size_(size) {}
    void* address_;
    std::size_t size_;
};
} // namespace ringpost::store
