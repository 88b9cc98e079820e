// SPDX-License-Identifier: Apache-2.0
// Where the octets of a mail gather while DATA is read: in memory, and beyond a threshold in a spool file. On the way
// every `Ringpost-Exchange:` that does not come from the own gateway or an authenticated peer is renamed (spec 2.2).
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "core/submitter.h"
#include "store/spool.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mta
{
class MailCollector
{
public:
    /// `threshold` is larger than the largest header that is read. A mail in a file is sealed where it asks to be
    /// confidential and its sender may ask for that.
    MailCollector(const store::Spool& spool, std::size_t threshold, const ScanLimits& limits, Standing standing)
        : spool_(spool), threshold_(threshold), limits_(limits), standing_(standing)
    {}

    /// Errc::full, Errc::io; Errc::refused: confidential, and there is no key.
    Result<> append(std::string octets);
    /// After the last octet.
    Result<> finish();

    [[nodiscard]] std::string take_octets() { return std::move(octets_); }
    [[nodiscard]] std::optional<store::SpoolFile> take_file() { return std::move(file_); }
    /// Of the mail, where it is in the file.
    [[nodiscard]] std::int64_t file_octets() const { return file_octets_; }
    /// The key that seals the file; empty: it is not sealed.
    [[nodiscard]] const std::string& key_id() const { return key_id_; }

private:
    Result<> spill();
    Result<> begin_file();
    void rename_foreign();

    const store::Spool& spool_;
    std::size_t threshold_;
    const ScanLimits& limits_;
    Standing standing_;
    std::string octets_;
    std::optional<store::SpoolFile> file_;
    std::int64_t file_octets_ = 0;
    std::optional<store::Sealer> sealer_;
    std::string key_id_;
};
} // namespace ringpost::mta
