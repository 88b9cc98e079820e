// SPDX-License-Identifier: Apache-2.0
#include "scenario/check.h"

#include "scenario/quote.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::scenario
{
namespace
{
using media::Content;
using media::ContentKind;

/// The body of a content that is processed: of a text its first text/plain (HTML is neither spoken nor faxed).
const media::Body* body_to_process(const Content& content)
{
    const auto bodies = content.bodies();
    const auto processed = [&content](const media::Body* body) {
        return content.body.kind != ContentKind::text || body->media_type == "text/plain";
    };
    const auto found = std::find_if(bodies.begin(), bodies.end(), processed);
    return found == bodies.end() ? nullptr : *found;
}

const Content* content_numbered(const std::vector<Content>& contents, int number)
{
    const auto found = std::find_if(contents.begin(), contents.end(),
                                    [number](const Content& content) { return content.number == number; });
    return found == contents.end() ? nullptr : &*found;
}

/// Empty: it can be processed.
std::string why_not(const Content& content)
{
    if (content.body.kind == ContentKind::scenario)
    {
        return "is a scenario, which cannot be played";
    }
    if (content.body.kind == ContentKind::other)
    {
        return fmt::format("is {}, which can be neither played nor faxed", scenario::quoted(content.body.media_type));
    }
    const media::Body* body = body_to_process(content);
    if (body == nullptr)
    {
        return fmt::format("is {} without a text/plain, which can be neither spoken nor faxed",
                           scenario::quoted(content.body.media_type));
    }
    return body->encoding ? "" : "has a Content-Transfer-Encoding that nobody knows";
}

/// Empty: the reference is a good one.
std::string fault_of(Reference reference, const std::vector<Content>& contents, std::optional<Reference> exchange)
{
    if (reference.number == 0)
    {
        if (!exchange)
        {
            return "the mail has no exchange information";
        }
        return *exchange == reference
                   ? ""
                   : fmt::format("the exchange information of this mail is {}", to_string(*exchange));
    }
    const Content* content = content_numbered(contents, reference.number);
    if (content == nullptr)
    {
        return fmt::format("the mail has {} content{}", contents.size(), contents.size() == 1 ? "" : "s");
    }
    const std::string why = why_not(*content);
    return why.empty() ? "" : fmt::format("content {} {}", reference.number, why);
}
} // namespace

std::optional<Reference> exchange_of(const std::vector<Content>& contents, bool has_exchange_information)
{
    const auto part = std::find_if(contents.begin(), contents.end(), [](const Content& content) {
        return content.body.kind == ContentKind::exchange_information;
    });
    if (part != contents.end())
    {
        return Reference{part->number};
    }
    return has_exchange_information ? std::optional(Reference{}) : std::nullopt;
}

bool can_process(const Content& content)
{
    return why_not(content).empty();
}

Result<> check(const Script& script, const std::vector<Content>& contents, bool has_exchange_information)
{
    const auto exchange = exchange_of(contents, has_exchange_information);
    for (const Step& step : script.steps)
    {
        for (const Reference reference : contents_of(step))
        {
            const std::string fault = fault_of(reference, contents, exchange);
            if (!fault.empty())
            {
                return fail(Errc::malformed, fmt::format("line {}", step.line),
                            fmt::format("{}: {}", to_string(reference), fault));
            }
        }
    }
    return {};
}

Script implied(const std::vector<Content>& contents, bool has_exchange_information)
{
    Script script;
    const auto exchange = exchange_of(contents, has_exchange_information);
    if (!exchange)
    {
        return script;
    }
    for (const Content& content : contents)
    {
        const auto kind = content.body.kind;
        if (kind == ContentKind::voice || kind == ContentKind::fax_image)
        {
            script.steps.push_back({Play{{Reference{content.number}}}, true, script.steps.size() + 1});
        }
    }
    script.steps.push_back({Play{{*exchange}}, false, script.steps.size() + 1});
    return script;
}

Result<Script> faxed(const std::vector<media::Content>& contents)
{
    const auto documents = media::documents_of(contents);
    if (documents.empty())
    {
        return fail(Errc::malformed, "the mail", "has no text, TIFF or PDF that could be sent by FAX");
    }
    for (const Content& content : contents)
    {
        // Of what is signed, not of what is said: `application/pgp-signature`, `application/pkcs7-signature`.
        const bool silent =
            content.body.kind == ContentKind::exchange_information || content.body.media_type.ends_with("-signature");
        if (!silent && std::find(documents.begin(), documents.end(), &content) == documents.end())
        {
            return fail(Errc::malformed, fmt::format("content {}", content.number),
                        fmt::format("is {}, which cannot be sent by FAX", scenario::quoted(content.body.media_type)));
        }
        const media::Body* body = silent ? nullptr : body_to_process(content);
        if (body != nullptr && !body->encoding)
        {
            return fail(Errc::malformed, fmt::format("content {}", content.number),
                        "has a Content-Transfer-Encoding that nobody knows");
        }
    }
    Script script;
    script.steps.push_back({Play{{Reference{documents.front()->number}}}, false, 1});
    return script;
}
} // namespace ringpost::scenario
