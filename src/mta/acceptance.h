// SPDX-License-Identifier: Apache-2.0
// From the last octet of DATA to the 250: reads the mail, plans what becomes of it (mail_plan), and stores mail, queue
// items, requests, notices and audit rows in one transaction. What is for an own addressee and due at once is
// determined in it too, and never in the queue. A success is durable (RFC 5321 6.1).
#pragma once

#include "core/clock.h"
#include "core/config.h"
#include "core/tls.h"
#include "directory/directory.h"
#include "mta/determination.h"
#include "mta/mail_plan.h"
#include "service/notices.h"
#include "store/database.h"
#include "store/spool.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mta
{
struct IncomingMail
{
    Envelope envelope;
    Submitter submitter;
    std::string helo_name;
    std::string protocol; ///< `ESMTPA`, for Received
    std::string peer_address;
    /// The whole mail, foreign Ringpost-Exchange fields already renamed (mail_collector); unused where it was spooled.
    std::string octets;
    std::optional<store::SpoolFile> spooled; ///< written, not yet synced
    std::optional<TlsInfo> tls{};            ///< of the connection
    bool confidential = false;               ///< found when it was read
    std::string key_id{};                    ///< of a confidential mail: the file is sealed with this key
    std::int64_t spooled_octets = 0;         ///< of the mail in the file
};

/// where() of the failure of a mail that has gone through too many servers (RFC 5321 6.3).
inline constexpr std::string_view loop_field = "Received";

class Acceptance
{
public:
    Acceptance(const Config& config, Clock& clock, store::Database& database, store::Spool& spool,
               directory::Directory& directory, service::Notices& notices);

    /// The name under which the mail is known here. Failures as plan_mail(); Errc::full, io, unavailable: try again
    /// later.
    boost::asio::awaitable<Result<std::string>> accept(IncomingMail mail);

    /// Called when something was queued, on the executor that accept() ran on.
    void on_queued(std::function<void()> poke) { poke_ = std::move(poke); }
    /// `control`: the executor of requests. Until then everything is queued.
    void determine_with(Determination& determination, boost::asio::any_io_executor control)
    {
        determination_ = &determination;
        control_ = std::move(control);
    }

private:
    struct Prepared;
    struct Stored;
    struct Arrived;
    Result<Prepared> prepare(IncomingMail& mail);
    void keep_content(store::Mail& row, IncomingMail& mail) const;
    [[nodiscard]] bool at_once(const MailPlan& plan, const RecipientPlan& recipient, Instant now) const;
    boost::asio::awaitable<Result<Stored>> commit(std::shared_ptr<Prepared> prepared, store::SpoolFile* file);
    Result<Stored> store(store::Connection& connection, Prepared& prepared) const;
    std::optional<store::Request> store_recipient(store::Connection& connection, const Prepared& prepared,
                                                  const RecipientPlan& recipient, store::QueueItem& item,
                                                  Stored& stored) const;
    void determine(store::Connection& connection, const store::Mail& mail, std::vector<Arrived> arrived,
                   Stored& stored) const;
    [[nodiscard]] std::string trace(const IncomingMail& mail, const std::string& name, Instant now) const;
    [[nodiscard]] std::string new_number();

    const Config& config_;
    Clock& clock_;
    store::Database& database_;
    store::Spool& spool_;
    directory::Directory& directory_;
    service::Notices& notices_;
    std::function<void()> poke_;
    Determination* determination_ = nullptr;
    boost::asio::any_io_executor control_;
    std::atomic<std::uint32_t> counter_ = 0;
};
} // namespace ringpost::mta
