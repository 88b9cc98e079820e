// SPDX-License-Identifier: Apache-2.0
// The mails in samples/mails/clients are what real mail clients sent, octet for octet (only host and user names in
// their Message-IDs were changed). Each must be understood as its user meant it.
#include "media/mail_analysis.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
using Way = WrittenOrder::Way;

struct Expected
{
    Way way;
    int content_number;
    std::string order; ///< as format_exchange_information() writes it, lines ended by LF
};

// What the clients were given: call.exchange, and 電話.exchange.
const std::string at_once = "Request: camp-on\nTrigger: system-recognition\nMonitor-Time: 30m\n";
const std::string when_fetched = "Trigger: user-reception\nMonitor-Time: 1h30m\nName: 佐藤花子\n";
const std::string source_first = "Trigger: user-reception\nCall-Order: source-first\n";

const std::map<std::string, Expected>& samples()
{
    static const std::map<std::string, Expected> table{
        {"curl-attachment", {Way::file_name, 2, at_once}},
        {"curl-header-fields", {Way::header_fields, 0, source_first}},
        {"curl-part", {Way::part, 2, at_once}},
        {"msmtp-header-fields", {Way::header_fields, 0, source_first}},
        {"msmtp-text-paragraph", {Way::text_paragraph, 0, "Trigger: system-recognition\nRing-Time: 40s\n"}},
        {"mutt-attachment", {Way::file_name, 2, at_once}},
        {"mutt-header-fields", {Way::header_fields, 0, "Trigger: user-reception\nRetry: every 1m\n"}},
        {"mutt-japanese-file-name", {Way::file_name, 2, when_fetched}},
        {"python-attachment", {Way::file_name, 2, at_once}},
        {"python-japanese-file-name", {Way::file_name, 2, when_fetched}},
        {"python-part", {Way::part, 2, at_once}},
        {"python-text-paragraph", {Way::text_paragraph, 0, "Trigger: user-reception\nMonitor-Time: 2h\n"}},
        {"s-nail-attachment", {Way::file_name, 2, at_once}},
        {"s-nail-header-fields", {Way::header_fields, 0, "Trigger: user-reception\n"}},
        {"s-nail-japanese-file-name", {Way::file_name, 2, when_fetched}},
        {"swaks-attachment", {Way::file_name, 2, at_once}},
        {"swaks-header-fields", {Way::header_fields, 0, "Trigger: system-recognition\nMonitor-Time: 30m\n"}},
        {"swaks-text-paragraph", {Way::text_paragraph, 0, "Trigger: system-recognition\nMonitor-Time: 10m\n"}},
    };
    return table;
}

std::filesystem::path source_directory()
{
#ifdef RINGPOST_SOURCE_DIR
    return RINGPOST_SOURCE_DIR;
#else
    // This file is tests/unit/media/client_samples_test.cpp; CMake names sources by their whole path.
    return std::filesystem::path(__FILE__).parent_path() / "../../..";
#endif
}

std::map<std::string, std::string> mails()
{
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(source_directory() / "samples/mails/clients"))
    {
        if (entry.path().extension() == ".eml")
        {
            std::ifstream file(entry.path(), std::ios::binary);
            found.emplace(entry.path().stem().string(), std::string(std::istreambuf_iterator<char>(file), {}));
        }
    }
    return found;
}

std::string with_lf(std::string text)
{
    std::erase(text, '\r');
    return text;
}
} // namespace

TEST_CASE("Each mail of a real client is there, and each that is there is expected")
{
    const auto found = mails();
    for (const auto& [name, expected] : samples())
    {
        INFO(name);
        CHECK(found.contains(name));
    }
    for (const auto& [name, mail] : found)
    {
        INFO(name);
        CHECK(samples().contains(name));
        // A checkout that changed the line ends would test something else.
        CHECK(std::count(mail.begin(), mail.end(), '\r') == std::count(mail.begin(), mail.end(), '\n'));
    }
}

TEST_CASE("The order in a mail of a real client is found by the way it was written and read to its last field")
{
    for (const auto& [name, mail] : mails())
    {
        INFO(name);
        const auto out = analyse(mail, {});
        CHECK_FALSE(out.beyond_limits);
        CHECK_FALSE(out.ambiguous);
        CHECK_FALSE(out.automatic);
        CHECK(out.from == std::vector<std::string>{"hanako@office-a.example"});
        if (out.order_error)
        {
            FAIL_CHECK(out.order_error->message());
        }
        CHECK(out.order);
        if (!out.order)
        {
            continue;
        }
        REQUIRE(samples().contains(name));
        const Expected& expected = samples().at(name);
        CHECK(out.order->way == expected.way);
        CHECK(out.order->content_number == expected.content_number);
        CHECK(with_lf(format_exchange_information(out.order->info)) == expected.order);
    }
}

TEST_CASE("Japanese file names of real clients are read, whatever charset they are written in")
{
    const auto found = mails();
    for (const std::string name : {"mutt", "python", "s-nail"})
    {
        INFO(name);
        const auto out = analyse(found.at(name + "-japanese-file-name"), {});
        REQUIRE(out.contents.size() == 2);
        CHECK(out.contents[1].body.file_name == "電話.exchange");
    }
}
