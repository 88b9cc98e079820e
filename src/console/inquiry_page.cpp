// SPDX-License-Identifier: Apache-2.0
#include "console/inquiry_page.h"

#include "console/page_texts.h"
#include "notice/texts.h"
#include "notice/values.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::console
{
namespace
{
/// What strangers may make of a line of the page, in octets.
constexpr std::size_t longest_value = 400;
constexpr std::size_t longest_sentence = 1000;

Response html_page(unsigned status, notice::Language language, std::string_view title, std::string_view content)
{
    Response page;
    page.status = status;
    // The address of the page is a secret and its content personal: nothing keeps them or passes them on.
    page.fields = {{"Content-Type", "text/html; charset=utf-8"},
                   {"Cache-Control", "no-store"},
                   {"Referrer-Policy", "no-referrer"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"X-Frame-Options", "DENY"},
                   {"Content-Security-Policy", "default-src 'none'; form-action 'self'"}};
    page.body = fmt::format("<!DOCTYPE html>\n"
                            "<html lang=\"{}\">\n"
                            "<head>\n"
                            "<meta charset=\"utf-8\">\n"
                            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                            "<title>{}</title>\n"
                            "</head>\n"
                            "<body>\n"
                            "{}"
                            "</body>\n"
                            "</html>\n",
                            notice::tag(language), html_escaped(title), content);
    return page;
}

std::string paragraph(std::string_view text)
{
    return fmt::format("<p>{}</p>\n", html_escaped(text));
}

std::string heading(std::string_view text)
{
    return fmt::format("<h1>{}</h1>\n", html_escaped(text));
}

/// Two forms and not one: what a button itself sends is not the same in all browsers.
std::string button(std::string_view answer, std::string_view text)
{
    return fmt::format("<form method=\"post\">\n"
                       "<p><input type=\"hidden\" name=\"answer\" value=\"{}\">"
                       "<input type=\"submit\" value=\"{}\"></p>\n"
                       "</form>\n",
                       answer, html_escaped(text));
}

/// One sentence in each language.
Response plain_page(unsigned status, std::string_view PageTexts::*sentence)
{
    std::string content;
    for (const auto language : {notice::Language::en, notice::Language::ja})
    {
        content +=
            fmt::format("<p lang=\"{}\">{}</p>\n", notice::tag(language), html_escaped(page_texts(language).*sentence));
    }
    return html_page(status, notice::Language::en, page_texts_en().title, content);
}

std::optional<std::string_view> token_in(std::string_view target)
{
    if (!target.starts_with(scenario::inquiry_path))
    {
        return std::nullopt;
    }
    const auto token = target.substr(scenario::inquiry_path.size());
    const bool whole = token.size() == scenario::inquiry_token_length &&
                       std::all_of(token.begin(), token.end(),
                                   [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    return whole ? std::optional(token) : std::nullopt;
}

bool is_form(std::string_view content_type)
{
    constexpr std::string_view form = "application/x-www-form-urlencoded";
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    const auto type = content_type.substr(0, content_type.find_first_of("; \t"));
    return std::equal(type.begin(), type.end(), form.begin(), form.end(),
                      [&](char a, char b) { return lower(a) == b; });
}

/// The one `answer` of a form. Browsers encode neither its name nor its values (URL Standard 5.1).
std::optional<bool> answer_in(const Request& request)
{
    std::optional<bool> answer;
    std::string_view rest = is_form(request.content_type) ? std::string_view(request.body) : std::string_view{};
    while (!rest.empty())
    {
        const auto field = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(field.size() + 1, rest.size()));
        if (!field.starts_with("answer="))
        {
            continue;
        }
        if (answer || (field != "answer=ok" && field != "answer=ng"))
        {
            return std::nullopt;
        }
        answer = field == "answer=ok";
    }
    return answer;
}
} // namespace

std::string html_escaped(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
    {
        switch (c)
        {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::variant<Wish, Response> read_wish(const Request& request)
{
    const auto token = token_in(request.target);
    if (!token)
    {
        return plain_page(404, &PageTexts::not_there);
    }
    Wish wish{std::string(*token)};
    if (request.method == Method::post)
    {
        wish.ok = answer_in(request);
        if (!wish.ok)
        {
            return plain_page(400, &PageTexts::unreadable);
        }
    }
    return wish;
}

Response question_page(const scenario::InquiryView& inquiry)
{
    const PageTexts& texts = page_texts(inquiry.language);
    std::string content = heading(texts.title);
    content += paragraph(notice::clean_text(inquiry.asked, longest_sentence));
    content += "<dl>\n";
    const auto row = [&](std::string_view name, const std::string& value) {
        content += fmt::format("<dt>{}</dt>\n<dd>{}</dd>\n", html_escaped(name), html_escaped(value));
    };
    row(texts.from, notice::clean_text(inquiry.from, longest_value));
    const std::string subject = notice::clean_text(inquiry.subject, longest_value);
    row(texts.subject, subject.empty() ? std::string(texts.no_subject) : subject);
    row(texts.until, notice::in_words(inquiry.until));
    content += "</dl>\n";
    content += button("ok", texts.ok_button);
    content += button("ng", texts.ng_button);
    content += paragraph(texts.silence);
    return html_page(200, inquiry.language, texts.title, content);
}

Response answered_page(const scenario::InquiryView& inquiry, bool ok)
{
    const PageTexts& texts = page_texts(inquiry.language);
    const std::string content =
        heading(texts.title) + paragraph(ok ? texts.ok_taken : texts.ng_taken) + paragraph(texts.close_page);
    return html_page(200, inquiry.language, texts.title, content);
}

Response failed_page(const Failure& failure)
{
    return failure.code() == Errc::not_found ? plain_page(404, &PageTexts::not_there)
                                             : plain_page(503, &PageTexts::not_now);
}

std::string public_address(const ConsoleConfig& config, const std::vector<Endpoint>& listening)
{
    if (listening.empty() || !config.url.empty())
    {
        return listening.empty() ? std::string{} : config.url;
    }
    const auto& [host, port] = listening.front();
    const bool ipv6 = host.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", ipv6 ? "[" : "", host, ipv6 ? "]" : "", port);
}
} // namespace ringpost::console
