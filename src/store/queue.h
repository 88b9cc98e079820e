// SPDX-License-Identifier: Apache-2.0
// Rows of `queue_item`: what is still to be done with a mail for one recipient.
#pragma once

#include "store/sqlite.h"

#include <optional>
#include <string>
#include <vector>

namespace ringpost::store
{
struct QueueItem
{
    QueueItemId id{};
    MailId mail{};
    std::string recipient;
    std::string exchange; ///< value of Ringpost-Exchange for this recipient, or empty
    RequestId request{};  ///< the request that the mail makes for this recipient; 0: none
    std::string notify;   ///< RFC 3461 NOTIFY, or empty
    std::string orcpt;
    bool express = false;
    Instant due{};
    Instant expires{};
    int attempts = 0;
    bool delay_told = false;
    std::string last_error;
};

class Queue
{
public:
    explicit Queue(Connection& connection) : connection_(connection) {}

    QueueItemId insert(const QueueItem& item);
    [[nodiscard]] std::optional<QueueItem> find(QueueItemId id);
    /// Express ones first, then those that have been due for longest.
    [[nodiscard]] std::vector<QueueItem> due(Instant now, int limit);
    /// When the next one after `now` is due.
    [[nodiscard]] std::optional<Instant> next_due(Instant now);
    [[nodiscard]] std::vector<QueueItem> list(int limit);
    /// Stores due, attempts, delay_told, last_error.
    void save(const QueueItem& item);
    void remove(QueueItemId id);
    /// The mail goes on without the request that it made; `exchange` replaces the value of Ringpost-Exchange.
    void detach(QueueItemId id, const std::string& exchange);
    /// Removes the items that wait to hand request `request` on; true if there was one.
    bool remove_of_request(RequestId request);

private:
    Connection& connection_;
};
} // namespace ringpost::store
