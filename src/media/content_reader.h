// SPDX-License-Identifier: Apache-2.0
// Finds the content that a request performs in its mail: for the controllers of the media.
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "media/contents.h"
#include "store/database.h"
#include "store/requests.h"
#include "store/spool.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace ringpost::media
{
/// A content as its mail names it, decoded.
struct FoundContent
{
    int number = 0;
    std::string octets;
    std::string media_type;    ///< lower case; of an alternative or related: of its first text/plain
    std::string charset;       ///< as written; empty: none
    bool confidential = false; ///< the mail is: nothing of it goes into a notice
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
    /// All documents of its mail (documents_of), which together have at most `most` octets: for a FAX address.
    boost::asio::awaitable<Result<std::vector<FoundContent>>> read_documents(store::Request request, std::size_t most);

private:
    using Wanted = std::function<std::vector<const Content*>(const std::vector<Content>&)>;
    boost::asio::awaitable<Result<std::vector<FoundContent>>> read_all(store::Request request, Wanted wanted,
                                                                       std::size_t most);

    store::Database& database_;
    store::Spool& spool_;
    const ScanLimits& limits_;
};
} // namespace ringpost::media
