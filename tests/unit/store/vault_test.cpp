// SPDX-License-Identifier: Apache-2.0
#include "../temporary_directory.h"
#include "store/mail_body.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

using namespace ringpost;
using namespace ringpost::store;

namespace
{
const std::string first_key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const std::string second_key = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";

class KeyFile
{
public:
    explicit KeyFile(const std::string& text)
    {
        std::ofstream(path()) << text;
        std::filesystem::permissions(path(), std::filesystem::perms(0600));
    }
    [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "keys"; }
    [[nodiscard]] Result<Vault> load() const { return Vault::load(path(), true); }

private:
    ringpost::test::TemporaryDirectory folder_;
};

Vault vault()
{
    return KeyFile(first_key + "\n").load().value();
}

std::string octets(std::size_t count)
{
    std::string text(count, 'x');
    for (std::size_t i = 0; i < count; i += 7)
    {
        text[i] = static_cast<char>('a' + i % 26);
    }
    return text;
}
} // namespace

TEST_CASE("What is sealed comes out as it went in, whatever its size")
{
    const Vault keys = vault();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, sealed_piece - 1, sealed_piece, sealed_piece + 1,
                                   3 * sealed_piece, 3 * sealed_piece + 12345})
    {
        CAPTURE(size);
        const std::string plain = octets(size);
        const std::string sealed = keys.sealed(plain);
        CHECK(sealed.size() == size + sealed_header + sealed_overhead * (size / sealed_piece + 1));
        CHECK(sealed.size() == static_cast<std::size_t>(sealed_size(static_cast<std::int64_t>(size))));
        CHECK((size < 8 || sealed.find(plain.substr(0, 8)) == std::string::npos));
        CHECK(keys.opened(keys.key_id(), sealed).value() == plain);
        Sealer sealer = keys.seal();
        std::string piecewise;
        for (std::size_t at = 0; at < size; at += 999)
        {
            piecewise += sealer.add(std::string_view(plain).substr(at, 999));
        }
        piecewise += sealer.finish();
        CHECK(keys.opened(keys.key_id(), piecewise).value() == plain);
    }
    CHECK(keys.sealed("the same") != keys.sealed("the same"));
}

TEST_CASE("What was changed, cut off or put together anew does not open")
{
    const Vault keys = vault();
    const std::string sealed = keys.sealed(octets(2 * sealed_piece + 100));
    const std::size_t step = sealed_piece + sealed_overhead;
    const auto refused = [&keys](const std::string& octets) {
        const auto opened = keys.opened(keys.key_id(), octets);
        return opened.has_error() && opened.error().code() == Errc::malformed;
    };
    for (const std::size_t at : {std::size_t{0}, sealed_header, sealed_header + step + 3, sealed.size() - 1})
    {
        std::string changed = sealed;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        CHECK(refused(changed));
    }
    CHECK(refused(""));
    CHECK(refused(sealed.substr(0, 10)));
    CHECK(refused(sealed.substr(0, sealed_header + step)));
    CHECK(refused(sealed.substr(0, sealed.size() - 1)));
    CHECK(refused(sealed + "x"));
    CHECK(refused(sealed.substr(0, sealed_header) + sealed.substr(sealed_header + step, step) +
                  sealed.substr(sealed_header, step) + sealed.substr(sealed_header + 2 * step)));
    CHECK(refused(keys.sealed("one").substr(0, sealed_header) + keys.sealed("two").substr(sealed_header)));
}

TEST_CASE("The first key seals, and the older ones still open")
{
    const Vault before = vault();
    const std::string old = before.sealed("old mail");
    const Vault after = KeyFile("# rotated\n\n  " + second_key + "  \r\n" + first_key + "\n").load().value();
    CHECK(after.key_id() != before.key_id());
    CHECK(after.opened(before.key_id(), old).value() == "old mail");
    const auto without = before.opened(after.key_id(), after.sealed("new mail"));
    REQUIRE(without.has_error());
    CHECK(without.error().code() == Errc::unavailable);
    CHECK(without.error().text().find(after.key_id()) != std::string::npos);
    CHECK_FALSE(Vault().can_seal());
    CHECK(first_key.find(before.key_id()) == std::string::npos);
}

TEST_CASE("A key file says what is wrong with it, and never what its keys are")
{
    const auto error = [](const std::string& text) { return KeyFile(text).load().error(); };
    CHECK(error(first_key + "\nshort\n").where().ends_with("keys:2"));
    std::string damaged = first_key;
    damaged[5] = static_cast<char>(damaged[5] | 0x80); // one bit
    CHECK(error(first_key + "\n" + damaged + "\n").where().ends_with("keys:2"));
    CHECK(error(first_key + "\n" + first_key.substr(4) + "\n").message().find(first_key.substr(4)) ==
          std::string::npos);
    CHECK(error("# none\n").code() == Errc::malformed);
    CHECK(error(std::string(5000, 'A')).code() == Errc::malformed);
    CHECK(Vault::load("/nowhere/keys", true).error().code() == Errc::io);
    CHECK(Vault::load("/nowhere/keys", false).has_error());
    const KeyFile open_to_all(first_key);
    std::filesystem::permissions(open_to_all.path(), std::filesystem::perms(0640));
    CHECK(open_to_all.load().error().code() == Errc::refused);
    CHECK(Vault::load(open_to_all.path(), false).has_value());
    CHECK(KeyFile(Vault::new_key() + "\n" + Vault::new_key()).load().has_value());
}

TEST_CASE("A stored mail is read the same from row and file, sealed or not")
{
    ringpost::test::TemporaryDirectory folder;
    const Spool spool = Spool::open(folder.path(), vault()).value();
    const std::string plain = octets(2 * sealed_piece + 77);
    for (const bool sealed : {false, true})
    {
        const std::string kept = sealed ? spool.vault().sealed(plain) : plain;
        for (const bool in_file : {false, true})
        {
            CAPTURE(sealed, in_file);
            auto file = SpoolFile::create(spool).value();
            REQUIRE(file.append(kept).has_value());
            const auto mail = [&] {
                Mail row;
                row.key_id = sealed ? spool.vault().key_id() : "";
                row.size = static_cast<std::int64_t>(plain.size());
                (in_file ? row.spool_file : row.content) = in_file ? file.name() : kept;
                return row;
            };
            CHECK(MailBody::open(mail(), spool).value().whole().value() == plain);
            auto body = MailBody::open(mail(), spool).value();
            std::string pieces;
            for (auto piece = body.next(); !piece.value().empty(); piece = body.next())
            {
                pieces += *piece;
            }
            CHECK(pieces == plain);
        }
    }
    Mail lost;
    lost.key_id = "0011223344556677";
    CHECK(MailBody::open(std::move(lost), spool).error().code() == Errc::unavailable);
}

TEST_CASE("A spool file that is not as long as it was written is no mail")
{
    ringpost::test::TemporaryDirectory folder;
    const Spool spool = Spool::open(folder.path(), vault()).value();
    const std::string plain = octets(2 * sealed_piece + 77);
    const bool sealed = GENERATE(false, true);
    const std::string kept = sealed ? spool.vault().sealed(plain) : plain;
    const auto opened = [&](std::string stored) {
        auto file = SpoolFile::create(spool).value();
        REQUIRE(file.append(stored).has_value());
        Mail row;
        row.key_id = sealed ? spool.vault().key_id() : "";
        row.size = static_cast<std::int64_t>(plain.size());
        row.spool_file = file.name();
        return MailBody::open(std::move(row), spool);
    };
    CHECK(opened(kept).has_value());
    CHECK(opened(kept.substr(0, kept.size() - 1)).error().code() == Errc::io);
    CHECK(opened(kept.substr(0, sealed_piece)).error().code() == Errc::io);
    CHECK(opened(kept + "x").error().code() == Errc::io);
}
