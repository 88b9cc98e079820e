// SPDX-License-Identifier: Apache-2.0
#include "media/content_reader.h"

#include "media/mail_analysis.h"
#include "store/mail_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>

namespace ringpost::media
{
namespace
{
/// What decoded() decodes.
const Body& described_body(const Content& content)
{
    const auto text = std::find_if(content.members.begin(), content.members.end(),
                                   [](const Body& body) { return body.media_type == "text/plain"; });
    return text == content.members.end() ? content.body : *text;
}

Result<FoundContent> found_content(std::string_view mail, const Content& content, std::size_t most)
{
    auto body = decoded(mail, content, most);
    if (body.has_error())
    {
        return fail(body.error().code(), fmt::format("content {}", content.number), body.error().message());
    }
    const Body& described = described_body(content);
    return FoundContent{content.number, std::move(*body), described.media_type, described.charset, false};
}

Result<std::vector<FoundContent>>
find_contents(store::Connection& connection, const store::Spool& spool, const ScanLimits& limits,
              const store::Request& request,
              const std::function<std::vector<const Content*>(const std::vector<Content>&)>& wanted, std::size_t most)
{
    const auto whole = store::Requests(connection).find(request.part_of);
    auto mail = whole && whole->mail ? store::Mails(connection).find(*whole->mail) : std::nullopt;
    if (!mail)
    {
        return fail(Errc::not_found, request.number, "its mail is no longer there");
    }
    auto stored = store::MailBody::open(std::move(*mail), spool);
    if (stored.has_error())
    {
        return stored.error();
    }
    const auto octets = stored->whole();
    if (octets.has_error())
    {
        return octets.error();
    }
    const auto analysis = analyse(*octets, limits);
    const auto chosen = wanted(analysis.contents);
    if (chosen.empty())
    {
        return fail(Errc::not_found, request.number, "the mail has no such content");
    }
    std::vector<FoundContent> all;
    for (const Content* content : chosen)
    {
        auto found = found_content(*octets, *content, most);
        if (found.has_error())
        {
            return found.error();
        }
        most -= found->octets.size();
        found->confidential = analysis.service && analysis.service->confidential();
        all.push_back(std::move(*found));
    }
    return all;
}
} // namespace

boost::asio::awaitable<Result<FoundContent>> ContentReader::read(store::Request request, std::size_t most)
{
    const int number = request.content;
    Wanted wanted = [number](const std::vector<Content>& contents) {
        const auto content = std::find_if(contents.begin(), contents.end(),
                                          [number](const Content& one) { return one.number == number; });
        return content == contents.end() ? std::vector<const Content*>{} : std::vector<const Content*>{&*content};
    };
    auto found = co_await read_all(std::move(request), std::move(wanted), most);
    if (found.has_error())
    {
        co_return found.error();
    }
    co_return std::move(found->front());
}

boost::asio::awaitable<Result<std::vector<FoundContent>>> ContentReader::read_documents(store::Request request,
                                                                                        std::size_t most)
{
    Wanted wanted = documents_of;
    auto found = co_await read_all(std::move(request), std::move(wanted), most);
    co_return found;
}

boost::asio::awaitable<Result<std::vector<FoundContent>>> ContentReader::read_all(store::Request request, Wanted wanted,
                                                                                  std::size_t most)
{
    // On a thread of the database: reading and decoding a large mail takes its time.
    std::function<Result<std::vector<FoundContent>>(store::Connection&)> unit =
        [this, request, wanted, most](store::Connection& connection) -> Result<std::vector<FoundContent>> {
        return find_contents(connection, spool_, limits_, request, wanted, most);
    };
    co_return co_await database_.read<std::vector<FoundContent>>(std::move(unit));
}
} // namespace ringpost::media
