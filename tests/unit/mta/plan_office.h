// SPDX-License-Identifier: Apache-2.0
// plan_mail() on the small office of mail_office.h, and what is asked of a plan.
#pragma once

#include "mail_office.h"
#include "mta/mail_plan.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

namespace ringpost::mta::test
{
using Rows = store::DirectoryData;

struct Office
{
    explicit Office(const std::function<void(Rows&)>& edit = {}) : config(default_config())
    {
        auto rows = people();
        if (edit)
        {
            edit(rows);
        }
        directory = std::make_unique<directory::Snapshot>(std::move(rows), directory::test::office());
    }

    Result<MailPlan> operator()(const Letter& letter)
    {
        const auto analysis = media::analyse(letter.octets, config.scan);
        const Envelope envelope = envelope_of(letter);
        return plan_mail({envelope, analysis, letter.submitter, now}, *directory, config,
                         [this] { return std::to_string(++numbers) + "@office.example"; });
    }

    Config config;
    std::unique_ptr<directory::Snapshot> directory;
    int numbers = 0;
};

/// The only recipient's request; a failure of the test where there is none.
inline store::Request request_of(const Result<MailPlan>& plan)
{
    REQUIRE(plan.has_value());
    REQUIRE(plan->recipients.size() == 1);
    REQUIRE(plan->recipients[0].request);
    return *plan->recipients[0].request;
}

inline service::ExchangeField field_of(const RecipientPlan& recipient)
{
    return service::parse_exchange_field(recipient.exchange).value();
}

/// An ordinary mail for everybody, which a peer recognises by its id.
inline bool ordinary(const Result<MailPlan>& plan)
{
    return plan.has_value() &&
           std::none_of(plan->recipients.begin(), plan->recipients.end(), [](const auto& recipient) {
               return recipient.request || (!recipient.exchange.empty() && field_of(recipient).order);
           });
}

inline bool noted(const Result<MailPlan>& plan, const std::string& rule)
{
    return plan.has_value() && std::any_of(plan->audit.begin(), plan->audit.end(), [&rule](const AuditNote& row) {
               return !row.allowed && row.rule.find(rule) != std::string::npos;
           });
}

inline bool contains(const std::string& text, const std::string& what)
{
    return text.find(what) != std::string::npos;
}

/// Refused to a peer's sender: an ended request with that cause, and nothing that still orders.
inline void require_refused(const Result<MailPlan>& plan, Cause cause, const std::string& why)
{
    const auto request = request_of(plan);
    CHECK(request.state == RequestState::failed);
    CHECK(request.cause == cause);
    CHECK(request.ended_at == now);
    CHECK(request.sender == jiro_b);
    CHECK(contains(plan->recipients[0].reason, why));
    CHECK_FALSE(field_of(plan->recipients[0]).order);
    CHECK(noted(plan, why));
}

inline const std::string part_type = "application/vnd.ringpost.exchange-information";
} // namespace ringpost::mta::test
