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

Result<FoundContent> find_content(store::Connection& connection, const store::Spool& spool, const ScanLimits& limits,
                                  const store::Request& request, std::size_t most)
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
    const auto contents = analyse(*octets, limits).contents;
    const auto content =
        std::find_if(contents.begin(), contents.end(), [&](const auto& one) { return one.number == request.content; });
    if (content == contents.end())
    {
        return fail(Errc::not_found, request.number, "the mail has no such content");
    }
    auto body = decoded(*octets, *content, most);
    if (body.has_error())
    {
        return fail(body.error().code(), fmt::format("content {}", request.content), body.error().message());
    }
    const Body& described = described_body(*content);
    return FoundContent{std::move(*body), described.media_type, described.charset};
}
} // namespace

boost::asio::awaitable<Result<FoundContent>> ContentReader::read(store::Request request, std::size_t most)
{
    // On a thread of the database: reading and decoding a large mail takes its time.
    std::function<Result<FoundContent>(store::Connection&)> unit =
        [this, request, most](store::Connection& connection) -> Result<FoundContent> {
        return find_content(connection, spool_, limits_, request, most);
    };
    co_return co_await database_.read<FoundContent>(std::move(unit));
}
} // namespace ringpost::media
