// SPDX-License-Identifier: Apache-2.0
// Keys and certificates on a disk that becomes full: nothing half-written is left that would be in the way of the next
// try, or be taken for a key.
#include "ringpost/new_file.h"
#include "ringpost/new_key.h"
#include "ringpost/self_signed.h"
#include "unit/temporary_directory.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <sstream>
#include <sys/resource.h>

using namespace ringpost;
using namespace ringpost::command;

namespace
{
/// While it lives no file of this process becomes larger.
class FullDisk
{
public:
    explicit FullDisk(rlim_t octets) : handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        rlimit now = before_;
        now.rlim_cur = octets;
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &now) == 0);
    }
    ~FullDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

std::string content(const std::filesystem::path& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}
} // namespace

TEST_CASE("A new file is whole, or not there, and never in place of another")
{
    const test::TemporaryDirectory place;
    {
        const FullDisk full(10);
        REQUIRE(write_new_file(place / "file", "more than ten octets", 0600).error().code() == Errc::io);
    }
    REQUIRE(std::filesystem::is_empty(place.path()));
    REQUIRE(write_new_file(place / "file", "first", 0600).has_value());
    REQUIRE(write_new_file(place / "file", "second", 0600).error().code() == Errc::conflict);
    REQUIRE(content(place / "file") == "first");
    REQUIRE(std::filesystem::status(place / "file").permissions() ==
            (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("A new key that cannot be written leaves the keys as they are, and the next try comes through")
{
    const test::TemporaryDirectory place;
    REQUIRE(add_key(place / "keys").has_value());
    const std::string before = content(place / "keys");
    {
        const FullDisk full(before.size());
        REQUIRE(add_key(place / "keys").error().code() == Errc::io);
    }
    REQUIRE(content(place / "keys") == before);
    REQUIRE(add_key(place / "keys").has_value());
    REQUIRE(content(place / "keys").ends_with("\n" + before));
}

TEST_CASE("What a new-key that was cut off has left is not written over, but named")
{
    const test::TemporaryDirectory place;
    std::ofstream(place / "keys.new") << "half";
    const auto added = add_key(place / "keys");
    REQUIRE(added.error().code() == Errc::conflict);
    REQUIRE(added.error().where() == (place / "keys.new").string());
    REQUIRE_FALSE(std::filesystem::exists(place / "keys"));
    REQUIRE(content(place / "keys.new") == "half");
}

TEST_CASE("A key whose certificate cannot be written is not left alone")
{
    const test::TemporaryDirectory place;
    std::size_t key = 0;
    {
        const auto made = make_self_signed(place / "trial", {"a.example"}, 1).value();
        key = std::filesystem::file_size(made.key);
        REQUIRE(std::filesystem::file_size(made.certificate) > key);
    }
    {
        const FullDisk full(key);
        REQUIRE(make_self_signed(place / "tls", {"a.example"}, 1).error().code() == Errc::io);
    }
    REQUIRE(std::filesystem::is_empty(place / "tls"));
    REQUIRE(make_self_signed(place / "tls", {"a.example"}, 1).has_value());
}
