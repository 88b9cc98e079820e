// SPDX-License-Identifier: Apache-2.0
// Goes through the mail queue: what is due for an own addressee is determined, everything else is relayed to the
// gateway that the destination database names, or to whom the DNS names; with retries, a delay notice and an end
// (spec 2.4). On the control executor; connections run on the I/O contexts.
#pragma once

#include "core/config.h"
#include "core/signal.h"
#include "core/spawn.h"
#include "mta/determination.h"
#include "mta/fallback.h"
#include "mta/relay/connection.h"
#include "mta/relay/dns_route.h"
#include "mta/settlement.h"
#include "service/queue_desk.h"
#include "store/spool.h"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <map>
#include <memory>
#include <unordered_set>

namespace ringpost::mta
{
class QueueRunner
{
public:
    QueueRunner(boost::asio::any_io_executor control, std::vector<boost::asio::io_context*> contexts,
                const Config& config, Clock& clock, store::Database& database, store::Spool& spool,
                directory::Directory& directory, service::Notices& notices, Determination& determination,
                const TlsClient& tls, service::QueueDesk& desk, const Fallback& fallback);

    /// Mail for domains that the destination database does not know goes where the DNS says; before start().
    void route_by(DnsRouter& dns) { dns_ = &dns; }

    void start();
    /// Begins nothing any more; mails whose octets are being sent are brought to their end.
    void stop();
    boost::asio::awaitable<void> stopped() { return tasks_.when_empty(); }

    /// Something was queued. From any thread.
    void poke();

private:
    /// The mails for one next hop, and the connections that send them.
    struct Hop
    {
        directory::Destination destination;
        std::deque<store::QueueItem> items;
        std::size_t in_hand = 0; ///< items, and those being sent
        std::size_t connections = 0;
        std::vector<Signal*> idle; ///< connections that wait for another mail
    };

    boost::asio::awaitable<void> loop();
    struct Taken
    {
        bool more = false;           ///< perhaps: something was taken or put aside
        std::optional<Instant> next; ///< else: when something falls due
    };
    boost::asio::awaitable<Taken> take_due();
    [[nodiscard]] bool has_room(const store::QueueItem& item) const;
    /// Who gets mail for this address; one without a host is found by DNS. nullopt: nobody.
    [[nodiscard]] std::optional<directory::Destination> next_hop(const std::string& recipient) const;
    [[nodiscard]] static std::string key_of(const directory::Destination& destination);
    boost::asio::awaitable<void> park(std::vector<store::QueueItem> items);
    void dispatch(store::QueueItem item);
    boost::asio::awaitable<void> cancel(store::QueueItem item, std::string reference);
    /// To its addressee at another office.
    void send_on(store::QueueItem item);
    boost::asio::awaitable<void> determine(store::QueueItem item);
    boost::asio::awaitable<void> refuse(store::QueueItem item);
    boost::asio::awaitable<void> take_over(store::QueueItem item);
    void relay(const directory::Destination& destination, store::QueueItem item);
    void start_hops();
    void end_an_idle_connection();
    boost::asio::awaitable<void> serve_hop(std::string key);
    boost::asio::awaitable<void> work_off(Hop& hop, std::unique_ptr<RelayConnection>& connection);
    /// The first that waits and all others that the same copy of the mail does for; none that is being changed.
    std::vector<store::QueueItem> take_copy(Hop& hop);
    boost::asio::awaitable<void> relay_copy(Hop& hop, std::unique_ptr<RelayConnection>& connection,
                                            std::vector<store::QueueItem> items, bool reused);
    boost::asio::awaitable<void> settle_copy(Hop& hop, std::vector<store::QueueItem> items,
                                             std::vector<Outcome> outcomes, Remote remote);
    /// Leaves out of `items` what was called back, deleted or held while it waited for a connection.
    boost::asio::awaitable<Result<RelayBody>> read_body(std::vector<store::QueueItem>& items, Envelope& envelope,
                                                        bool gateway);
    [[nodiscard]] Result<RelayBody> body_of(const std::vector<store::QueueItem>& items, std::optional<store::Mail> mail,
                                            Envelope& envelope, bool gateway) const;
    void put_back(Hop& hop, store::QueueItem item);
    /// Onto a new connection: what a server once announced, or that it has gone, says nothing about these mails now.
    void start_afresh(Hop& hop, std::unique_ptr<RelayConnection>& connection, std::vector<store::QueueItem> items);
    boost::asio::awaitable<std::unique_ptr<RelayConnection>> connect(directory::Destination destination, Outcome& why);
    /// With a farewell.
    static boost::asio::awaitable<void> end(std::unique_ptr<RelayConnection> connection);
    /// In one transaction, which is repeated until it is stored; when the gateway stops, once more.
    boost::asio::awaitable<void> settle(std::vector<Relayed> relayed);
    boost::asio::awaitable<bool> store_settlement(std::vector<Relayed> relayed);
    boost::asio::awaitable<void> postpone(store::QueueItem item, std::string why);
    void done(const store::QueueItem& item);

    boost::asio::any_io_executor control_;
    std::vector<boost::asio::io_context*> contexts_;
    std::size_t next_context_ = 0;
    const Config& config_;
    Clock& clock_;
    store::Database& database_;
    store::Spool& spool_;
    directory::Directory& directory_;
    service::Notices& notices_;
    Determination& determination_;
    const TlsClient& tls_;
    service::QueueDesk& desk_;
    DnsRouter* dns_ = nullptr;
    const Fallback& fallback_;

    Signal due_;
    std::unordered_set<QueueItemId> in_hand_;
    std::unordered_set<QueueItemId> finished_; ///< since the last reading of the queue began, which may still show them
    std::map<QueueItemId, std::string> hop_of_; ///< of those in hand that are relayed
    std::map<std::string, Hop> hops_;
    std::vector<Signal*> unsettled_; ///< wait until what became of mails can be stored
    std::size_t connections_ = 0;
    std::size_t determining_ = 0;
    bool stopping_ = false;
    TaskGroup tasks_;
};
} // namespace ringpost::mta
