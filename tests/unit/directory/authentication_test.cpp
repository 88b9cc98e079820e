// SPDX-License-Identifier: Apache-2.0
#include "core/virtual_clock.h"
#include "directory/authentication.h"
#include "office.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <future>
#include <thread>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
constexpr HashCost cheap{1, 8192};

/// A directory with taro (secret `kasa`), jiro (no secret) and the peer office-b.example (secret `peer`).
class Login
{
public:
    explicit Login(AuthenticationOptions options = {cheap, 2, 100, 10, {1000}})
    {
        auto data = test::people();
        data.users[0].secret_hash = hash_secret("kasa", cheap).value();
        data.peers[0].secret_hash = hash_secret("peer", cheap).value();
        edit([&data](store::DirectoryRows& rows) { rows.insert_all(data); });
        authentication_ = Authentication::create(directory_, options, context_.get_executor(), clock_).value();
    }

    void edit(const std::function<void(store::DirectoryRows&)>& change)
    {
        const std::function<Result<bool>(store::Connection&)> unit = [&change](store::Connection& connection) {
            store::DirectoryRows rows(connection);
            change(rows);
            return Result<bool>(true);
        };
        REQUIRE(database_->write_now<bool>("test", unit).has_value());
        REQUIRE(directory_.load_now().has_value());
    }

    /// `own-user taro@…`, `-` where login or secret are wrong, or the failure.
    std::string operator()(const std::string& login, const std::string& secret)
    {
        std::string answer;
        start(login, secret, answer);
        run();
        return answer;
    }

    void start(const std::string& login, const std::string& secret, std::string& answer,
               const std::string& address = "192.0.2.1")
    {
        const auto home = std::this_thread::get_id();
        boost::asio::co_spawn(
            context_, authentication_->authenticate(login, secret, address),
            [&answer, home](const std::exception_ptr& error, const Result<std::optional<Submitter>>& result) {
                answer = error ? "thrown" : text(result, home);
            });
    }

    void run()
    {
        context_.run();
        context_.restart();
    }

    /// Until it is answered, or waits for its time.
    void settle(const std::string& answer)
    {
        const std::size_t waiting = clock_.pending();
        context_.restart();
        while (answer.empty() && clock_.pending() == waiting)
        {
            context_.run_one();
        }
        context_.restart();
    }

    boost::asio::io_context& context() { return context_; }
    VirtualClock& clock() { return clock_; }
    Authentication& authentication() { return *authentication_; }

private:
    static std::string text(const Result<std::optional<Submitter>>& result, std::thread::id home)
    {
        if (home != std::this_thread::get_id())
        {
            return "answered on another thread";
        }
        if (result.has_error())
        {
            return to_string(result.error().code());
        }
        const auto& who = *result;
        return who ? std::string(word(who->standing)) + ' ' + who->name : "-";
    }

    static std::unique_ptr<store::Database> open()
    {
        store::DatabaseOptions options;
        options.file = ":memory:";
        return store::Database::open(options).value();
    }

    boost::asio::io_context context_; // outlives the threads that post to it
    VirtualClock clock_{context_, Instant{}};
    std::unique_ptr<store::Database> database_ = open();
    Directory directory_{*database_, test::office()};
    std::unique_ptr<Authentication> authentication_;
};
} // namespace

TEST_CASE("A user logs in by any address and a peer by its name, with the right secret")
{
    Login login;
    for (int round = 0; round < 2; ++round) // the second time from the cache
    {
        REQUIRE(login("taro@office.example", "kasa") == "own-user taro@office.example");
        REQUIRE(login("Sales@OFFICE.example", "kasa") == "own-user taro@office.example");
        REQUIRE(login("Office-B.example", "peer") == "peer office-b.example");
        REQUIRE(login("taro@office.example", "Kasa") == "-");
        REQUIRE(login("taro@office.example", "") == "-");
        REQUIRE(login("office-b.example", "kasa") == "-");
        REQUIRE(login("nobody@office.example", "kasa") == "-");
        REQUIRE(login("", "") == "-");
        REQUIRE(login("taro@office.example", std::string("kasa\0", 5)) == "-");
        REQUIRE(login("taro@office.example", std::string(100'000, 'a')) == "-");
        REQUIRE(login(std::string(100'000, 'a'), "kasa") == "-");
    }
}

TEST_CASE("Who has no secret cannot log in, not even with an empty one")
{
    Login login;
    REQUIRE(login("jiro@office.example", "") == "-");
    REQUIRE(login("office-c.example", "") == "-");
}

TEST_CASE("A changed secret ends what the cache knew, and a deleted user is gone")
{
    Login login;
    REQUIRE(login("taro@office.example", "kasa") == "own-user taro@office.example");
    login.edit([](store::DirectoryRows& rows) {
        auto taro = rows.load().users.at(0);
        taro.secret_hash = hash_secret("tsue", cheap).value();
        rows.replace(taro);
    });
    REQUIRE(login("taro@office.example", "kasa") == "-");
    REQUIRE(login("taro@office.example", "tsue") == "own-user taro@office.example");
    login.edit([](store::DirectoryRows& rows) { rows.erase_user(UserId{1}); });
    REQUIRE(login("taro@office.example", "tsue") == "-");
}

TEST_CASE("Too many logins at once are answered unavailable, and all of them are answered")
{
    Login login({cheap, 1, 1, 0, {1000}});
    std::vector<std::string> answers(50);
    for (auto& answer : answers)
    {
        login.start("taro@office.example", "wrong", answer);
    }
    login.run();
    const auto refused = std::count(answers.begin(), answers.end(), to_string(Errc::unavailable));
    const auto wrong = std::count(answers.begin(), answers.end(), "-");
    REQUIRE(refused + wrong == 50);
    REQUIRE(refused > 0);
    REQUIRE(wrong > 0);
}

TEST_CASE("After stop a login that needs the pool is answered unavailable")
{
    Login login;
    login.authentication().stop();
    REQUIRE(login("taro@office.example", "kasa") == to_string(Errc::unavailable));
}

TEST_CASE("A pool takes no more than its queue holds, and when it stops refuses what waits, once each")
{
    std::promise<void> gate;
    std::promise<void> running;
    int ran = 0;
    int refused = 0;
    WorkPool pool(1, 3);
    const auto wait_for_gate = [&] {
        running.set_value();
        gate.get_future().wait();
        ++ran;
    };
    const WorkPool::Job counted{[&] { ++ran; }, [&] { ++refused; }};
    REQUIRE(pool.submit({wait_for_gate, [] {}}));
    running.get_future().wait();
    for (int i = 0; i < 3; ++i)
    {
        REQUIRE(pool.submit(counted));
    }
    REQUIRE_FALSE(pool.submit(counted));
    std::thread stopping([&pool] { pool.stop(); });
    gate.set_value();
    stopping.join();
    REQUIRE(ran + refused == 4);
    REQUIRE(ran >= 1);
    REQUIRE_FALSE(pool.submit(counted));
    pool.stop();
    REQUIRE(ran + refused == 4);
}

TEST_CASE("A new secret is hashed on the pool, with a salt of its own")
{
    Login login;
    std::vector<std::string> hashes;
    for (int i = 0; i < 2; ++i)
    {
        boost::asio::co_spawn(
            login.context(), login.authentication().hash("kasa"),
            [&hashes](const std::exception_ptr&, const Result<std::string>& hash) { hashes.push_back(hash.value()); });
    }
    login.run();
    REQUIRE(hashes.size() == 2);
    REQUIRE(hashes[0] != hashes[1]);
    REQUIRE(hashes[0].starts_with("$argon2id$"));
    REQUIRE(verify_secret(hashes[0], "kasa").value());
    REQUIRE_FALSE(verify_secret(hashes[0], "kasA").value());
    REQUIRE_FALSE(verify_secret("", "").value());
    REQUIRE_FALSE(verify_secret(std::string(1000, '$'), "kasa").value());
    REQUIRE(hash_secret(std::string(longest_secret + 1, 'a'), cheap).error().code() == Errc::too_large);
}

TEST_CASE("The cache forgets the oldest and never takes one text for another")
{
    VerifiedCache cache(2);
    const auto a = cache.digest("a", "h", "s");
    REQUIRE(a == cache.digest("a", "h", "s"));
    REQUIRE(a != cache.digest("ah", "", "s"));
    REQUIRE(a != cache.digest("a", "hs", ""));
    REQUIRE(a != VerifiedCache(2).digest("a", "h", "s"));
    cache.insert(a);
    cache.insert(a);
    cache.insert(cache.digest("b", "h", "s"));
    REQUIRE(cache.contains(a));
    cache.insert(cache.digest("c", "h", "s"));
    REQUIRE_FALSE(cache.contains(a));
    REQUIRE(cache.contains(cache.digest("c", "h", "s")));
}

TEST_CASE("A secret is taken away from where it was")
{
    std::string text = "kasa";
    const Secret secret(text);
    REQUIRE(text.empty());
    REQUIRE(secret.view() == "kasa");
}

TEST_CASE("A guess is answered late, the owner at once: elsewhere, and where the owner has logged in before")
{
    Login login({cheap, 2, 100, 10, {2, 4s, 16s, 1h, 100}});
    const std::string taro = "taro@office.example";
    REQUIRE(login(taro, "kasa") == "own-user taro@office.example"); // from 192.0.2.1
    std::string answer;
    const auto from = [&](const std::string& secret, const std::string& address) {
        answer = "";
        login.start(taro, secret, answer, address);
        login.settle(answer);
        return answer;
    };
    CHECK(from("a", "192.0.2.7") == "-");
    CHECK(from("b", "192.0.2.8") == "-");
    CHECK(from("c", "192.0.2.9").empty());
    login.clock().run_for(3999ms);
    CHECK(answer.empty());
    login.clock().run_for(1ms);
    CHECK(answer == "-");
    CHECK(from("kasa", "192.0.2.7") == "own-user taro@office.example");

    CHECK(from("d", "198.51.100.7") == "-");
    CHECK(from("e", "198.51.100.7") == "-");
    CHECK(from("f", "198.51.100.7").empty());
    std::string guessed;
    login.start(taro, "kasa", guessed, "198.51.100.8");
    login.settle(guessed);
    CHECK(guessed.empty()); // the right one is told no sooner than a wrong one
    CHECK(from("kasa", "203.0.113.1") == "own-user taro@office.example");
    login.clock().run_for(4s);
    CHECK(guessed == "own-user taro@office.example");
}

TEST_CASE("Who guesses over many connections is turned away, with no word about the secret")
{
    Login login({cheap, 2, 100, 10, {0, 10s, 10s, 1h, 100}});
    std::array<std::string, 4> answers;
    login.start("taro@office.example", "a", answers[0]);
    login.settle(answers[0]);
    login.start("taro@office.example", "b", answers[1]);
    login.settle(answers[1]);
    CHECK(answers[0].empty());
    CHECK(answers[1] == to_string(Errc::unavailable));
    for (std::string& right : {std::ref(answers[2]), std::ref(answers[3])})
    {
        login.start("taro@office.example", "kasa", right);
        login.settle(right);
        CHECK(right == to_string(Errc::unavailable));
    }
    login.clock().run_for(10s);
    CHECK(answers[0] == "-");
}

TEST_CASE("Whoever waits for a login's delay is answered when delays are ended, with no word about the secret")
{
    Login login({cheap, 2, 100, 10, {0, 10s, 10s, 1h, 100}});
    std::array<std::string, 3> answers;
    login.start("taro@office.example", "wrong", answers[0]);
    login.settle(answers[0]);
    login.start("nobody@office.example", "wrong", answers[1]);
    login.settle(answers[1]);
    CHECK(answers[0].empty());
    CHECK(answers[1].empty());
    boost::asio::post(login.context(), [&] { login.authentication().end_delays(); });
    login.context().restart();
    login.context().poll();
    CHECK(answers[0] == to_string(Errc::unavailable));
    CHECK(answers[1] == to_string(Errc::unavailable));
    CHECK(login.clock().pending() == 0);
    login.start("jiro@office.example", "wrong", answers[2]);
    login.settle(answers[2]);
    CHECK(answers[2] == to_string(Errc::unavailable));
}

TEST_CASE("Each address of a user counts for the same account")
{
    Login login({cheap, 2, 100, 10, {2, 10s, 10s, 1h, 100}});
    CHECK(login("taro@office.example", "a") == "-");
    CHECK(login("sales@office.example", "b") == "-");
    std::string third;
    login.start("taro@other.example", "c", third);
    login.settle(third);
    CHECK(third.empty());
}
