// SPDX-License-Identifier: Apache-2.0
#include "media/header_block.h"

#include <catch2/catch.hpp>

#include <chrono>

using namespace ringpost;
using namespace ringpost::media;

TEST_CASE("A header block is read as views with offsets into the octets")
{
    const std::string mail = "From: a@b\r\nSubject: one\r\n two\r\nX-Empty:\r\n\r\nFrom: body\r\n";
    const auto block = read_header_block(mail, {});
    REQUIRE(block.has_value());
    REQUIRE(block->fields().size() == 3);
    CHECK(block->fields()[1].value == " one\r\n two");
    CHECK(block->fields()[1].offset == 11);
    CHECK(mail.substr(block->fields()[1].offset, block->fields()[1].length) == "Subject: one\r\n two\r\n");
    CHECK(block->value("sUbJect") == "one two");
    CHECK(mail.substr(block->body_offset()) == "From: body\r\n");
    CHECK(block->find("Cc") == nullptr);
    CHECK(block->all("from").size() == 1);
}

TEST_CASE("Header blocks of odd mails are read as documented")
{
    struct Row
    {
        std::string octets;
        std::size_t fields;
        std::string body;
    };
    const Row rows[] = {
        {"", 0, ""},
        {"\r\n", 0, ""},
        {"\nbody", 0, "body"},
        {"A: b", 1, ""},
        {"A: b\nC: d\n\nbody", 2, "body"},
        {"A : b\r\nC\t : d\r\n\r\nx", 2, "x"},
        {"A: b\r\nthis is no field\r\nC: d\r\n\r\n", 1, "this is no field\r\nC: d\r\n\r\n"},
        {" A: b\r\n\r\n", 0, " A: b\r\n\r\n"},
        {": b\r\n\r\n", 0, ": b\r\n\r\n"},
        {std::string("A: b\0c\r\n\r\nx", 11), 1, "x"},
        {"\xE3\x81\x82: b\r\n\r\n", 0, "\xE3\x81\x82: b\r\n\r\n"},
    };
    for (const Row& row : rows)
    {
        CAPTURE(row.octets);
        const auto block = HeaderBlock::read(row.octets, {});
        CHECK(block.fields().size() == row.fields);
        CHECK(row.octets.substr(block.body_offset()) == row.body);
        CHECK_FALSE(block.limit_met());
    }
}

TEST_CASE("A header limit is named by its configuration key and keeps the fields before it")
{
    const ScanLimits limits;
    const auto key = [&](const std::string& octets) {
        const auto block = HeaderBlock::read("First: x\r\n" + octets, limits);
        CHECK_FALSE(block.fields().empty());
        return block.limit_met() ? block.limit_met()->where() : std::string{};
    };
    CHECK(key("A: " + std::string(limits.header_line - 5, 'x') + "\r\n").empty());
    CHECK(key("A: " + std::string(limits.header_line - 4, 'x') + "\r\n") == "scan.header_line");
    CHECK(key("A: " + std::string(8'000'000, 'x')) == "scan.header_line");
    std::string many;
    for (int i = 0; i < 100'000; ++i)
    {
        many += "A: b\r\n";
    }
    CHECK(key(many) == "scan.fields");
    std::string large;
    for (int i = 0; i < 10; ++i)
    {
        large += "A: " + std::string(60'000, 'x') + "\r\n";
    }
    CHECK(key(large) == "scan.headers");
    CHECK(read_header_block(large, limits).error().code() == Errc::too_large);
}

TEST_CASE("An unfolded value holds no line end")
{
    CHECK(unfolded("\r\n base64\r\n") == "base64");
    CHECK(unfolded(" a\r\n\tb ") == "a\tb");
    CHECK(unfolded("a\rb\nc") == "abc");
    CHECK(unfolded(" \r\n ").empty());
}

TEST_CASE("Parameters are read with quotes, comments, continuations and charsets")
{
    struct Row
    {
        std::string raw;
        std::string value;
        std::string name;
    };
    const Row rows[] = {
        {" text/plain (a comment); name=x", "text/plain", "x"},
        {"text/plain; name=\"a;b.txt\"", "text/plain", "a;b.txt"},
        {"text/plain; NAME=\"a \\\"b\\\" \"", "text/plain", "a \"b\" "},
        {"text/plain;\r\n name = x ;other=y", "text/plain", "x"},
        {"text/plain; name=my file.txt", "text/plain", "my file.txt"},
        {"a; name*=utf-8'ja'%E3%81%82.exchange", "a", "\xE3\x81\x82.exchange"},
        {"a; name*0*=utf-8''%E3%81; name*1*=%82; name*2=\".exchange\"", "a", "\xE3\x81\x82.exchange"},
        {"a; name*1=def; name*0=abc; name*3=zzz", "a", "abcdef"},
        {"a; name=plain; name*=us-ascii''extended", "a", "extended"},
        {"a; name*=iso-2022-jp''%1B$B$%22%1B%28B", "a", "\xE3\x81\x82"},
        {"a; name=first; name=second", "a", "first"},
        {"a; name*99999999999=x; name=y", "a", "y"},
        {"a; name*1=x", "a", "(none)"},
        {"a (((unclosed", "a", "(none)"},
        {"a; name=\"unclosed", "a", "unclosed"},
        {";;;=;name", "", "(none)"},
    };
    for (const Row& row : rows)
    {
        CAPTURE(row.raw);
        const auto read = parameters(row.raw);
        CHECK(read.value == row.value);
        CHECK((read.find("name") == nullptr ? "(none)" : *read.find("name")) == row.name);
    }
}

TEST_CASE("Hostile parameters cost linear time")
{
    const auto begin = std::chrono::steady_clock::now();
    std::string many = "a";
    for (int i = 0; i < 9'000; ++i)
    {
        many += ";p" + std::to_string(i) + "=x";
    }
    CHECK(parameters(many).items.size() == 9'000);
    CHECK(parameters("a" + std::string(60'000, '(')).value == "a");
    CHECK(parameters("a" + std::string(60'000, ';')).items.empty());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}
