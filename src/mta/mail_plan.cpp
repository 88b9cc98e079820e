// SPDX-License-Identifier: Apache-2.0
#include "mta/mail_plan.h"

#include "mta/cancel_reply.h"
#include "mta/confidential.h"
#include "mta/planner.h"
#include "mta/server/ascii.h"
#include "scenario/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace ringpost::mta
{
namespace
{
constexpr std::string_view call_extension = "call";
constexpr std::string_view call_now_extension = "callnow";

std::string format_notify(const Notify& notify)
{
    if (!notify.given)
    {
        return {};
    }
    if (notify.never)
    {
        return "NEVER";
    }
    std::string text;
    for (const auto& [set, name] :
         {std::pair{notify.success, "SUCCESS"}, {notify.failure, "FAILURE"}, {notify.delay, "DELAY"}})
    {
        if (set)
        {
            text += (text.empty() ? "" : ",") + std::string(name);
        }
    }
    return text;
}
} // namespace

std::string exchange_field(const std::string& id, const std::optional<service::Order>& order)
{
    service::ExchangeField field;
    field.id = id;
    field.order = order;
    return format(field);
}

Planner::Planner(const MailFacts& mail, const directory::Snapshot& directory, const Config& config,
                 const std::function<std::string()>& new_number)
    : mail_(mail), directory_(directory), config_(config), new_number_(new_number), script_(read_script())
{
    sender_.submitter = mail.submitter;
    sender_.name = mail.analysis.from_display_name;
    sender_.language = config.gateway.language;
    if (mail.envelope.reverse_path)
    {
        sender_.address = to_string(*mail.envelope.reverse_path);
    }
}

Result<MailPlan> Planner::run()
{
    collect_recipients();
    switch (mail_.submitter.standing)
    {
    case Standing::own_user:
        return own_user();
    case Standing::peer:
        return peer();
    default:
        return stranger();
    }
}

MailPlan Planner::stranger()
{
    if (mail_.analysis.order || mail_.analysis.order_error || by_address())
    {
        note("", "", false, "strangers start no calls");
    }
    return std::move(plan_);
}

void Planner::collect_recipients()
{
    std::map<std::string, std::size_t> known;
    for (const auto& written : mail_.envelope.recipients)
    {
        const auto address = read_call_address(written.mailbox);
        RecipientPlan recipient;
        recipient.own = address.addressee.domain.empty() || directory_.own_domain(address.addressee.domain);
        const auto* user = recipient.own ? directory_.user_by_address(to_string(address.addressee)) : nullptr;
        recipient.recipient = user == nullptr ? to_string(address.addressee) : user->address;
        recipient.fax = media::fax_machine_at(recipient.recipient);
        recipient.notify = format_notify(written.notify);
        recipient.orcpt = written.orcpt;
        // One machine, however its number is written.
        const auto key = recipient.fax ? fmt::format("{}/{}@{}", recipient.fax->number, recipient.fax->sub_address,
                                                     address.addressee.domain)
                                       : recipient.recipient;
        const auto [place, fresh] = known.emplace(key, plan_.recipients.size());
        if (fresh)
        {
            plan_.recipients.push_back(std::move(recipient));
            triggers_.push_back(trigger_of(written.mailbox));
        }
        else if (!triggers_[place->second])
        {
            // To: taro@…, Cc: taro+call@… is one addressee, who is called.
            triggers_[place->second] = trigger_of(written.mailbox);
        }
    }
}

bool Planner::starts_no_calls() const
{
    return mail_.analysis.automatic || !mail_.envelope.reverse_path;
}

bool Planner::by_address() const
{
    return std::any_of(triggers_.begin(), triggers_.end(), [](const auto& trigger) { return trigger.has_value(); });
}

bool Planner::orders_anything() const
{
    return mail_.analysis.order || mail_.analysis.order_error || by_address() || cancel_by_reply(mail_.analysis);
}

std::optional<Planner::Info> Planner::ordered(std::size_t index) const
{
    const auto& order = mail_.analysis.order;
    if (plan_.recipients[index].fax)
    {
        return order ? order->info : Info{}; // how long it is tried, for example
    }
    if (order && order->way != media::WrittenOrder::Way::text_paragraph)
    {
        return order->info;
    }
    if (triggers_[index])
    {
        Info info;
        info.trigger = triggers_[index];
        return info;
    }
    if (order)
    {
        return order->info;
    }
    return cancel_by_reply(mail_.analysis);
}

std::size_t Planner::calls_to(const RecipientPlan& recipient, Trigger trigger) const
{
    if (recipient.fax)
    {
        return 1;
    }
    // Each content of a scenario is a call of its own, each question too.
    const std::size_t written = script_.has_value() ? std::max<std::size_t>(scenario::calls_of(*script_), 1) : 1;
    const auto* user = recipient.own ? directory_.user_by_address(recipient.recipient) : nullptr;
    const bool asked_first = user != nullptr && user->ask_first && trigger == Trigger::user_reception;
    return written + (asked_first ? 1 : 0);
}

std::size_t Planner::calls_ordered() const
{
    std::size_t calls = 0;
    for (std::size_t i = 0; i < plan_.recipients.size(); ++i)
    {
        const auto info = ordered(i);
        const bool dials = info && info->request != RequestKind::cancel;
        calls += dials ? calls_to(plan_.recipients[i], info->trigger.value_or(Trigger::user_reception)) : 0;
    }
    return calls;
}

Result<scenario::Script> Planner::read_script() const
{
    const auto& analysis = mail_.analysis;
    scenario::Script script;
    if (analysis.scenario_present)
    {
        auto written = scenario::parse(analysis.scenario, config_.scenario);
        if (written.has_error())
        {
            return written.error();
        }
        script = std::move(*written);
        if (const auto checked = scenario::check(script, analysis.contents, true); checked.has_error())
        {
            return checked.error();
        }
    }
    else
    {
        script = scenario::implied(analysis.contents, true);
    }
    return script;
}

Result<std::string> Planner::scenario(const RecipientPlan& recipient) const
{
    if (recipient.fax)
    {
        const auto script =
            mail_.analysis.scenario_present
                ? Result<scenario::Script>(
                      fail(Errc::malformed, "the mail", "has a scenario, which nobody at a FAX address performs"))
                : scenario::faxed(mail_.analysis.contents);
        return script.has_error() ? Result<std::string>(script.error())
                                  : Result<std::string>(scenario::canonical(*script));
    }
    if (script_.has_error())
    {
        return script_.error();
    }
    const bool connection_alone = !mail_.analysis.scenario_present && script_->steps.size() < 2;
    return connection_alone ? std::string{} : scenario::canonical(*script_);
}

bool Planner::wants_express() const
{
    const auto& service = mail_.analysis.service;
    return mail_.envelope.priority.value_or(0) > 0 || (service && service->express());
}

void Planner::order_fax(const RecipientPlan& recipient, service::Order& order)
{
    if (recipient.fax)
    {
        order.destination_number = recipient.fax->number;
        order.trigger = Trigger::system_recognition;
    }
}

std::optional<Addressee> Planner::addressee_of(const RecipientPlan& recipient) const
{
    if (recipient.fax)
    {
        return Addressee{recipient.recipient, recipient.fax->number};
    }
    const auto* user = directory_.user_by_address(recipient.recipient);
    return user == nullptr ? std::nullopt : std::optional(Addressee{user->address, own_number(*user)});
}

bool Planner::confidential() const
{
    return is_confidential(mail_.analysis, mail_.submitter.standing);
}

Result<> Planner::check_pin(const RecipientPlan& recipient) const
{
    if (!confidential())
    {
        return {};
    }
    if (recipient.fax)
    {
        return fail(Errc::refused, recipient.recipient,
                    "nobody at a FAX machine can key in the PIN that releases a confidential FAX");
    }
    const auto* addressee = directory_.user_by_address(recipient.recipient);
    if (script_.has_error() || (addressee != nullptr && !addressee->pin_hash.empty()))
    {
        return {};
    }
    const auto connection = scenario::exchange_of(mail_.analysis.contents, true);
    for (const auto& step : script_->steps)
    {
        for (const auto reference : scenario::contents_of(step))
        {
            if (reference != connection)
            {
                return fail(Errc::refused, recipient.recipient,
                            "has no PIN in the directory, which releases confidential recordings and FAXes");
            }
        }
    }
    return {};
}

std::string Planner::too_many_calls() const
{
    return fmt::format("one mail can start at most {} calls", config_.service.calls_per_mail);
}

void Planner::note(const std::string& request, const std::string& number, bool allowed, const std::string& rule)
{
    plan_.audit.push_back({request, number, allowed, rule});
}

CallAddress read_call_address(const Mailbox& written)
{
    auto plus = split_plus(written);
    if (ascii::same(plus.extension, call_extension))
    {
        return {std::move(plus.base), Trigger::user_reception};
    }
    if (ascii::same(plus.extension, call_now_extension))
    {
        return {std::move(plus.base), Trigger::system_recognition};
    }
    return {written, std::nullopt};
}

std::optional<Trigger> trigger_of(const Mailbox& written)
{
    return media::is_fax_address(written.local_part) ? Trigger::system_recognition : read_call_address(written).trigger;
}

Result<MailPlan> plan_mail(const MailFacts& mail, const directory::Snapshot& directory, const Config& config,
                           const std::function<std::string()>& new_number)
{
    return Planner(mail, directory, config, new_number).run();
}
} // namespace ringpost::mta
