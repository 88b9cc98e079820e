// SPDX-License-Identifier: Apache-2.0
// Rows of `sent_page`: what a FAX machine has confirmed, kept until the result of its mail is written.
#pragma once

#include "store/sqlite.h"

#include <string>
#include <vector>

namespace ringpost::store
{
/// A page as it was sent: black and white, 1728 wide.
struct SentPage
{
    int page = 0; ///< of the document, from 0
    int rows = 0;
    int rows_per_inch = 196;
    bool zero_is_black = false;
    std::string coded; ///< ITU-T T.6, the first pixel in the highest bit
};

class SentPages
{
public:
    explicit SentPages(Connection& connection) : connection_(connection) {}

    /// A page that is there already is replaced: it was sent once more.
    void insert(RequestId request, const SentPage& page);
    /// In their order.
    [[nodiscard]] std::vector<SentPage> of(RequestId request);
    /// All that the parts of a mail's request have sent.
    void remove_of_parts(RequestId whole);

private:
    Connection& connection_;
};
} // namespace ringpost::store
