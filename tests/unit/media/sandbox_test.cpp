// SPDX-License-Identifier: Apache-2.0
#include "media/sandbox.h"
#include "media/sandbox_process.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <thread>

using namespace ringpost;
using namespace ringpost::media;
using Clocks = std::chrono::steady_clock;

namespace
{
SandboxCommand shell(const std::string& script)
{
    return {"/usr/bin/sh", {"-c", script}, {}};
}

/// Starts runs and gathers what becomes of them.
class Runs
{
public:
    explicit Runs(std::size_t at_once = 2, std::size_t waiting = 100)
        : sandbox_(std::make_unique<Sandbox>(at_once, waiting))
    {}

    void start(SandboxCommand command, std::string input = "", const SandboxLimits& limits = {})
    {
        const std::size_t place = results_.size();
        results_.emplace_back();
        boost::asio::co_spawn(context_, sandbox_->run(std::move(command), std::move(input), limits),
                              [this, place](const std::exception_ptr& error, Result<std::string> result) {
                                  on_own_thread_ = on_own_thread_ && std::this_thread::get_id() == home_;
                                  results_[place] = error ? Result<std::string>(fail(Errc::internal, "", "thrown"))
                                                          : std::move(result);
                              });
    }

    std::vector<Result<std::string>> all()
    {
        context_.restart();
        context_.run();
        CHECK(on_own_thread_);
        std::vector<Result<std::string>> list;
        for (auto& result : results_)
        {
            list.push_back(result.value_or(fail(Errc::internal, "", "never answered")));
        }
        results_.clear();
        return list;
    }

    Result<std::string> operator()(SandboxCommand command, std::string input = "", const SandboxLimits& limits = {})
    {
        start(std::move(command), std::move(input), limits);
        return all().front();
    }

    void destroy() { sandbox_.reset(); }
    boost::asio::io_context& context() { return context_; }

private:
    boost::asio::io_context context_;
    std::unique_ptr<Sandbox> sandbox_;
    std::vector<std::optional<Result<std::string>>> results_;
    std::thread::id home_ = std::this_thread::get_id();
    bool on_own_thread_ = true;
};

/// Processes of which an argument is `mark`.
std::size_t processes_with(const std::string& mark)
{
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    {
        std::ifstream file(entry.path() / "cmdline", std::ios::binary);
        std::string line;
        std::getline(file, line); // unlike an iterator it does not throw where the process has ended meanwhile
        count += line.find(mark + '\0') != std::string::npos ? 1 : 0;
    }
    return count;
}

template <class Condition>
bool becomes_true(Condition condition)
{
    const auto end = Clocks::now() + 10s;
    while (!condition() && Clocks::now() < end)
    {
        std::this_thread::yield();
    }
    return condition();
}

std::string text_of(const Result<std::string>& result)
{
    return result ? *result : to_string(result.error().code()) + (": " + result.error().text());
}
} // namespace

TEST_CASE("A program in the sandbox turns its input into its output")
{
    Runs runs;
    CHECK(text_of(runs({"/usr/bin/tr", {"a-z", "A-Z"}, {}}, "hello")) == "HELLO");
    CHECK(text_of(runs({"/usr/bin/cat", {}, {}})).empty());
    std::string large;
    for (int i = 0; i < 300'000; ++i)
    {
        large += std::to_string(i);
    }
    CHECK(text_of(runs({"/usr/bin/cat", {}, {}}, large)) == large);
}

TEST_CASE("A program that does not read its input does not hold it up")
{
    Runs runs;
    CHECK(text_of(runs(shell("echo done"), std::string(5'000'000, 'x'))) == "done\n");
}

TEST_CASE("The input can be read anywhere")
{
    Runs runs;
    CHECK(text_of(runs({"/usr/bin/tail", {"-c", "3"}, {}}, "abcdef")) == "def");
    CHECK(text_of(runs(shell("echo more >&0"), "abc")).find("malformed") == 0);
}

TEST_CASE("There is nothing in the sandbox but programs and an own empty directory")
{
    Runs runs;
    CHECK(text_of(runs(shell("ls / /tmp; echo here > /tmp/file; cat /tmp/file"))) ==
          "/:\nbin\ndev\nlib\nlib64\ntmp\nusr\n\n/tmp:\nhere\n");
    CHECK(text_of(runs(shell("ls /tmp"))).empty());
    CHECK(text_of(runs(shell("cat /etc/passwd"))).find("malformed: sh failed: cat: /etc/passwd: No such file") == 0);
    CHECK(text_of(runs(shell("echo x > /usr/x"))).find("Read-only file system") != std::string::npos);
    CHECK(text_of(runs(shell("echo $$; env | sort"))) == "2\nHOME=/tmp\nLC_ALL=C.UTF-8\nPATH=/usr/bin\nPWD=/tmp\n");
}

TEST_CASE("There is no network in the sandbox, no rights, and no way to more namespaces")
{
    Runs runs;
    const std::string connect =
        "import socket\ntry:\n  socket.create_connection(('192.0.2.1', 9), 1)\nexcept OSError as e:\n  print(e)";
    CHECK(text_of(runs({"/usr/bin/python3", {"-c", connect}, {}})) == "[Errno 101] Network is unreachable\n");
    CHECK(text_of(runs(shell("id -u"))) != "0\n");
    CHECK(text_of(runs(shell("unshare -Ur true"))).find("malformed") == 0);
    CHECK(text_of(runs(shell("mount -t tmpfs none /usr"))).find("malformed") == 0);
}

TEST_CASE("No descriptor of ours is open in the sandbox")
{
    // Not close-on-exec, as a careless library would leave it.
    const Descriptor careless(::open("/etc/passwd", O_RDONLY));
    REQUIRE(::fcntl(careless.number(), F_SETFD, 0) == 0);
    Runs runs;
    std::string probes;
    for (int number = 3; number < 40; ++number)
    {
        probes += fmt::format("(: <&{0}) 2>/dev/null && echo {0}; ", number);
    }
    const Result<std::string> open = runs({"/usr/bin/bash", {"-c", probes + "true"}, {}});
    CHECK(text_of(open).empty());
}

TEST_CASE("Further files are readable where the caller names them")
{
    Runs runs;
    SandboxCommand command = shell("head -c 5 /etc/passwd");
    command.readable = {"/etc/passwd", "/nowhere"};
    CHECK(text_of(runs(command)) == "root:");
}

TEST_CASE("A program that fails is malformed input, with its last line")
{
    Runs runs;
    CHECK(text_of(runs(shell("exit 7"))) == "malformed: sh failed: exit code 7");
    CHECK(text_of(runs(shell("echo first >&2; printf 'la\\033st\\n\\n' >&2; exit 1"))) ==
          "malformed: sh failed: la?st");
    CHECK(text_of(runs(shell("kill -SEGV $$"))) == "malformed: sh failed: exit code 139");
    CHECK(text_of(runs(shell("echo out; echo '{ \"exit-code\": 0 }' >&2; exit 1"))).find("malformed") == 0);
    const auto flood = runs(shell("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1"));
    CHECK(flood.error().text().size() < 250);
}

TEST_CASE("A program that is not there is named")
{
    Runs runs;
    CHECK(text_of(runs({"/usr/bin/no-such-converter", {}, {}})) ==
          "unsupported: cannot convert in a sandbox: /usr/bin/no-such-converter is not installed");
}

TEST_CASE("What bubblewrap cannot set up is no fault of the input")
{
    Runs runs;
    SandboxCommand command = shell("true");
    command.readable = {"/usr/bin/sh/below-a-file"};
    const auto result = text_of(runs(command));
    CHECK(result.find("unsupported: cannot convert in a sandbox: bwrap: ") == 0);
}

TEST_CASE("At the time limit the program and all that it started are killed")
{
    Runs runs;
    SandboxLimits limits;
    limits.time = 300ms;
    const std::string mark = "86399.25";
    const auto began = Clocks::now();
    const auto result = runs(shell("sleep " + mark + " & sleep " + mark), "", limits);
    CHECK(text_of(result) == "timeout: sh took longer than 300ms");
    CHECK(Clocks::now() - began < 5s);
    CHECK(becomes_true([&mark] { return processes_with(mark) == 0; }));
}

TEST_CASE("Killed at any moment of its start, it leaves nothing behind")
{
    Runs runs;
    const std::string mark = "86399.125";
    for (int i = 0; i < 80; ++i)
    {
        SandboxLimits limits;
        limits.time = i * 150us;
        CHECK(runs({"/usr/bin/sleep", {mark}, {}}, "", limits).error().code() == Errc::timeout);
    }
    CHECK(becomes_true([&mark] { return processes_with(mark) == 0; }));
}

TEST_CASE("A program that closes its output, or leaves others behind, is not waited for longer")
{
    Runs runs;
    SandboxLimits limits;
    limits.time = 300ms;
    CHECK(text_of(runs(shell("exec >&- 2>&-; sleep 60"), "", limits)) == "timeout: sh took longer than 300ms");
    CHECK(text_of(runs(shell("sleep 86399.5 & echo done"), "", SandboxLimits{})) == "done\n");
    CHECK(becomes_true([] { return processes_with("86399.5") == 0; }));
}

TEST_CASE("Processor time, memory, processes and scratch space are bounded")
{
    Runs runs;
    SandboxLimits limits;
    limits.time = 20s;
    limits.memory = 64 * MiB;
    limits.scratch = 1 * MiB;
    CHECK(text_of(runs({"/usr/bin/head", {"-c", "10000000000", "/dev/zero"}, {}}, "", limits)).find("too-large") == 0);
    const std::string line_without_end = "tail -n 1 /dev/zero >/dev/null";
    CHECK(text_of(runs(shell(line_without_end), "", limits)).find("memory exhausted") != std::string::npos);
    CHECK(text_of(runs(shell("head -c 3000000 /dev/zero > /tmp/x"), "", limits)).find("No space left") !=
          std::string::npos);
    const std::string many = "i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done; wait";
    CHECK(text_of(runs(shell(many), "", limits)).find("malformed") == 0);
}

TEST_CASE("Busy programs share one time limit of clock and processor")
{
    Runs runs;
    SandboxLimits limits;
    limits.time = 1s;
    const auto result = runs(shell("while :; do :; done"), "", limits);
    CHECK(result.error().code() == Errc::timeout);
}

TEST_CASE("More output than allowed is an error, just as much is not")
{
    Runs runs;
    SandboxLimits limits;
    limits.output = 100;
    CHECK(text_of(runs({"/usr/bin/cat", {}, {}}, std::string(100, 'x'), limits)).size() == 100);
    CHECK(text_of(runs({"/usr/bin/cat", {}, {}}, std::string(101, 'x'), limits)) ==
          "too-large: cat made more than 100 octets");
    CHECK(text_of(runs({"/usr/bin/yes", {}, {}}, "", limits)) == "too-large: yes made more than 100 octets");
}

TEST_CASE("More programs than threads wait their turn, and more than may wait are refused")
{
    Runs runs(2, 3);
    for (int i = 0; i < 12; ++i)
    {
        runs.start(shell("sleep 0.2; echo done"));
    }
    const auto results = runs.all();
    std::map<std::string, int> counts;
    for (const auto& result : results)
    {
        ++counts[text_of(result)];
    }
    // How many had been taken from the queue when the last came is up to the threads.
    const int done = counts["done\n"];
    CHECK((done >= 3 && done <= 5));
    CHECK(counts["unavailable: too many conversions at this moment"] == 12 - done);
}

TEST_CASE("Runs that start at the same time do not disturb each other")
{
    Runs runs(8);
    for (int i = 0; i < 24; ++i)
    {
        runs.start({"/usr/bin/cat", {}, {}}, std::string(100'000, static_cast<char>('a' + i)));
    }
    const auto results = runs.all();
    for (std::size_t i = 0; i < results.size(); ++i)
    {
        CHECK(text_of(results[i]) == std::string(100'000, static_cast<char>('a' + i)));
    }
}

TEST_CASE("The end of the sandbox kills what runs and refuses what waits")
{
    Runs runs(1);
    const std::string mark = "86399.75";
    runs.start({"/usr/bin/sleep", {mark}, {}});
    runs.start({"/usr/bin/sleep", {mark}, {}});
    runs.context().poll();
    REQUIRE(becomes_true([&mark] { return processes_with(mark) > 0; }));
    const auto began = Clocks::now();
    runs.destroy();
    CHECK(Clocks::now() - began < 5s);
    const auto results = runs.all();
    CHECK(text_of(results[0]) == "unavailable: the gateway is shutting down");
    CHECK(results[1].error().code() == Errc::unavailable);
    CHECK(becomes_true([&mark] { return processes_with(mark) == 0; }));
}

TEST_CASE("The last line of what a program says is kept, short and printable")
{
    const std::map<std::string, std::string> lines{
        {"", ""},
        {"\n \r\n", ""},
        {"one", "one"},
        {"one\ntwo\n\n", "two"},
        {"one\rtwo\r\n", "two"},
        {"bell\a \x1b[31m\xc3\xa9", "bell? ?[31m??"},
        {std::string(500, 'x'), std::string(200, 'x')},
    };
    for (const auto& [text, line] : lines)
    {
        CHECK(last_line(text) == line);
    }
}

TEST_CASE("Root gives its rights up before anything else")
{
    const auto as_root = sandbox_arguments({"/usr/bin/sox", {"-x"}, {}}, {}, true);
    CHECK(as_root.front() == "/usr/bin/setpriv");
    const auto as_user = sandbox_arguments({"/usr/bin/sox", {"-x"}, {}}, {}, false);
    CHECK(as_user.front() == "/usr/bin/bwrap");
    for (const auto& list : {as_root, as_user})
    {
        const std::set<std::string> words(list.begin(), list.end());
        for (const auto* word : {"--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent",
                                 "--cpu=30:31", "--as=268435456", "--core=0"})
        {
            CHECK(words.count(word) == 1);
        }
        CHECK(std::vector(list.end() - 2, list.end()) == std::vector<std::string>{"/usr/bin/sox", "-x"});
    }
}

TEST_CASE("A program that complains has failed, whatever it ends with")
{
    Runs runs;
    SandboxCommand command = shell("echo half; echo 'shell FAIL: it broke off' >&2");
    CHECK(runs(command).value() == "half\n");
    command.complaint = "shell FAIL";
    const auto result = runs(command);
    REQUIRE(result.has_error());
    CHECK(result.error().code() == Errc::malformed);
    CHECK_THAT(result.error().message(), Catch::Contains("it broke off"));
}
