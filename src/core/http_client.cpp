// SPDX-License-Identifier: Apache-2.0
#include "core/http_client.h"

#include "core/callback.h"
#include "core/http_transfer.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace ringpost
{
namespace
{
constexpr std::size_t handles_kept = 16;
/// libcurl's own measure, four for each request under way, would close them whenever there are few.
constexpr long connections_kept = 64;
constexpr std::chrono::milliseconds longest_poll = 60s;

/// libcurl counts these; the first and the last are the ones that do something.
class GlobalCurl
{
public:
    GlobalCurl()
    {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        {
            throw std::runtime_error("libcurl cannot be initialised");
        }
    }
    ~GlobalCurl() { curl_global_cleanup(); }
    GlobalCurl(const GlobalCurl&) = delete;
    GlobalCurl& operator=(const GlobalCurl&) = delete;
};

struct MultiCleanup
{
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
} // namespace

class HttpClient::Loop
{
public:
    explicit Loop(Limits limits);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] const Limits& limits() const { return limits_; }
    void start(std::unique_ptr<HttpTransfer> transfer);

private:
    using Arrived = std::vector<std::unique_ptr<HttpTransfer>>;
    using UnderWay = std::multimap<HttpTransfer::Time, std::unique_ptr<HttpTransfer>>; ///< by deadline
    /// libcurl 7.88 has a queue of its own for this, from which a transfer sometimes never comes back.
    struct Host
    {
        std::size_t connections = 0;
        std::deque<HttpTransfer*> waiting;
    };

    void run();
    void take_arrived();
    void begin_waiting(const std::string& host);
    [[nodiscard]] Result<> begin(HttpTransfer& transfer);
    void take_finished();
    void end_overdue();
    void finish(UnderWay::iterator transfer, Result<HttpReply> result);
    UnderWay::iterator find(const HttpTransfer& transfer);
    [[nodiscard]] int poll_ms() const;
    void fail_all();

    GlobalCurl global_;
    Limits limits_;
    std::unique_ptr<CURLM, MultiCleanup> multi_{curl_multi_init()};
    std::vector<EasyHandle> idle_; ///< the thread's, as is what follows
    UnderWay under_way_;           ///< those that wait for a connection included
    std::map<std::string, Host> hosts_;
    std::mutex mutex_;
    Arrived arrived_; ///< under the mutex
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

HttpClient::Loop::Loop(Limits limits)
    : limits_{limits.reply_octets, std::max<std::size_t>(limits.connections_per_host, 1)}
{
    if (!multi_ || curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, connections_kept) != CURLM_OK)
    {
        throw std::runtime_error("libcurl offers no multi handle");
    }
    thread_ = std::thread([this] { run(); });
}

HttpClient::Loop::~Loop()
{
    stopping_ = true;
    curl_multi_wakeup(multi_.get());
    thread_.join();
}

void HttpClient::Loop::start(std::unique_ptr<HttpTransfer> transfer)
{
    {
        const std::lock_guard lock(mutex_);
        arrived_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_.get());
}

void HttpClient::Loop::run()
{
    while (!stopping_)
    {
        take_arrived();
        int running = 0;
        curl_multi_perform(multi_.get(), &running);
        take_finished();
        end_overdue();
        curl_multi_poll(multi_.get(), nullptr, 0, poll_ms(), nullptr);
    }
    take_arrived();
    fail_all();
}

void HttpClient::Loop::take_arrived()
{
    Arrived arrived;
    {
        const std::lock_guard lock(mutex_);
        arrived.swap(arrived_);
    }
    for (auto& transfer : arrived)
    {
        const std::string host = transfer->host();
        hosts_[host].waiting.push_back(transfer.get());
        under_way_.emplace(transfer->deadline(), std::move(transfer));
        begin_waiting(host);
    }
}

void HttpClient::Loop::begin_waiting(const std::string& name)
{
    Host& host = hosts_[name];
    while (!host.waiting.empty() && host.connections < limits_.connections_per_host)
    {
        HttpTransfer& transfer = *host.waiting.front();
        host.waiting.pop_front();
        const auto begun = begin(transfer);
        if (begun)
        {
            ++host.connections;
            continue;
        }
        const auto at = find(transfer);
        const auto ended = std::move(at->second);
        under_way_.erase(at);
        ended->done(begun.error());
    }
    if (host.connections == 0)
    {
        hosts_.erase(name);
    }
}

Result<> HttpClient::Loop::begin(HttpTransfer& transfer)
{
    EasyHandle handle;
    if (idle_.empty())
    {
        handle.reset(curl_easy_init());
    }
    else
    {
        handle = std::move(idle_.back());
        idle_.pop_back();
    }
    auto begun = transfer.begin(std::move(handle));
    if (begun && curl_multi_add_handle(multi_.get(), transfer.handle()) != CURLM_OK)
    {
        begun = transfer.failure(Errc::unavailable, "libcurl does not begin the request");
    }
    return begun;
}

HttpClient::Loop::UnderWay::iterator HttpClient::Loop::find(const HttpTransfer& transfer)
{
    auto [at, end] = under_way_.equal_range(transfer.deadline());
    while (at != end && at->second.get() != &transfer)
    {
        ++at;
    }
    return at;
}

void HttpClient::Loop::take_finished()
{
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left))
    {
        HttpTransfer* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(find(*transfer), transfer->outcome(message->data.result));
    }
}

void HttpClient::Loop::end_overdue()
{
    const auto now = std::chrono::steady_clock::now();
    while (!under_way_.empty() && under_way_.begin()->first <= now)
    {
        const auto overdue = under_way_.begin();
        finish(overdue, overdue->second->failure(Errc::timeout, "no reply within the time for the request"));
    }
}

void HttpClient::Loop::finish(UnderWay::iterator transfer, Result<HttpReply> result)
{
    const auto ended = std::move(transfer->second);
    under_way_.erase(transfer);
    Host& host = hosts_[ended->host()];
    if (ended->handle() == nullptr)
    {
        std::erase(host.waiting, ended.get());
    }
    else
    {
        curl_multi_remove_handle(multi_.get(), ended->handle());
        --host.connections;
        if (idle_.size() < handles_kept)
        {
            idle_.push_back(ended->release());
        }
    }
    ended->done(std::move(result));
    if (!stopping_)
    {
        begin_waiting(ended->host());
    }
}

int HttpClient::Loop::poll_ms() const
{
    if (under_way_.empty())
    {
        return static_cast<int>(longest_poll.count());
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(under_way_.begin()->first - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds>(left, 0ms, longest_poll).count());
}

void HttpClient::Loop::fail_all()
{
    while (!under_way_.empty())
    {
        const auto transfer = under_way_.begin();
        finish(transfer, transfer->second->failure(Errc::unavailable, "the gateway is shutting down"));
    }
}

HttpClient::HttpClient(Limits limits) : loop_(std::make_unique<Loop>(limits)) {}

HttpClient::~HttpClient() = default;

boost::asio::awaitable<Result<HttpReply>> HttpClient::perform(HttpRequest request)
{
    auto host = named_host(request);
    if (!host)
    {
        co_return host.error();
    }
    // Named: g++ 12 destroys a temporary of an awaited call twice.
    const std::function<void(HttpTransfer::Done)> start = [&](HttpTransfer::Done done) {
        loop_->start(std::make_unique<HttpTransfer>(std::move(request), std::move(*host), loop_->limits().reply_octets,
                                                    std::move(done)));
    };
    auto result = co_await wait_for_callback<Result<HttpReply>>(start);
    co_return result;
}
} // namespace ringpost
