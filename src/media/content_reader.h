// SPDX-License-Identifier: Apache-2.0
// Finds the content that a request performs in its mail: for the controllers of the media.
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "store/database.h"
#include "store/requests.h"
#include "store/spool.h"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ringpost::media
{
/// A content as its mail names it, decoded.
struct FoundContent
{
    std::string octets;
    std::string media_type; ///< lower case; of an alternative or related: of its first text/plain
    std::string charset;    ///< as written; empty: none
};

class ContentReader
{
public:
    ContentReader(store::Database& database, store::Spool& spool, const ScanLimits& limits)
        : database_(database), spool_(spool), limits_(limits)
    {}

    /// The content of `request`, which is part of the request of a mail. Errc::not_found: the mail, or its content, is
    /// gone; Errc::too_large: more than `most` octets; Errc::malformed: its transfer encoding is wrong. From any
    /// executor, on which it goes on.
    boost::asio::awaitable<Result<FoundContent>> read(store::Request request, std::size_t most);

private:
    store::Database& database_;
    store::Spool& spool_;
    const ScanLimits& limits_;
};
} // namespace ringpost::media
