// SPDX-License-Identifier: Apache-2.0
// Where the octets of a mail gather while DATA is read: in memory, and beyond a threshold in a spool file. On the way
// every `Ringpost-Exchange:` that does not come from the own gateway or an authenticated peer is renamed (spec 2.2).
#pragma once

#include "core/result.h"
#include "store/spool.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mta
{
class MailCollector
{
public:
    /// `threshold` is larger than the largest header that is read. `peer`: the very first field may be the peer's.
    MailCollector(const store::Spool& spool, std::size_t threshold, bool peer)
        : spool_(spool), threshold_(threshold), peer_(peer)
    {}

    /// Errc::full, Errc::io.
    Result<> append(std::string octets);
    /// After the last octet.
    Result<> finish();

    [[nodiscard]] std::string take_octets() { return std::move(octets_); }
    [[nodiscard]] std::optional<store::SpoolFile> take_file() { return std::move(file_); }

private:
    Result<> spill();
    void rename_foreign();

    const store::Spool& spool_;
    std::size_t threshold_;
    bool peer_;
    std::string octets_;
    std::optional<store::SpoolFile> file_;
};
} // namespace ringpost::mta
