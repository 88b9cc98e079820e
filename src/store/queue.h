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
    std::string last_error; ///< of the last try
    bool held = false;      ///< an administrator holds it back: it is not due before it is released
    std::string refused;    ///< why the order of the mail is not performed, for the delivered mail; or empty
};

/// An item with what its mail says about it.
struct QueueRow
{
    QueueItem item;
    Instant accepted_at{};
    std::string reverse_path; ///< empty: null sender
    std::int64_t octets = 0;  ///< of the mail
    std::string message_id;
    std::string request_number; ///< of item.request, or empty
};

class Queue
{
public:
    explicit Queue(Connection& connection) : connection_(connection) {}

    QueueItemId insert(const QueueItem& item);
    [[nodiscard]] std::optional<QueueItem> find(QueueItemId id);
    /// Express ones first, then those that have been due for longest; without those that are held.
    [[nodiscard]] std::vector<QueueItem> due(Instant now, int limit);
    /// When the next one after `now` is due.
    [[nodiscard]] std::optional<Instant> next_due(Instant now);
    /// Of one item, or of those for recipients in `domain` (empty: all), those that are due next first.
    [[nodiscard]] std::optional<QueueRow> row(QueueItemId id);
    [[nodiscard]] std::vector<QueueRow> rows(const std::string& domain, int limit);
    [[nodiscard]] std::vector<QueueItemId> ids(const std::string& domain);
    /// Stores due, attempts, delay_told, last_error.
    void save(const QueueItem& item);
    void set_held(QueueItemId id, bool held);
    void remove(QueueItemId id);
    /// The mail goes on without the request that it made; `exchange` replaces the value of Ringpost-Exchange.
    void detach(QueueItemId id, const std::string& exchange);
    /// Removes the items that wait to hand request `request` on, and answers them.
    std::vector<QueueItem> remove_of_request(RequestId request);

private:
    Connection& connection_;
};
} // namespace ringpost::store
