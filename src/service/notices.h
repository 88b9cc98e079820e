// SPDX-License-Identifier: Apache-2.0
// Notices as rows of the mail queue (transactional outbox): written in the transaction of the change that they tell of,
// those for own users straight into their mailboxes.
#pragma once

#include "directory/directory.h"
#include "notice/bounce.h"
#include "store/mails.h"
#include "store/queue.h"
#include "store/requests.h"

#include <filesystem>
#include <string>

namespace ringpost::service
{
struct NoticeOptions
{
    std::string domain;        ///< of this gateway: sender and request numbers
    Duration expiry = 5 * 24h; ///< how long delivery of a notice is tried
    Duration monitor_time_cap = 24h;
    std::filesystem::path spool{};               ///< where the octets of large mails are, whose header a notice returns
    std::size_t copies_octets = 5 * 1024 * 1024; ///< of all copies of FAXes in one result
};

/// The request number that the Message-ID of a completed or result notice of any gateway names; nullopt: it is none.
[[nodiscard]] std::optional<std::string> request_of_notice(std::string_view message_id);

/// Which inquiry the Message-ID of an inquiry mail names; nullopt: it is none.
struct InquiryName
{
    std::string request; ///< number
    int step = 0;
};
[[nodiscard]] std::optional<InquiryName> inquiry_of_mail(std::string_view message_id);

class Notices
{
public:
    Notices(NoticeOptions options, directory::Directory& directory)
        : options_(std::move(options)), directory_(directory)
    {}

    /// From now on own users have mailboxes; until then (in a simulation) their notices are queued too.
    void deliver_own() { deliver_own_ = true; }

    /// The one result of a request (spec 2.7). False: there is nobody to tell.
    bool queue_result(store::Connection& connection, const store::Request& request, const std::string& why,
                      Instant now) const;
    /// `transmission completed` (spec 2.5), unless the sender does not want it. `mail`: of the request, where it is at
    /// hand. True: it is in the queue, and not in a mailbox already.
    bool queue_completed(store::Connection& connection, const store::Request& request, Instant now,
                         const store::Mail* mail = nullptr) const;

    /// Asks the addressee whether to go on (spec 2.10). `content` is what is asked for; `link` may be empty.
    struct Inquiry
    {
        const store::Request& request;
        int step = 0;
        Medium content = Medium::exchange;
        std::string link;
        Instant until{};
    };
    /// False: the addressee is no longer in the directory.
    bool queue_inquiry(store::Connection& connection, const Inquiry& inquiry, Instant now) const;

    /// Failure or delay of a queued mail (RFC 3464). Never about a mail with null sender, nor
    /// of the delay of an automatic one, nor where NOTIFY of the recipient does not want it (RFC 3461 4.1).
    struct Undelivered
    {
        const store::QueueItem& item;
        const store::Mail& mail;
        bool delayed = false; ///< still tried until item.expires
        std::string status;   ///< RFC 3463, `5.1.1`
        std::string diagnostic;
        std::string remote_mta;
    };
    bool queue_undelivered(store::Connection& connection, const Undelivered& facts, Instant now) const;

    /// What `NOTIFY=SUCCESS` asks for (RFC 3461 5.2.2, 5.3.1): the mail is in the hands of its addressee, or of a
    /// server that will not tell. Never to a stranger, whose address proves nothing, nor as for queue_undelivered().
    /// True as for queue_completed().
    struct Delivered
    {
        const store::QueueItem& item;
        const store::Mail& mail;
        bool relayed = false;
        std::string diagnostic; ///< what that server said
        std::string remote_mta;
    };
    bool queue_delivered(store::Connection& connection, const Delivered& facts, Instant now) const;

    // ---- cancel_mail.cpp

    /// To the gateway that performs `request`, which has ended here: it may have its mail, although the answer was
    /// lost. Nobody is told what becomes of this mail.
    void queue_cancel(store::Connection& connection, const store::Request& request, Instant now) const;
    /// What became of a mail that cancels a request. False: there is nobody to tell.
    bool queue_cancel_result(store::Connection& connection, const store::QueueItem& item, const store::Mail& mail,
                             Cause cause, const std::string& why, Instant now) const;

    /// A notice that was composed elsewhere. False: it is in the mailbox of an own user.
    bool queue_text(store::Connection& connection, const std::string& to, const std::string& mail,
                    const std::string& exchange, Instant now) const;

private:
    bool queue_report(store::Connection& connection, const store::QueueItem& item, const store::Mail& mail,
                      notice::BounceFacts bounce, Instant now) const;

    NoticeOptions options_;
    directory::Directory& directory_;
    bool deliver_own_ = false;
};
} // namespace ringpost::service
