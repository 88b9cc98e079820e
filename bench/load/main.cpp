// SPDX-License-Identifier: Apache-2.0
// ringpost_load: mails or POP3 sessions for a server of this machine, as fast as it takes them, from one thread. Used
// by bench/peers.py in the same way for every server; prints what it took as JSON.
#include "bench/load/scripts.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sstream>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <unordered_map>

namespace
{
using namespace ringpost::load;
using Steady = std::chrono::steady_clock;

struct Options
{
    std::uint16_t port = 0;
    std::size_t sessions = 1; ///< at a time
    std::size_t window = 1;   ///< commands that may be unanswered
    std::chrono::seconds limit{120};
};

int connect_to(std::uint16_t port)
{
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface
    if (made < 0 ||
        (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS))
    {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    return made;
}

/// Keeps `sessions` connections going until make() has no more scripts.
class Generator
{
public:
    using Make = std::function<std::unique_ptr<Script>()>;

    Generator(Options options, Make make) : options_(options), make_(std::move(make)) {}
    ~Generator() { ::close(poll_); }
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    /// How many sessions there were.
    std::size_t run()
    {
        const auto until = Steady::now() + options_.limit;
        for (std::size_t i = 0; i < options_.sessions; ++i)
        {
            begin();
        }
        std::array<epoll_event, 64> events{};
        while (!live_.empty())
        {
            const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 1000);
            for (int i = 0; i < std::max(count, 0); ++i)
            {
                serve(events.at(static_cast<std::size_t>(i)).data.fd);
            }
            if (Steady::now() > until)
            {
                throw std::runtime_error("it takes too long");
            }
        }
        return begun_;
    }

private:
    struct Live
    {
        std::unique_ptr<Script> script;
        std::unique_ptr<Connection> connection;
        bool writing = true;
    };

    void begin()
    {
        auto script = make_();
        if (!script)
        {
            return;
        }
        const int descriptor = connect_to(options_.port);
        auto connection = std::make_unique<Connection>(descriptor, *script, options_.window);
        watch(EPOLL_CTL_ADD, descriptor, true);
        live_.insert_or_assign(descriptor, Live{std::move(script), std::move(connection)});
        ++begun_;
    }

    void serve(int descriptor)
    {
        const auto found = live_.find(descriptor);
        if (found == live_.end())
        {
            return;
        }
        Live& live = found->second;
        if (!live.connection->work())
        {
            live_.erase(found);
            begin();
        }
        else if (live.writing != live.connection->wants_to_write())
        {
            live.writing = !live.writing;
            watch(EPOLL_CTL_MOD, descriptor, live.writing);
        }
    }

    void watch(int how, int descriptor, bool writing) const
    {
        epoll_event event{};
        event.events = EPOLLIN | (writing ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
        event.data.fd = descriptor;
        ::epoll_ctl(poll_, how, descriptor, &event);
    }

    Options options_;
    Make make_;
    int poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    std::unordered_map<int, Live> live_;
    std::size_t begun_ = 0;
};

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file)
    {
        throw std::runtime_error(path + " cannot be read");
    }
    return text.str();
}

std::deque<Login> read_logins(const std::string& path)
{
    std::istringstream lines(read_file(path));
    std::deque<Login> logins;
    Login login;
    while (lines >> login.user >> login.secret)
    {
        logins.push_back(login);
    }
    return logins;
}

double processor_seconds()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int report(const Options& options, const Generator::Make& make, const std::uint64_t& messages)
{
    const auto begun = Steady::now();
    const std::size_t sessions = Generator(options, make).run();
    const double seconds = std::chrono::duration<double>(Steady::now() - begun).count();
    std::cout << nlohmann::json{{"seconds", seconds},
                                {"sessions", sessions},
                                {"messages", messages},
                                {"cpu", processor_seconds()}}
              << '\n';
    return EXIT_SUCCESS;
}

int smtp(const Options& options, SmtpLoad load)
{
    const std::uint64_t messages = load.left;
    std::size_t kept = 0;
    return report(
        options,
        [&]() -> std::unique_ptr<Script> {
            if (load.left == 0 || (!load.one_for_each && kept++ == options.sessions))
            {
                return nullptr;
            }
            return std::make_unique<SmtpScript>(load);
        },
        messages);
}

int pop3(const Options& options, Pop3Load load)
{
    return report(
        options,
        [&]() -> std::unique_ptr<Script> {
            if (load.left == 0)
            {
                return nullptr;
            }
            --load.left;
            return std::make_unique<Pop3Script>(load);
        },
        load.messages);
}
} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Load for a mail server on 127.0.0.1");
    Options options;
    SmtpLoad mails;
    Pop3Load mailboxes;
    std::string mail_file;
    std::string logins;
    std::size_t count = 1;
    app.add_option("--port", options.port, "Of the server")->required();
    app.add_option("--sessions", options.sessions, "At a time")->check(CLI::Range(1, 10000));
    app.add_option("--count", count, "Mails, or POP3 sessions")->check(CLI::Range(1, 10000000));
    app.require_subcommand(1);
    auto* const send = app.add_subcommand("smtp", "Sends a mail again and again");
    send->add_option("--mail", mail_file, "File with its octets, dots stuffed, the final one included")->required();
    send->add_option("--from", mails.from)->required();
    send->add_option("--to", mails.to)->required();
    send->add_option("--user", mails.login.user, "AUTH PLAIN");
    send->add_option("--secret", mails.login.secret);
    send->add_flag("--one-for-each", mails.one_for_each, "A connection for each mail");
    auto* const fetch = app.add_subcommand("pop3", "USER, PASS, STAT, QUIT");
    fetch->add_option("--logins", logins, "File of names and secrets, which are used in turn")->required();
    fetch->add_flag("--retrieve", mailboxes.retrieve, "And all mails, before QUIT");
    fetch->add_flag("--delete", mailboxes.remove, "And delete what has been retrieved")->needs("--retrieve");
    fetch->add_option("--window", options.window, "RETRs, and DELEs, that may be unanswered")
        ->check(CLI::Range(1, 1000));
    CLI11_PARSE(app, argc, argv);
    try
    {
        if (send->parsed())
        {
            mails.mail = read_file(mail_file);
            mails.left = count;
            return smtp(options, std::move(mails));
        }
        mailboxes.free = read_logins(logins);
        mailboxes.left = count;
        return pop3(options, std::move(mailboxes));
    }
    catch (const std::exception& error)
    {
        std::cerr << "ringpost_load: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
