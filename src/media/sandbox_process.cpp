// SPDX-License-Identifier: Apache-2.0
// posix_spawn and not fork: the daemon has threads, and what a forked child of such a process may do is next to
// nothing. Rights and limits are set by setpriv and prlimit, so that no code of ours runs between.
#include "media/sandbox_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ringpost::media
{
namespace
{
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t errors_kept = 4096; // octets of standard error and of bubblewrap's status
constexpr int first_free = 4;             // standard streams and the status

Failure no_resources(std::string_view what)
{
    return fail(Errc::io, "sandbox", fmt::format("{}: {}", what, std::strerror(errno)));
}

/// Above what the child's descriptors become, so that none overwrites another before its turn.
Descriptor lifted(Descriptor from)
{
    return Descriptor(::fcntl(from.number(), F_DUPFD_CLOEXEC, first_free));
}

/// A sealed file in memory that holds the input, at its beginning.
Result<Descriptor> memory_file(std::string_view octets)
{
    Descriptor file = lifted(Descriptor(::memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING)));
    if (!file.open())
    {
        return no_resources("no file in memory");
    }
    while (!octets.empty())
    {
        const auto written = ::write(file.number(), octets.data(), octets.size());
        if (written < 0 && errno != EINTR)
        {
            return no_resources("writing a file in memory");
        }
        octets.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    ::fcntl(file.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    ::lseek(file.number(), 0, SEEK_SET);
    return file;
}

struct Pipe
{
    Descriptor read;  ///< does not block
    Descriptor write; ///< the child's

    [[nodiscard]] bool make()
    {
        std::array<int, 2> ends{-1, -1};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        {
            return false;
        }
        read.reset(ends[0]);
        write = lifted(Descriptor(ends[1]));
        return write.open() && ::fcntl(read.number(), F_SETFL, O_NONBLOCK) == 0;
    }
};

/// What posix_spawn is told; a wrapper for its two C objects.
class SpawnPlan
{
public:
    SpawnPlan()
    {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        // A group of its own, so that all of it can be killed.
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnPlan()
    {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    void give(const Descriptor& from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from.number(), to); }

    /// The process, or -1 with errno.
    [[nodiscard]] pid_t start(std::vector<std::string> arguments)
    {
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, first_free);
        std::array<std::string, 3> environment{"PATH=/usr/bin", "LC_ALL=C.UTF-8", "HOME=/tmp"};
        std::vector<char*> argv;
        std::vector<char*> envp;
        std::transform(arguments.begin(), arguments.end(), std::back_inserter(argv),
                       [](std::string& text) { return text.data(); });
        std::transform(environment.begin(), environment.end(), std::back_inserter(envp),
                       [](std::string& text) { return text.data(); });
        argv.push_back(nullptr);
        envp.push_back(nullptr);
        pid_t process = -1;
        errno = ::posix_spawn(&process, argv[0], &actions_, &attributes_, argv.data(), envp.data());
        return errno == 0 ? process : -1;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// A child that is killed with its group, and waited for, whatever happens here.
class Child
{
public:
    explicit Child(pid_t process) : process_(process), end_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))) {}
    ~Child() { kill(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Readable when it has ended.
    [[nodiscard]] int end() const { return end_.number(); }

    /// bubblewrap dies with its parent, but not at every moment of its start: until it has asked for that, and while it
    /// changes its user namespace, its first child would live on. So it is stopped, which ends the making of children,
    /// then that child is killed (with its namespace), then bubblewrap.
    void kill()
    {
        if (process_ <= 0)
        {
            return;
        }
        ::kill(process_, SIGSTOP);
        int status = 0;
        while (::waitpid(process_, &status, WUNTRACED) < 0 && errno == EINTR)
        {
        }
        if (!WIFSTOPPED(status))
        {
            process_ = -1; // it had ended
            return;
        }
        std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", process_));
        for (pid_t child = 0; children >> child;)
        {
            ::kill(child, SIGKILL); // still bubblewrap's, which cannot wait for it now
        }
        ::kill(-process_, SIGKILL);
        wait();
    }
    void wait()
    {
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR)
        {
        }
        process_ = -1;
    }

private:
    pid_t process_;
    Descriptor end_;
};

/// One run: the pipes, and what came through them.
class Run
{
public:
    Run(const SandboxCommand& command, const SandboxLimits& limits, int stop)
        : command_(command), limits_(limits), stop_(stop)
    {}

    Result<std::string> run(std::string input)
    {
        auto started = start(std::move(input));
        if (started.has_error())
        {
            return started.error();
        }
        Child child(*started);
        if (child.end() < 0)
        {
            return no_resources("no descriptor of a process");
        }
        const auto deadline = std::chrono::steady_clock::now() + limits_.time;
        auto ended = follow(child, deadline);
        if (ended.has_error())
        {
            return ended.error();
        }
        child.wait();
        return verdict();
    }

private:
    Result<pid_t> start(std::string input)
    {
        auto file = memory_file(input);
        if (file.has_error())
        {
            return file.error();
        }
        if (!output_.make() || !errors_.make() || !status_.make())
        {
            return no_resources("no pipe");
        }
        SpawnPlan plan;
        plan.give(*file, STDIN_FILENO);
        plan.give(output_.write, STDOUT_FILENO);
        plan.give(errors_.write, STDERR_FILENO);
        plan.give(status_.write, 3);
        const pid_t process = plan.start(sandbox_arguments(command_, limits_, ::geteuid() == 0));
        if (process < 0)
        {
            return fail(Errc::unavailable, "",
                        fmt::format("cannot convert in a sandbox: it does not start: {}", std::strerror(errno)));
        }
        for (Pipe* pipe : {&output_, &errors_, &status_})
        {
            pipe->write.reset();
        }
        return process;
    }

    /// Until the process has ended and everything that it wrote is read.
    Result<> follow(const Child& child, SteadyTime deadline)
    {
        bool ended = false;
        while (!ended || output_.read.open())
        {
            std::array<pollfd, 5> waiting{pollfd{output_.read.number(), POLLIN, 0},
                                          pollfd{errors_.read.number(), POLLIN, 0},
                                          pollfd{status_.read.number(), POLLIN, 0},
                                          pollfd{ended ? -1 : child.end(), POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            if (left.count() <= 0)
            {
                return fail(Errc::timeout, "",
                            fmt::format("{} took longer than {}", name(), format_duration(limits_.time)));
            }
            const int wait = static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
            if (::poll(waiting.data(), waiting.size(), wait) < 0 && errno != EINTR)
            {
                return no_resources("poll");
            }
            if (waiting[4].revents != 0)
            {
                return fail(Errc::unavailable, "", "the gateway is shutting down");
            }
            ended = ended || waiting[3].revents != 0;
            if (!read_all())
            {
                return fail(Errc::too_large, "", fmt::format("{} made more than {} octets", name(), limits_.output));
            }
        }
        return {};
    }

    /// What is there; false: more output than allowed.
    bool read_all()
    {
        read(errors_, [this](std::string_view piece) { keep_end(error_text_, piece); });
        read(status_, [this](std::string_view piece) { keep_end(status_text_, piece); });
        read(output_, [this](std::string_view piece) {
            too_much_ = too_much_ || piece.size() > limits_.output - output_text_.size();
            if (!too_much_)
            {
                output_text_ += piece;
            }
        });
        return !too_much_;
    }

    /// At most one buffer, so that the deadline is looked at between.
    template <class Take>
    void read(Pipe& pipe, Take take)
    {
        if (!pipe.read.open())
        {
            return;
        }
        const auto count = ::read(pipe.read.number(), buffer_.data(), buffer_.size());
        if (count > 0)
        {
            take(std::string_view(buffer_.data(), static_cast<std::size_t>(count)));
        }
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        {
            pipe.read.reset();
        }
    }

    static void keep_end(std::string& text, std::string_view piece)
    {
        text += piece;
        text.erase(0, text.size() - std::min(text.size(), errors_kept));
    }

    /// bubblewrap tells an exit code only of a program that it could start.
    [[nodiscard]] std::optional<int> exit_code() const
    {
        constexpr std::string_view field = "\"exit-code\": ";
        const auto at = status_text_.find(field);
        if (at == std::string::npos)
        {
            return std::nullopt;
        }
        return std::atoi(status_text_.c_str() + at + field.size());
    }

    Result<std::string> verdict()
    {
        const auto code = exit_code();
        const std::string line = last_line(error_text_);
        if (!code)
        {
            return fail(Errc::unsupported, "", "cannot convert in a sandbox: " + line);
        }
        const bool complained =
            !command_.complaint.empty() && error_text_.find(command_.complaint) != std::string::npos;
        if (*code == 0 && !complained)
        {
            return std::move(output_text_);
        }
        if (*code == 128 + SIGXCPU)
        {
            return fail(Errc::timeout, "", fmt::format("{} used up its processor time", name()));
        }
        return fail(Errc::malformed, "",
                    fmt::format("{} failed: {}", name(), line.empty() ? fmt::format("exit code {}", *code) : line));
    }

    [[nodiscard]] std::string_view name() const
    {
        return std::string_view(command_.program).substr(command_.program.rfind('/') + 1);
    }

    const SandboxCommand& command_;
    const SandboxLimits& limits_;
    int stop_;
    Pipe output_;
    Pipe errors_;
    Pipe status_;
    std::string output_text_;
    std::string error_text_;
    std::string status_text_;
    bool too_much_ = false;
    std::array<char, 64 * KiB> buffer_{};
};
} // namespace

Result<std::string> run_sandboxed(const SandboxCommand& command, std::string input, const SandboxLimits& limits,
                                  int stop)
{
    for (const std::string& program : {std::string("/usr/bin/bwrap"), command.program})
    {
        if (::access(program.c_str(), X_OK) != 0)
        {
            return fail(Errc::unsupported, "",
                        fmt::format("cannot convert in a sandbox: {} is not installed", program));
        }
    }
    return Run(command, limits, stop).run(std::move(input));
}
} // namespace ringpost::media
