// SPDX-License-Identifier: Apache-2.0
// How plan_mail() decides: one object for one mail. Own users' mails are planned in mail_plan_own.cpp, those of peer
// gateways in mail_plan_peer.cpp; what all share is in mail_plan.cpp (spec 2.2, table of senders).
#pragma once

#include "mta/mail_plan.h"
#include "scenario/script.h"

namespace ringpost::mta
{
class Planner
{
public:
    Planner(const MailFacts& mail, const directory::Snapshot& directory, const Config& config,
            const std::function<std::string()>& new_number);

    Result<MailPlan> run();

private:
    using Info = media::ExchangeInformation;

    // ---- all senders
    MailPlan stranger();
    /// Each addressee once, whatever aliases and endings the sender used.
    void collect_recipients();
    /// Automatic mails and mails with a null sender start no calls (spec 8).
    [[nodiscard]] bool starts_no_calls() const;
    [[nodiscard]] bool by_address() const; ///< somebody is addressed with `+call` or `+callnow`, or a FAX is
    [[nodiscard]] bool orders_anything() const;
    /// What is ordered for a recipient, the first way that is found (spec 2.2); nullopt: nothing.
    [[nodiscard]] std::optional<Info> ordered(std::size_t index) const;
    /// With the question that an addressee wants before anything is done.
    [[nodiscard]] std::size_t calls_to(const RecipientPlan& recipient, Trigger trigger) const;
    [[nodiscard]] std::size_t calls_ordered() const;
    [[nodiscard]] bool wants_express() const;
    [[nodiscard]] std::string too_many_calls() const;
    /// Of a FAX address: the number is in it, and nobody fetches a mail there.
    static void order_fax(const RecipientPlan& recipient, service::Order& order);
    /// Who is asked for at an own address, or what FAX machine; nullopt: there is no such mailbox.
    [[nodiscard]] std::optional<Addressee> addressee_of(const RecipientPlan& recipient) const;
    /// What is to be done with the contents: as written, or implied by voices. Empty text: there is only the exchange
    /// information. Errors name the line.
    [[nodiscard]] Result<std::string> scenario(const RecipientPlan& recipient) const;
    [[nodiscard]] Result<scenario::Script> read_script() const;
    [[nodiscard]] bool confidential() const;
    /// Confidential voices and FAXes are released by a PIN, which the addressee must have. Errc::refused otherwise.
    [[nodiscard]] Result<> check_pin(const RecipientPlan& recipient) const;
    void note(const std::string& request, const std::string& number, bool allowed, const std::string& rule);

    // ---- own users: an error is the answer to DATA
    Result<MailPlan> own_user();
    [[nodiscard]] Result<> check_sender() const;
    [[nodiscard]] Result<> check_submission() const;
    [[nodiscard]] Result<> check_no_calls();
    [[nodiscard]] Result<> check_order() const;
    Result<> apply_service();
    Result<> plan_own(std::size_t index);
    Result<> plan_here(RecipientPlan& recipient, const service::Order& order, const std::string& id);
    Result<> plan_relay(RecipientPlan& recipient, const service::Order& order, const std::string& id);
    Result<> check_instead(const store::Request& followed);

    // ---- peer gateways: an error becomes an ordinary mail and a result
    MailPlan peer();
    void peer_with_field(std::string_view written);
    void peer_without_field();
    [[nodiscard]] std::optional<Failure> unread() const;
    void plan_peer(const service::Order& order, const std::string& id);
    void plan_written(std::size_t index, const Info& info);
    void plan_peer_recipient(RecipientPlan& recipient, service::Order order, const std::string& id);
    void refuse_all(Cause cause, const std::string& why);
    void refuse(RecipientPlan& recipient, const service::Order& order, const std::string& id, Cause cause,
                const std::string& told);

    const MailFacts& mail_;
    const directory::Snapshot& directory_;
    const Config& config_;
    const std::function<std::string()>& new_number_;
    Sender sender_;
    MailPlan plan_;
    std::vector<std::optional<Trigger>> triggers_; ///< of `+call` addresses, as plan_.recipients
    std::string plain_id_;                         ///< of an own user's mail at recipients without an order
    Result<scenario::Script> script_;              ///< of the mail
};

/// The value of Ringpost-Exchange for one addressee; without order the id alone.
[[nodiscard]] std::string exchange_field(const std::string& id, const std::optional<service::Order>& order);
} // namespace ringpost::mta
