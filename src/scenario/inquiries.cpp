// SPDX-License-Identifier: Apache-2.0
#include "scenario/inquiries.h"

#include "core/log.h"
#include "core/token.h"
#include "notice/bounce.h"
#include "notice/inquiry_notice.h"
#include "store/inquiries.h"
#include "store/mails.h"

namespace ringpost::scenario
{
namespace
{
Failure over()
{
    return fail(Errc::not_found, "inquiry", std::string(notice::question_is_over));
}
} // namespace

boost::asio::awaitable<Result<InquiryView>> Inquiries::look(std::string token)
{
    const auto directory = directory_.current();
    std::function<Result<InquiryView>(store::Connection&)> unit =
        [hash = token_hash(token), directory,
         now = clock_.now()](store::Connection& connection) -> Result<InquiryView> {
        const auto row = store::Inquiries(connection).find(hash);
        const auto request = row ? store::Requests(connection).find(row->request) : std::nullopt;
        if (!request || row->until <= now)
        {
            return over();
        }
        const auto mail = request->mail ? store::Mails(connection).find(*request->mail) : std::nullopt;
        const auto* user = directory->user_by_address(request->addressee);
        notice::InquiryFacts facts;
        facts.content = row->medium;
        facts.destination_number = request->destination_number;
        facts.source_number = request->source_number;
        InquiryView view;
        view.language = user == nullptr ? notice::Language::en : notice::language_from_tag(user->language);
        view.from = request->name.empty() ? request->sender : request->name;
        view.subject = mail ? mail->subject : std::string{};
        view.asked = notice::inquiry_question(view.language, facts);
        view.until = row->until;
        return view;
    };
    co_return co_await database_.read<InquiryView>(std::move(unit));
}

boost::asio::awaitable<Result<>> Inquiries::answer(std::string token, bool ok)
{
    std::function<Result<service::Transition>(store::Connection&)> unit =
        [this, hash = token_hash(token), ok,
         running = scheduler_.running()](store::Connection& connection) -> Result<service::Transition> {
        const auto row = store::Inquiries(connection).find(hash);
        if (!row)
        {
            return over();
        }
        auto answered = director_.answered(connection, row->request, row->step, ok, running, clock_.now());
        if (!answered.applied)
        {
            return over();
        }
        return answered;
    };
    const auto stored = co_await store(std::move(unit));
    co_return stored;
}

boost::asio::awaitable<Result<>> Inquiries::reply(service::InquiryReply reply, Submitter from,
                                                  std::function<void(store::Connection&)> also)
{
    const auto directory = directory_.current();
    std::function<Result<service::Transition>(store::Connection&)> unit =
        [this, directory, reply, from, also,
         running = scheduler_.running()](store::Connection& connection) -> Result<service::Transition> {
        const auto request = store::Requests(connection).find(reply.request);
        const auto* asked = request ? directory->user_by_address(request->addressee) : nullptr;
        const bool theirs =
            asked != nullptr && from.standing == Standing::own_user && directory->user_by_address(from.name) == asked;
        if (!theirs)
        {
            return fail(Errc::refused, reply.request, std::string(notice::somebody_else_asked));
        }
        if (!store::Inquiries(connection).find(request->id, reply.step))
        {
            return over();
        }
        auto answered = director_.answered(connection, request->id, reply.step, reply.ok, running, clock_.now());
        if (!answered.applied)
        {
            return over();
        }
        also(connection);
        return answered;
    };
    const auto stored = co_await store(std::move(unit));
    co_return stored;
}

boost::asio::awaitable<Result<>> Inquiries::store(std::function<Result<service::Transition>(store::Connection&)> unit)
{
    const service::RequestBook::UnderWay answering(book_);
    const auto stored = co_await database_.write<service::Transition>("inquiry.answer", std::move(unit));
    if (stored.has_error())
    {
        co_return stored.error();
    }
    book_.followed(*stored);
    co_return Result<>{};
}
} // namespace ringpost::scenario
