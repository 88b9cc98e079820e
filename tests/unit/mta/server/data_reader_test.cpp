// SPDX-License-Identifier: Apache-2.0
#include "mta/server/data_reader.h"

#include <catch2/catch.hpp>

#include <optional>

using namespace ringpost;
using namespace ringpost::mta;
using namespace std::string_literals;

namespace
{
struct Reading
{
    bool complete = false;
    std::size_t consumed = 0;
    std::string mail;
    std::string violation;
    std::uint64_t size = 0;
};

Reading read(const std::string& octets, std::size_t piece, std::uint64_t limit = 0)
{
    DataReader reader(limit);
    Reading reading;
    while (reading.consumed < octets.size() && !reading.complete)
    {
        const DataReader::Fed fed = reader.feed(std::string_view(octets).substr(reading.consumed, piece));
        reading.consumed += fed.consumed;
        reading.complete = fed.verdict == DataReader::Verdict::complete;
        reading.mail += reader.take();
    }
    const std::optional<Failure> violation = reader.violation();
    reading.violation = violation ? violation->text() : "";
    reading.size = reader.size();
    CHECK(reader.received() == reading.consumed);
    return reading;
}

Reading read_whole_and_split(const std::string& octets)
{
    const Reading whole = read(octets, octets.size());
    for (const std::size_t piece : {1U, 2U, 3U, 7U})
    {
        const Reading split = read(octets, piece);
        CHECK(split.complete == whole.complete);
        CHECK(split.consumed == whole.consumed);
        CHECK(split.violation == whole.violation);
        CHECK(split.size == whole.size);
        if (whole.violation.empty())
        {
            CHECK(split.mail == whole.mail);
        }
    }
    return whole;
}
} // namespace

TEST_CASE("A mail is read to its end with the dots removed", "[mta]")
{
    const std::vector<std::pair<std::string, std::string>> rows = {
        {".\r\n", ""},
        {"\r\n.\r\n", "\r\n"},
        {"a\r\n.\r\n", "a\r\n"},
        {"a\r\nb\r\n.\r\n", "a\r\nb\r\n"},
        {"..\r\n.\r\n", ".\r\n"},
        {"...\r\n.\r\n", "..\r\n"},
        {".a\r\n.\r\n", "a\r\n"},
        {"a.\r\n.\r\n", "a.\r\n"},
        {"a\r\n. \r\n.\r\n", "a\r\n \r\n"},
        {"a\r\n\r\n\r\n.\r\n", "a\r\n\r\n\r\n"},
        {"\xe3\x81\x82\xff\r\n.\r\n", "\xe3\x81\x82\xff\r\n"},
        {std::string(100000, 'x') + "\r\n.\r\n", std::string(100000, 'x') + "\r\n"},
    };
    for (const auto& [octets, mail] : rows)
    {
        CAPTURE(octets.substr(0, 40));
        const Reading reading = read_whole_and_split(octets + "QUIT\r\n");
        CHECK(reading.complete);
        CHECK(reading.consumed == octets.size());
        CHECK(reading.mail == mail);
        CHECK(reading.size == mail.size());
        CHECK(reading.violation.empty());
    }
}

TEST_CASE("Nothing but CRLF.CRLF ends a mail, and what pretends to is refused", "[mta]")
{
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"a\n.\n", "bare LF in line 1 of the message"},
        {"a\n.\r\n", "bare LF in line 1 of the message"},
        {"a\r\n.\n", "bare LF in line 2 of the message"},
        {"a\r.\r", "bare CR in line 1 of the message"},
        {"a\r.\r\n", "bare CR in line 1 of the message"},
        {"a\r\n.\r", "bare CR in line 2 of the message"},
        {"a\r\n.\rx", "bare CR in line 2 of the message"},
        {"a\r\n.\r\r\n", "bare CR in line 2 of the message"},
        {"a\r\r\n.\r\r\n", "bare CR in line 1 of the message"},
        {"a\r\n\n.\r\n", "bare LF in line 2 of the message"},
        {"a\n\r.\r\n", "bare LF in line 1 of the message"},
        {"a\r\n\r.\r\n", "bare CR in line 2 of the message"},
        {"a\r\n\0.\r\n"s, "NUL octet in line 2 of the message"},
        {"a\r\n.\0\r\n"s, "NUL octet in line 2 of the message"},
        {"a\0\r.\n"s, "NUL octet in line 1 of the message"},
        {"a\0\n"s, "NUL octet in line 1 of the message"},
        {"a\n\0"s, "bare LF in line 1 of the message"},
    };
    for (const auto& [octets, violation] : rows)
    {
        CAPTURE(octets);
        const Reading open = read_whole_and_split(octets + "MAIL FROM:<evil@x>");
        CHECK_FALSE(open.complete);
        const Reading ended = read_whole_and_split(octets + "MAIL FROM:<evil@x>\r\n.\r\nNOOP\r\n");
        CHECK(ended.complete);
        CHECK(ended.consumed == octets.size() + 23);
        CHECK(ended.violation == violation);
    }
}

TEST_CASE("A mail beyond the limit is read to its end and kept no longer", "[mta]")
{
    const std::string octets = "..345678\r\n12345678\r\n.\r\nNOOP\r\n";
    for (const std::size_t piece : {1U, 2U, 5U, 100U})
    {
        CAPTURE(piece);
        const Reading fits = read(octets, piece, 19);
        CHECK(fits.violation.empty());
        CHECK(fits.size == 19);
        const Reading large = read(octets, piece, 18);
        CHECK(large.complete);
        CHECK(large.consumed == octets.size() - 6);
        CHECK(large.violation == "Message size exceeds the limit of 18 octets");
        CHECK(large.mail.size() <= 18);
    }
}

TEST_CASE("After the end nothing more is taken", "[mta]")
{
    DataReader reader(0);
    CHECK(reader.feed(".\r\n").verdict == DataReader::Verdict::complete);
    const DataReader::Fed more = reader.feed("a\r\n.\r\n");
    CHECK(more.consumed == 0);
    CHECK(more.verdict == DataReader::Verdict::complete);
}
