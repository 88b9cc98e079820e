// SPDX-License-Identifier: Apache-2.0
#include "core/fault_point.h"

#include <catch2/catch.hpp>

#if defined(RINGPOST_FAULTS) && RINGPOST_FAULTS
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace ringpost;
using Action = FaultPlan::Action;

TEST_CASE("A fault happens at its passing, once")
{
    FaultPlan plan;
    REQUIRE(plan.add("store.commit:3:eio,spool.*:2:kill").has_value());
    REQUIRE(plan.hit("store.commit") == Action::none);
    REQUIRE(plan.hit("store.commits") == Action::none);
    REQUIRE(plan.hit("store.commit") == Action::none);
    REQUIRE(plan.hit("spool.open") == Action::none);
    REQUIRE(plan.hit("store.commit") == Action::eio);
    REQUIRE(plan.hit("store.commit") == Action::none);
    REQUIRE(plan.hit("spool.sync") == Action::kill);
    REQUIRE(plan.hit("spool.sync") == Action::none);
}

TEST_CASE("A fault may last, and the worst of several happens")
{
    FaultPlan plan;
    REQUIRE(plan.add("commit:*:2+:eio,commit:b:1:slow,commit:b:3:kill").has_value());
    REQUIRE(plan.hit("commit:a") == Action::none);
    REQUIRE(plan.hit("commit:a") == Action::eio);
    REQUIRE(plan.hit("commit:b") == Action::eio);
    REQUIRE(plan.hit("commit:b") == Action::eio);
    REQUIRE(plan.hit("commit:b") == Action::kill);
    REQUIRE(plan.hit("commit:b") == Action::eio);
    REQUIRE(plan.hit("spool.write") == Action::none);
}

TEST_CASE("A plan that cannot be read is refused whole")
{
    const auto* text =
        GENERATE(as<const char*>{}, ",", "a", "a:1", "a:1:", "a:0:eio", "a:-1:eio", "a:x:eio", "a:1x:eio", "a:+:eio",
                 "a:1++:eio", "a:0+:eio", "a:1:EIO", ":1:eio", "a:1:eio:", "a:1:eio,", "a:99999999999999999999:eio");
    INFO(text);
    FaultPlan plan;
    REQUIRE(plan.add(std::string("first:1:eio,") + text).has_error());
    REQUIRE(plan.hit("first") == Action::none);
    REQUIRE(plan.add("").has_value());
}

TEST_CASE("The environment kills the process at the point that it names, which the trace shows")
{
    if (std::getenv("RINGPOST_FAULT") != nullptr)
    {
        // The child, see below.
        const bool first = fault_point("one");
        const bool second = fault_point("one");
        if (!first && second)
        {
            crash_point("two");
        }
        ::_exit(1);
    }
    const auto trace = std::filesystem::temp_directory_path() / ("ringpost-fault-test-" + std::to_string(::getpid()));
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
    {
        ::setenv("RINGPOST_FAULT", "one:2:eio,two:1:kill", 1);
        ::setenv("RINGPOST_FAULT_TRACE", trace.c_str(), 1);
        // A new program: this one may have passed a point, and read its environment, in the test of something else.
        ::execl("/proc/self/exe", "ringpost_tests", "The environment kills*", nullptr);
        ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    std::ifstream in(trace);
    const std::string passed{std::istreambuf_iterator<char>(in), {}};
    REQUIRE(passed == "one\none\ntwo\n");
    std::filesystem::remove(trace);
}
#else
TEST_CASE("Without fault points nothing fails")
{
    REQUIRE_FALSE(ringpost::fault_point("any"));
}
#endif
