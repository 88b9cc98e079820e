// SPDX-License-Identifier: Apache-2.0
#include "ringpost/smtp_submission.h"

#include "ringpost/print.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace ringpost::command
{
namespace
{
constexpr long connect_timeout_s = 30;
constexpr long reply_timeout_s = 600; ///< RFC 5321 4.5.3.2.6: ten minutes for the reply to the end of DATA
constexpr std::size_t reply_limit = std::size_t{16} * 1024;

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

struct List
{
    curl_slist* head = nullptr;
    List() = default;
    List(const List&) = delete;
    List& operator=(const List&) = delete;
    ~List() { curl_slist_free_all(head); }
    bool append(const std::string& text)
    {
        curl_slist* const longer = curl_slist_append(head, text.c_str());
        head = longer == nullptr ? head : longer;
        return longer != nullptr;
    }
};

class GlobalCurl
{
public:
    GlobalCurl() : ready_(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {}
    GlobalCurl(const GlobalCurl&) = delete;
    GlobalCurl& operator=(const GlobalCurl&) = delete;
    ~GlobalCurl()
    {
        if (ready_)
        {
            curl_global_cleanup();
        }
    }
    [[nodiscard]] bool ready() const { return ready_; }

private:
    bool ready_;
};

/// The lines of the reply that came last; libcurl hands each line of each reply to the header function.
struct LastReply
{
    std::string text;
    bool complete = true;

    void line(std::string_view line)
    {
        // 221 answers the farewell that libcurl sends by itself after a refusal; the refusal is what counts.
        if (line.starts_with("221"))
        {
            return;
        }
        if (complete)
        {
            text.clear();
        }
        // RFC 5321 4.2.1: a blank or the end after the code marks the last line of a reply.
        complete = line.size() < 4 || line[3] != '-';
        line = line.substr(0, line.find_last_not_of("\r\n") + 1);
        if (text.size() + line.size() < reply_limit)
        {
            text += (text.empty() ? "" : "\n") + printable(line);
        }
    }
};

std::size_t on_line(char* octets, std::size_t size, std::size_t count, void* reply)
{
    static_cast<LastReply*>(reply)->line({octets, size * count});
    return size * count;
}

std::size_t on_read(char* room, std::size_t size, std::size_t count, void* rest)
{
    auto& mail = *static_cast<std::string_view*>(rest);
    const std::size_t taken = std::min(mail.size(), size * count);
    std::memcpy(room, mail.data(), taken);
    mail.remove_prefix(taken);
    return taken;
}

std::size_t on_body(char*, std::size_t size, std::size_t count, void*)
{
    return size * count;
}

bool set_peer(CURL* curl, const Submission& submission)
{
    const std::string url = fmt::format("{}://{}:{}", submission.tls_at_once ? "smtps" : "smtp", submission.server.host,
                                        submission.server.port);
    bool good = curl_easy_setopt(curl, CURLOPT_URL, url.c_str()) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK;
    if (!submission.ca_file.empty())
    {
        good = good && curl_easy_setopt(curl, CURLOPT_CAINFO, submission.ca_file.c_str()) == CURLE_OK;
    }
    // A proxy of the environment is meant for the web; the secret has no business there.
    good = good && curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK;
    const long tls = submission.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE;
    good = good && curl_easy_setopt(curl, CURLOPT_USE_SSL, tls) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_timeout_s) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, reply_timeout_s) == CURLE_OK;
    if (!submission.user.empty())
    {
        good = good && curl_easy_setopt(curl, CURLOPT_USERNAME, submission.user.c_str()) == CURLE_OK;
        good = good && curl_easy_setopt(curl, CURLOPT_PASSWORD, submission.secret.c_str()) == CURLE_OK;
        good = good && curl_easy_setopt(curl, CURLOPT_SASL_IR, 1L) == CURLE_OK;
    }
    return good;
}

bool set_mail(CURL* curl, const Submission& submission, std::string_view& rest, List& recipients)
{
    bool good = true;
    for (const auto& to : submission.to)
    {
        good = good && recipients.append(fmt::format("<{}>", to));
    }
    const std::string from = fmt::format("<{}>", submission.from);
    good = good && curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str()) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.head) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_READDATA, &rest) == CURLE_OK;
    const auto size = static_cast<curl_off_t>(rest.size());
    return good && curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, size) == CURLE_OK;
}

bool set_ears(CURL* curl, LastReply& reply, char* reason)
{
    return curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) == CURLE_OK;
}

Failure failure_of(CURLcode code, const Submission& submission, const LastReply& reply, std::string_view reason)
{
    const std::string where = fmt::format("{}:{}", submission.server.host, submission.server.port);
    const std::string why = reason.empty() ? std::string(curl_easy_strerror(code)) : printable(reason);
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
    {
        return fail(Errc::unavailable, where, why);
    }
    if (!reply.text.empty() && (reply.text[0] == '4' || reply.text[0] == '5'))
    {
        return fail(Errc::refused, where, reply.text);
    }
    const bool no_tls = code == CURLE_USE_SSL_FAILED || code == CURLE_PEER_FAILED_VERIFICATION;
    return fail(no_tls || code == CURLE_LOGIN_DENIED ? Errc::refused : Errc::closed, where, why);
}
} // namespace

bool SmtpServer::loopback() const
{
    if (host == "localhost" || host == "[::1]")
    {
        return true;
    }
    // 127.1.example is a name that anybody can own: digits and dots only.
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

Result<SmtpServer> parse_server(std::string_view text)
{
    const auto colon = text.rfind(':');
    const auto bad = [] { return fail(Errc::malformed, "--smtp", "must be HOST:PORT such as 127.0.0.1:2525"); };
    if (colon == std::string_view::npos || colon == 0 || text.size() > 300)
    {
        return bad();
    }
    const auto host = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string_view host_octets =
        bracketed ? "0123456789abcdefABCDEF:." : "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
    const auto inner = bracketed ? host.substr(1, host.size() - 2) : host;
    if (inner.find_first_not_of(host_octets) != std::string_view::npos)
    {
        return bad();
    }
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos ||
        std::stoi(std::string(port)) < 1 || std::stoi(std::string(port)) > 65535)
    {
        return bad();
    }
    return SmtpServer{std::string(host), std::string(port)};
}

Result<std::string> submit(const Submission& submission)
{
    const GlobalCurl global;
    const Curl curl(global.ready() ? curl_easy_init() : nullptr, &curl_easy_cleanup);
    List recipients;
    std::string_view rest = submission.mail;
    LastReply reply;
    std::array<char, CURL_ERROR_SIZE> reason{};
    if (!curl || !set_peer(curl.get(), submission) || !set_mail(curl.get(), submission, rest, recipients) ||
        !set_ears(curl.get(), reply, reason.data()))
    {
        return fail(Errc::internal, "libcurl", "cannot be set up for SMTP");
    }
    const CURLcode code = curl_easy_perform(curl.get());
    // The farewell of curl_easy_cleanup() must find nobody listening: reply and reason end before the handle does.
    curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, nullptr);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, nullptr);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, nullptr);
    if (code != CURLE_OK)
    {
        return failure_of(code, submission, reply, reason.data());
    }
    return reply.text;
}
} // namespace ringpost::command
