// SPDX-License-Identifier: Apache-2.0
#include "core/resolver.h"

#include "core/callback.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ares.h>
#include <arpa/nameser.h>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <utility>

namespace ringpost
{
namespace asio = boost::asio;

namespace
{
constexpr std::size_t most_addresses = 20;

using Addresses = std::vector<asio::ip::address>;

/// One of each kind after the other: where one of them leads nowhere its addresses must not be all that are tried.
Addresses in_turn(const Addresses& first, const Addresses& second)
{
    Addresses all;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i)
    {
        for (const Addresses* const part : {&first, &second})
        {
            if (i < part->size())
            {
                all.push_back((*part)[i]);
            }
        }
    }
    return all;
}

Failure failure_of(int status, const std::string& name)
{
    // A name that cannot be written in a question does not exist.
    const bool nobody = status == ARES_ENOTFOUND || status == ARES_EBADNAME;
    return fail(nobody ? Errc::not_found : Errc::unavailable, name,
                nobody ? std::string("there is no such domain")
                       : fmt::format("the name servers do not say: {}", ares_strerror(status)));
}
} // namespace

/// The library, its sockets and its timer.
class Resolver::Channel : public std::enable_shared_from_this<Resolver::Channel>
{
public:
    using Answered = std::function<void(int status, std::string answer)>;

    Channel(asio::any_io_executor executor, Clock& clock) : executor_(std::move(executor)), clock_(clock) {}
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    ~Channel()
    {
        if (channel_ != nullptr)
        {
            ares_destroy(channel_);
        }
    }

    Result<> open(const ResolverOptions& options)
    {
        ares_options settings{};
        settings.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
        settings.timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(options.timeout).count());
        settings.tries = static_cast<int>(options.tries);
        settings.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
            static_cast<Channel*>(self)->watch(socket, readable != 0, writable != 0);
        };
        settings.sock_state_cb_data = this;
        const int made = ares_init_options(
            &channel_, &settings, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
        if (made != ARES_SUCCESS)
        {
            return fail(Errc::unavailable, "dns", ares_strerror(made));
        }
        const std::string servers = fmt::format("{}", fmt::join(options.servers, ","));
        const int set = servers.empty() ? ARES_SUCCESS : ares_set_servers_ports_csv(channel_, servers.c_str());
        return set == ARES_SUCCESS ? Result<>{} : fail(Errc::malformed, servers, ares_strerror(set));
    }

    void ask(const std::string& name, int type, Answered answered)
    {
        if (cancelled_)
        {
            answered(ARES_ECANCELLED, {});
            return;
        }
        auto waiting = std::make_unique<Answered>(std::move(answered));
        ares_query(
            channel_, name.c_str(), ns_c_in, type,
            [](void* argument, int status, int, unsigned char* answer, int length) {
                const std::unique_ptr<Answered> owner(static_cast<Answered*>(argument));
                const bool given = status == ARES_SUCCESS && answer != nullptr;
                (*owner)(status, given ? std::string(reinterpret_cast<char*>(answer), static_cast<std::size_t>(length))
                                       : std::string());
            },
            waiting.release());
        set_timer();
    }

    void cancel()
    {
        cancelled_ = true;
        ares_cancel(channel_);
    }

private:
    struct Watched
    {
        explicit Watched(const asio::any_io_executor& executor) : descriptor(executor) {}
        asio::posix::stream_descriptor descriptor;
        bool wanted_read = false;
        bool wanted_write = false;
        bool reading = false;
        bool writing = false;
        bool closed = false;
    };

    /// c-ares opens, uses or is about to close a socket; may be called inside any of its functions.
    void watch(ares_socket_t socket, bool readable, bool writable)
    {
        auto found = sockets_.find(socket);
        if (!readable && !writable)
        {
            if (found != sockets_.end())
            {
                found->second->closed = true;
                found->second->descriptor.release(); // c-ares closes it
                sockets_.erase(found);
            }
            return;
        }
        if (found == sockets_.end())
        {
            found = sockets_.emplace(socket, std::make_shared<Watched>(executor_)).first;
            boost::system::error_code error;
            found->second->descriptor.assign(socket, error); // where it fails, the time-out of the question remains
        }
        found->second->wanted_read = readable;
        found->second->wanted_write = writable;
        wait(socket, found->second);
    }

    void wait(ares_socket_t socket, const std::shared_ptr<Watched>& watched)
    {
        using Wait = asio::posix::stream_descriptor::wait_type;
        if (watched->wanted_read && !std::exchange(watched->reading, true))
        {
            watched->descriptor.async_wait(Wait::wait_read, [self = weak_from_this(), socket, watched](auto error) {
                watched->reading = false;
                ready(self, socket, watched, error, socket, ARES_SOCKET_BAD);
            });
        }
        if (watched->wanted_write && !std::exchange(watched->writing, true))
        {
            watched->descriptor.async_wait(Wait::wait_write, [self = weak_from_this(), socket, watched](auto error) {
                watched->writing = false;
                ready(self, socket, watched, error, ARES_SOCKET_BAD, socket);
            });
        }
    }

    static void ready(const std::weak_ptr<Channel>& weak, ares_socket_t socket, const std::shared_ptr<Watched>& watched,
                      const boost::system::error_code& error, ares_socket_t to_read, ares_socket_t to_write)
    {
        const auto self = weak.lock();
        if (!self || watched->closed || error)
        {
            return;
        }
        ares_process_fd(self->channel_, to_read, to_write);
        if (!watched->closed)
        {
            self->wait(socket, watched);
        }
        self->set_timer();
    }

    /// For the time-out that is next; none where nothing is asked.
    void set_timer()
    {
        timeval next{};
        if (ares_timeout(channel_, nullptr, &next) == nullptr)
        {
            timer_.cancel();
            return;
        }
        const Duration delay = std::chrono::seconds(next.tv_sec) + std::chrono::microseconds(next.tv_usec);
        timer_ = clock_.after(delay, [self = weak_from_this()] {
            if (const auto channel = self.lock())
            {
                ares_process_fd(channel->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
                channel->set_timer();
            }
        });
    }

    asio::any_io_executor executor_;
    Clock& clock_;
    Timer timer_;
    std::map<ares_socket_t, std::shared_ptr<Watched>> sockets_;
    ares_channel channel_ = nullptr;
    bool cancelled_ = false;
};

Result<std::unique_ptr<Resolver>> Resolver::open(const asio::any_io_executor& executor, Clock& clock,
                                                 const ResolverOptions& options)
{
    auto channel = std::make_shared<Channel>(executor, clock);
    const auto opened = channel->open(options);
    if (opened.has_error())
    {
        return opened.error();
    }
    return std::unique_ptr<Resolver>(new Resolver(std::move(channel)));
}

Resolver::~Resolver() = default;

void Resolver::cancel()
{
    channel_->cancel();
}

asio::awaitable<Result<std::string>> Resolver::ask(std::string name, int type)
{
    using Value = Result<std::string>;
    std::function<void(std::function<void(Value)>)> start = [this, name, type](const std::function<void(Value)>& done) {
        channel_->ask(name, type, [done, name](int status, std::string answer) {
            const bool known = status == ARES_SUCCESS || status == ARES_ENODATA;
            done(known ? Value(std::move(answer)) : Value(failure_of(status, name)));
        });
    };
    co_return co_await wait_for_callback<Value>(std::move(start));
}

asio::awaitable<Result<std::vector<MailExchanger>>> Resolver::mail_exchangers(std::string domain)
{
    const auto answer = co_await ask(domain, ns_t_mx);
    if (answer.has_error())
    {
        co_return answer.error();
    }
    std::vector<MailExchanger> exchangers;
    if (answer->empty())
    {
        co_return exchangers;
    }
    ares_mx_reply* first = nullptr;
    const int parsed = ares_parse_mx_reply(reinterpret_cast<const unsigned char*>(answer->data()),
                                           static_cast<int>(answer->size()), &first);
    const std::unique_ptr<ares_mx_reply, void (*)(void*)> owner(first, ares_free_data);
    if (parsed != ARES_SUCCESS && parsed != ARES_ENODATA)
    {
        co_return failure_of(parsed, domain);
    }
    for (const auto* each = first; each != nullptr; each = each->next)
    {
        const std::string host(each->host);
        exchangers.push_back({each->priority, host == "." ? std::string() : host});
    }
    co_return exchangers;
}

asio::awaitable<Result<std::vector<asio::ip::address>>> Resolver::addresses_of(std::string host, int type)
{
    const auto answer = co_await ask(host, type);
    if (answer.has_error())
    {
        co_return answer.error();
    }
    std::vector<asio::ip::address> result;
    if (answer->empty())
    {
        co_return result;
    }
    const auto* octets = reinterpret_cast<const unsigned char*>(answer->data());
    const int length = static_cast<int>(answer->size());
    std::array<ares_addrttl, most_addresses> v4{};
    std::array<ares_addr6ttl, most_addresses> v6{};
    int count = static_cast<int>(most_addresses);
    const int parsed = type == ns_t_a ? ares_parse_a_reply(octets, length, nullptr, v4.data(), &count)
                                      : ares_parse_aaaa_reply(octets, length, nullptr, v6.data(), &count);
    if (parsed != ARES_SUCCESS && parsed != ARES_ENODATA)
    {
        co_return failure_of(parsed, host);
    }
    for (std::size_t i = 0; parsed == ARES_SUCCESS && i < static_cast<std::size_t>(count); ++i)
    {
        asio::ip::address_v4::bytes_type four{};
        asio::ip::address_v6::bytes_type six{};
        std::memcpy(four.data(), &v4.at(i).ipaddr, four.size());
        std::memcpy(six.data(), &v6.at(i).ip6addr, six.size());
        type == ns_t_a ? result.emplace_back(asio::ip::address_v4(four))
                       : result.emplace_back(asio::ip::address_v6(six));
    }
    co_return result;
}

asio::awaitable<Result<std::vector<asio::ip::address>>> Resolver::addresses(std::string host)
{
    auto six = co_await addresses_of(host, ns_t_aaaa);
    auto four = co_await addresses_of(host, ns_t_a);
    Failure why = fail(Errc::not_found, host, "the host has no address");
    for (auto* const part : {&six, &four})
    {
        if (part->has_error() && (part->error().code() == Errc::unavailable || why.code() != Errc::unavailable))
        {
            why = part->error(); // what may change goes before what will not
        }
    }
    auto all = in_turn(six ? *six : Addresses{}, four ? *four : Addresses{});
    if (all.empty())
    {
        co_return why;
    }
    co_return all;
}
} // namespace ringpost
