// SPDX-License-Identifier: Apache-2.0
#include "console/inquiry_page.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace ringpost;
using namespace ringpost::console;
using scenario::InquiryView;

namespace
{
const std::string token = "0123456789abcdef0123456789abcdef";
const std::string form = "application/x-www-form-urlencoded";

Request post(std::string body, std::string type = form)
{
    return {Method::post, "/inquiry/" + token, std::move(type), std::move(body)};
}

InquiryView view(notice::Language language)
{
    return {"taro@office-a.example", "見積もりの件", "今すぐお電話でお話しできますか。",
            Instant{std::chrono::seconds(1795168561)}, language};
}

bool holds(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

/// Each page keeps these, whatever it says.
void check_fields(const Response& page)
{
    const std::vector<std::pair<std::string_view, std::string_view>> expected{
        {"Content-Type", "text/html; charset=utf-8"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Content-Security-Policy", "default-src 'none'; form-action 'self'"}};
    for (const auto& [name, value] : expected)
    {
        CAPTURE(name);
        CHECK(std::count_if(page.fields.begin(), page.fields.end(), [&, &n = name, &v = value](const auto& field) {
                  return field.name == n && field.value == v;
              }) == 1);
    }
    CHECK(page.body.starts_with("<!DOCTYPE html>\n"));
    CHECK(page.body.ends_with("</html>\n"));
    CHECK(holds(page.body, "<meta charset=\"utf-8\">"));
    for (const auto* forbidden : {"<script", "style", "href", "src=", "url("})
    {
        CAPTURE(forbidden);
        CHECK_FALSE(holds(page.body, forbidden));
    }
}
} // namespace

TEST_CASE("Only a whole token asks the desk, everything else is a page 404")
{
    const auto target =
        GENERATE_COPY(as<std::string>{}, "/", "", "*", "/favicon.ico", "/inquiry", "/inquiry/", "/inquiry//" + token,
                      "/inquiry/" + token.substr(1), "/inquiry/" + token + "0", "/inquiry/" + token + "/",
                      "/inquiry/" + token + "?a=b", "/inquiry/" + token + "%30", "/Inquiry/" + token,
                      "//inquiry/" + token, "/x/../inquiry/" + token, "/inquiry/0123456789ABCDEF0123456789ABCDEF",
                      "/inquiry/0123456789abcdeg0123456789abcdef", "/inquiry/%30123456789abcdef0123456789abcd",
                      "/inquiry/0123456789abcdef 123456789abcdef", "inquiry/" + token);
    const auto method = GENERATE(Method::get, Method::head, Method::post);
    CAPTURE(target);
    const auto read = read_wish({method, target, form, "answer=ok"});
    const auto* page = std::get_if<Response>(&read);
    REQUIRE(page != nullptr);
    REQUIRE(page->status == 404);
    check_fields(*page);
    REQUIRE(holds(page->body, "<p lang=\"en\">There is no inquiry"));
    REQUIRE(holds(page->body, "<p lang=\"ja\">このアドレスの確認はありません"));
}

TEST_CASE("GET and HEAD never answer, whatever they carry")
{
    const auto method = GENERATE(Method::get, Method::head);
    const auto wish = std::get<Wish>(read_wish({method, "/inquiry/" + token, form, "answer=ok"}));
    REQUIRE(wish.token == token);
    REQUIRE_FALSE(wish.ok.has_value());
}

TEST_CASE("A POST answers what its one field says")
{
    struct Row
    {
        std::string body;
        bool ok;
    };
    const std::vector<Row> rows{
        {"answer=ok", true}, {"answer=ng", false}, {"x=y&answer=ng&z", false}, {"&answer=ok&", true}};
    for (const auto& [body, ok] : rows)
    {
        CAPTURE(body);
        for (const auto& type :
             {form, form + "; charset=UTF-8", form + ";a", std::string("Application/X-WWW-Form-URLEncoded")})
        {
            const auto wish = std::get<Wish>(read_wish(post(body, type)));
            CHECK(wish.token == token);
            CHECK(wish.ok == ok);
        }
    }
}

TEST_CASE("A POST without exactly one answer is a page 400")
{
    std::vector<Request> requests;
    for (const auto* body :
         {"", "&", "answer", "answer=", "answer=OK", "answer=yes", "answer=ok&answer=ng", "answer=ok&answer=ok",
          "answer=ok ", "answer=ok\r\n", "Answer=ok", "xanswer=ok", "answer=o%6B"})
    {
        requests.push_back(post(body));
    }
    for (const auto* type : {"", "text/plain", "multipart/form-data", "application/x-www-form-urlencodedx",
                             "application/x-www-form-urlencode"})
    {
        requests.push_back(post("answer=ok", type));
    }
    for (const auto& request : requests)
    {
        CAPTURE(request.body, request.content_type);
        const auto read = read_wish(request);
        const auto* page = std::get_if<Response>(&read);
        REQUIRE(page != nullptr);
        CHECK(page->status == 400);
        check_fields(*page);
    }
}

TEST_CASE("The question says who asks what until when, in the addressee's language, with two buttons")
{
    struct Row
    {
        notice::Language language;
        std::vector<std::string_view> parts;
    };
    const std::vector<Row> rows{
        {notice::Language::en,
         {"<html lang=\"en\">", "<dt>Answer until</dt>", "value=\"OK: go on\"", "is taken as NG"}},
        {notice::Language::ja,
         {"<html lang=\"ja\">", "<dt>回答期限</dt>", "value=\"OK（進める）\"", "NG とみなします"}}};
    for (const auto& [language, parts] : rows)
    {
        const Response page = question_page(view(language));
        CHECK(page.status == 200);
        check_fields(page);
        CHECK(holds(page.body, "<p>今すぐお電話でお話しできますか。</p>"));
        CHECK(holds(page.body, "<dd>taro@office-a.example</dd>"));
        CHECK(holds(page.body, "<dd>見積もりの件</dd>"));
        CHECK(holds(page.body, "<dd>2026-11-20 09:56:01 UTC</dd>"));
        CHECK(holds(page.body, "<form method=\"post\">\n<p><input type=\"hidden\" name=\"answer\" value=\"ok\">"));
        CHECK(holds(page.body, "<form method=\"post\">\n<p><input type=\"hidden\" name=\"answer\" value=\"ng\">"));
        for (const auto& part : parts)
        {
            CAPTURE(part);
            CHECK(holds(page.body, part));
        }
    }
}

TEST_CASE("What the forms send is what a POST answers")
{
    const std::string page = question_page(view(notice::Language::en)).body;
    const std::string name = "name=\"answer\" value=\"";
    std::vector<bool> answers;
    for (auto at = page.find(name); at != std::string::npos; at = page.find(name, at + 1))
    {
        const auto begin = at + name.size();
        const std::string value = page.substr(begin, page.find('"', begin) - begin);
        answers.push_back(std::get<Wish>(read_wish(post("answer=" + value))).ok.value());
    }
    REQUIRE(answers == std::vector{true, false});
}

TEST_CASE("Nothing that a stranger wrote becomes markup, and it is bounded")
{
    REQUIRE(html_escaped("<a href=\"x\" id='y'>&amp;") == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;");
    InquiryView hostile = view(notice::Language::en);
    hostile.from = "\"</dd><script>\"@x.example";
    hostile.subject = "</title><img onerror='x'>\r\n\xe2\x80\xae\xff" + std::string(100000, '<');
    hostile.asked = "<form action=\"http://evil.example\">" + std::string(100000, '&');
    const std::string page = question_page(hostile).body;
    const std::string harmless = question_page(view(notice::Language::en)).body;
    for (const char c : {'<', '"', '\''})
    {
        CAPTURE(c);
        REQUIRE(std::count(page.begin(), page.end(), c) == std::count(harmless.begin(), harmless.end(), c));
    }
    REQUIRE_FALSE(holds(page, "\xe2\x80\xae"));
    REQUIRE_FALSE(holds(page, "\xff"));
    REQUIRE(page.size() < 20000);
    REQUIRE(holds(page, "&lt;form action=&quot;http://evil.example&quot;&gt;"));
}

TEST_CASE("A mail without a subject is said to have none")
{
    InquiryView inquiry = view(notice::Language::ja);
    inquiry.subject = "\t";
    REQUIRE(holds(question_page(inquiry).body, "<dd>（件名なし）</dd>"));
}

TEST_CASE("After the answer the page says what happens now")
{
    struct Row
    {
        notice::Language language;
        bool ok;
        std::string_view sentence;
    };
    const std::vector<Row> rows{{notice::Language::en, true, "Your answer OK has been taken: the gateway goes on now."},
                                {notice::Language::en, false, "the gateway does not go on."},
                                {notice::Language::ja, true, "OK のご回答を受け付けました。処理を進めます。"},
                                {notice::Language::ja, false, "NG のご回答を受け付けました。処理は進めません。"}};
    for (const auto& [language, ok, sentence] : rows)
    {
        CAPTURE(sentence);
        const Response page = answered_page(view(language), ok);
        CHECK(page.status == 200);
        check_fields(page);
        CHECK(holds(page.body, sentence));
        CHECK_FALSE(holds(page.body, "<form"));
    }
}

TEST_CASE("An inquiry that is over is 404, anything else that fails 503")
{
    REQUIRE(failed_page(fail(Errc::not_found, "x", "hidden")).status == 404);
    for (const auto code : {Errc::unavailable, Errc::io, Errc::full, Errc::timeout, Errc::internal, Errc::conflict})
    {
        const Response page = failed_page(fail(code, "x", "hidden"));
        REQUIRE(page.status == 503);
        check_fields(page);
        REQUIRE_FALSE(holds(page.body, "hidden"));
    }
}

TEST_CASE("Links begin with console.url, or else with the first address that is listened on")
{
    ConsoleConfig config;
    REQUIRE(public_address(config, {}).empty());
    REQUIRE(public_address(config, {{"127.0.0.1", 8025}, {"::1", 1}}) == "http://127.0.0.1:8025");
    REQUIRE(public_address(config, {{"::1", 8025}}) == "http://[::1]:8025");
    config.url = "https://ringpost.office.example/x";
    REQUIRE(public_address(config, {{"127.0.0.1", 8025}}) == "https://ringpost.office.example/x");
    REQUIRE(public_address(config, {}).empty());
}
