// SPDX-License-Identifier: Apache-2.0
// A document out of a mail, whatever its kind, as pages that a FAX modem sends (spec 2.8; T.37, RFC 3949).
#pragma once

#include "core/result.h"
#include "media/fax_tiff.h"
#include "media/sandbox.h"
#include "media/sniff.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ringpost::media
{
struct FaxLimits
{
    std::size_t pages = 100;
    std::size_t pixels = 40'000'000; ///< of one page, as it is in the document
    std::size_t octets = 20 * MiB;   ///< of the document, as it is in the mail
};

/// Pages in memory, shared by whoever sends them.
struct FaxDocument
{
    std::shared_ptr<const std::vector<FaxPage>> pages;

    [[nodiscard]] std::size_t size() const { return pages ? pages->size() : 0; }
    /// A TIFF of the pages from `first` (from 0) on, at most `count`.
    [[nodiscard]] std::string tiff(std::size_t first = 0, std::size_t count = SIZE_MAX) const;
};

/// TIFF (any), PDF and plain text. All of it is read and drawn by programs in the sandbox; here only the tags of a TIFF
/// are looked at.
class FaxReader
{
public:
    /// `limits`: of a conversion. Its output and scratch are bounded by the document's limits instead.
    explicit FaxReader(Sandbox& sandbox, const SandboxLimits& limits = {});

    /// `declared_type`: the media type that the mail names, with its charset (`text/plain; charset=iso-2022-jp`): the
    /// content tells what it is, but not the charset of a text. Black and white pages of a TIFF that are 1728 wide keep
    /// their pixels where all are so; everything else is drawn on A4, 204 x 196 dpi. Errors, each with a sentence for
    /// the sender: Errc::malformed: empty or damaged; Errc::unsupported: nothing that can be sent by FAX;
    /// Errc::too_large: the limit is named; Errc::timeout, Errc::unavailable: as of Sandbox. From any thread; goes on
    /// on the caller's executor.
    boost::asio::awaitable<Result<FaxDocument>> read(std::string octets, std::string declared_type, FaxLimits limits);

private:
    Sandbox& sandbox_;
    SandboxLimits limits_;
};

/// The charset that a media type names (RFC 2046 4.1.2); empty: none.
[[nodiscard]] std::string charset_of(std::string_view declared_type);
} // namespace ringpost::media
