// SPDX-License-Identifier: Apache-2.0
#include "scenario/check.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::scenario;
using media::Content;
using media::ContentKind;

namespace
{
media::Body body(ContentKind kind, const std::string& media_type)
{
    media::Body out;
    out.kind = kind;
    out.media_type = media_type;
    return out;
}

/// Numbers them.
std::vector<Content> mail(std::vector<Content> contents)
{
    int number = 0;
    for (Content& content : contents)
    {
        content.number = ++number;
    }
    return contents;
}

Content part(ContentKind kind, const std::string& media_type)
{
    return {0, body(kind, media_type), {}};
}

const Content text = part(ContentKind::text, "text/plain");
const Content html = part(ContentKind::text, "text/html");
const Content voice = part(ContentKind::voice, "audio/x-wav");
const Content fax = part(ContentKind::fax_image, "image/tiff");
const Content pdf = part(ContentKind::pdf, "application/pdf");
const Content exchange = part(ContentKind::exchange_information, "application/octet-stream");
const Content script_part = part(ContentKind::scenario, "application/vnd.ringpost.scenario");
const Content picture = part(ContentKind::other, "image/png");

Content alternative(std::vector<media::Body> members)
{
    return {0, body(ContentKind::text, "multipart/alternative"), std::move(members)};
}

Content in_unknown_encoding(Content content)
{
    content.body.encoding = std::nullopt;
    return content;
}

/// `ok`, or `where: text` of the failure.
std::string checked(const std::string& script, const std::vector<Content>& contents, bool has_exchange)
{
    const auto result = check(parse(script, {}).value(), contents, has_exchange);
    CHECK((result || result.error().code() == Errc::malformed));
    return result ? "ok" : result.error().message();
}
} // namespace

TEST_CASE("What a scenario names has to be in the mail, and of a kind that can be processed")
{
    const auto contents =
        mail({alternative({body(ContentKind::text, "text/plain"), body(ContentKind::text, "text/html")}), text, voice,
              fax, pdf, exchange, script_part, picture, html, alternative({body(ContentKind::text, "text/html")}),
              in_unknown_encoding(voice), in_unknown_encoding(text)});
    const std::pair<std::string, std::string> rows[] = {
        {"play = message 1, message 2, message 3, message 4, message 5, message 6", "ok"},
        {"pause = message 6", "ok"},
        {"wait = 1s\nat = 2026-12-01T00:00:00Z", "ok"},
        {"play = message 1\n\nplay = message 2, message 13", "line 3: message 13: the mail has 12 contents"},
        {"pause = message 7", "line 1: message 7: content 7 is a scenario, which cannot be played"},
        {"play = message 8 or continue",
         "line 1: message 8: content 8 is \"image/png\", which can be neither played nor faxed"},
        {"play = message 9",
         "line 1: message 9: content 9 is \"text/html\" without a text/plain, which can be neither spoken nor faxed"},
        {"play = message 10", "line 1: message 10: content 10 is \"multipart/alternative\" without a text/plain, which "
                              "can be neither spoken nor faxed"},
        {"play = message 11", "line 1: message 11: content 11 has a Content-Transfer-Encoding that nobody knows"},
        {"play = message 12", "line 1: message 12: content 12 has a Content-Transfer-Encoding that nobody knows"},
        {"play = message exchange", "line 1: message exchange: the exchange information of this mail is message 6"},
    };
    for (const auto& [script, expected] : rows)
    {
        INFO(script);
        CHECK(checked(script, contents, true) == expected);
        CHECK(checked(script, contents, false) == expected);
    }
}

TEST_CASE("`message exchange` is exchange information that is not a part")
{
    CHECK(checked("play = message exchange", mail({text}), true) == "ok");
    CHECK(checked("wait = 1s\npause = message exchange", mail({text}), false) ==
          "line 2: message exchange: the mail has no exchange information");
    CHECK(checked("play = message 2", mail({text}), true) == "line 1: message 2: the mail has 1 content");
    CHECK(exchange_of(mail({text}), true) == Reference{0});
    CHECK(exchange_of(mail({text}), false) == std::nullopt);
    CHECK(exchange_of(mail({text, exchange}), false) == Reference{2});
}

TEST_CASE("A media type of a stranger is shown short and printable")
{
    const auto contents = mail({part(ContentKind::other, "a/" + std::string(5000, '\x01'))});
    CHECK(checked("play = message 1", contents, true).size() < 200);
}

TEST_CASE("A mail without a scenario stands for its voice and FAX contents in order, then the exchange information")
{
    CHECK(canonical(implied(mail({text}), true)) == "play = message exchange\n");
    CHECK(canonical(implied(mail({text, exchange}), true)) == "play = message 2\n");
    CHECK(canonical(implied(mail({text, voice, exchange, fax, pdf, picture, html, voice}), true)) ==
          "play = message 2 or continue\nplay = message 4 or continue\nplay = message 8 or continue\n"
          "play = message 3\n");
    CHECK(implied(mail({text, voice}), false).steps.empty());
    const auto contents = mail({text, voice, fax});
    const Script script = implied(contents, true);
    CHECK(parse_stored(canonical(script)).value() == script);
    CHECK(check(script, contents, true).has_value());
}
