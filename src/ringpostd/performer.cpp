// SPDX-License-Identifier: Apache-2.0
// A request is known to the gateway that accepted it and performed by another one: what is asked about it at the first
// is passed on (spec 1, "request"), as XRINGPOST SHOW or CANCEL on a connection on which the first has proved who it
// is. The answer is JSON in Base64, so that the lines of an SMTP reply can carry it.
#include "core/base64.h"
#include "core/log.h"
#include "mta/relay/connection.h"
#include "ringpostd/daemon.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace ringpost
{
namespace
{
/// Of a request with many attempts the last ones are shown: the answer must fit into a reply.
constexpr std::size_t shown_attempts = 50;
} // namespace

boost::asio::awaitable<Result<nlohmann::json>> Daemon::look_up_for_peer(std::string word, std::string number,
                                                                        std::string peer)
{
    const auto found = co_await book_->find(number);
    const bool theirs =
        found.has_value() && found->submitter.standing == Standing::peer && found->submitter.name == peer;
    if (!theirs)
    {
        co_return fail(Errc::not_found, number, "there is no request with this number");
    }
    if (word == "cancel")
    {
        const auto cancelled = co_await scheduler_->cancel(*found);
        if (cancelled.has_error())
        {
            co_return cancelled.error();
        }
        co_return control::to_json(*cancelled);
    }
    if (word != "show")
    {
        co_return fail(Errc::unsupported, word, "is not known: SHOW or CANCEL");
    }
    co_return co_await control::show_request(*database_, number);
}

boost::asio::awaitable<Result<std::string>> Daemon::answer_peer(std::string word, std::string number, std::string peer)
{
    auto asking = look_up_for_peer(std::move(word), std::move(number), std::move(peer));
    auto answer = co_await boost::asio::co_spawn(control_, std::move(asking), boost::asio::use_awaitable);
    if (answer.has_error())
    {
        co_return answer.error();
    }
    if (auto made = answer->find("attempts_made"); made != answer->end() && made->size() > shown_attempts)
    {
        made->erase(made->begin(), made->end() - static_cast<std::ptrdiff_t>(shown_attempts));
    }
    co_return base64_encode(answer->dump());
}

boost::asio::awaitable<Result<nlohmann::json>> Daemon::ask_performer(std::string word, store::Request request)
{
    const auto directory = directory_->current();
    const auto* destination = directory->destinations().find(request.addressee);
    if (destination == nullptr)
    {
        co_return fail(Errc::not_found, request.performer, "is not in the destination database");
    }
    boost::asio::any_io_executor io = io_contexts_.front()->get_executor();
    auto opening = mta::RelayConnection::open(io, *destination, "", mta::options_for(*destination, config_),
                                              tls_client_, config_.relay);
    auto opened = co_await boost::asio::co_spawn(io, std::move(opening), boost::asio::use_awaitable);
    if (opened.has_error())
    {
        co_return fail(Errc::unavailable, request.performer, "cannot be asked now: " + opened.error().message());
    }
    std::unique_ptr<mta::RelayConnection> connection = std::move(*opened);
    auto asking = connection->ask(fmt::format("{} {}", word, request.number));
    const auto answer = co_await boost::asio::co_spawn(io, std::move(asking), boost::asio::use_awaitable);
    co_await boost::asio::co_spawn(io, connection->quit(), boost::asio::use_awaitable);
    // A connection belongs to the thread of its executor, its end too.
    boost::asio::post(io, [last = std::shared_ptr<mta::RelayConnection>(std::move(connection))] {});
    if (answer.has_error())
    {
        co_return answer.error();
    }
    const auto decoded = base64_decode(*answer);
    auto shown = decoded.has_value() ? nlohmann::json::parse(*decoded, nullptr, false) : nlohmann::json();
    if (!shown.is_object())
    {
        co_return fail(Errc::malformed, request.performer, "its answer cannot be read");
    }
    co_return shown;
}
} // namespace ringpost
