// SPDX-License-Identifier: Apache-2.0
// Removes the spool files of mails that are gone: first the file goes, then its row, so that a crash leaves none
// behind.
#pragma once

#include "store/database.h"
#include "store/spool.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <set>
#include <string>

namespace ringpost::store
{
class DeadFiles
{
public:
    /// Of files, that are told one by one.
    static constexpr std::size_t told_at_most = 100;

    DeadFiles(Database& database, const Spool& spool) : database_(database), spool_(spool) {}

    /// Removes them all, until `held` says that none may go now. One that cannot be removed keeps its row, for the next
    /// time; the log tells of it once.
    boost::asio::awaitable<void> remove(std::function<bool()> held);
    /// Logs those that could not be removed, each once.
    void tell(const Spool::Removed& removed);

private:
    Database& database_;
    const Spool& spool_;
    std::set<std::string> stuck_; ///< of which the log has told
};
} // namespace ringpost::store
