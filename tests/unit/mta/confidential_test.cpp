// SPDX-License-Identifier: Apache-2.0
// Confidential mail as it is accepted (spec 2.3): what is stored of it, and who may send it to whom.
#include "acceptance_gateway.h"
#include "store/mail_body.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

using namespace ringpost;
using namespace ringpost::mta;
using namespace ringpost::mta::test;

namespace
{
store::Vault one_key()
{
    ringpost::test::TemporaryDirectory folder;
    std::ofstream(folder / "keys") << store::Vault::new_key() << '\n';
    return store::Vault::load(folder / "keys", false).value();
}

bool contains(const std::string& text, const std::string& what)
{
    return text.find(what) != std::string::npos;
}
} // namespace

TEST_CASE("Nothing of a confidential mail is stored that could be read")
{
    Gateway gateway(one_key());
    const std::string fields = "Sensitivity: company-confidential\r\nRingpost-Trigger: system-recognition\r\n";
    const auto letter = from_taro({hanako}, fields, "The secret word is Rumpelstilzchen.\r\n");
    REQUIRE(gateway.accept(letter).has_value());
    const auto items = gateway.queue();
    REQUIRE(items.size() == 1);
    auto mail = gateway.mail(items[0].mail);
    CHECK(mail.key_id == gateway.spool.vault().key_id());
    CHECK(mail.subject.empty());
    CHECK(mail.message_id == "<1@client.example>");
    CHECK_FALSE(contains(mail.content, "Rumpelstilzchen"));
    CHECK_FALSE(contains(mail.content, "Call"));
    CHECK(mail.size == static_cast<std::int64_t>(letter.octets.size()));
    CHECK(store::MailBody::open(std::move(mail), gateway.spool).value().whole().value() == letter.octets);
    CHECK(gateway.requests().at(0).confidential);
}

TEST_CASE("Names of files are content of a confidential mail")
{
    Gateway gateway(one_key());
    auto letter = from_taro({hanako});
    letter.octets = with_part("Taro <" + taro + ">", "application/octet-stream", "merger.exchange",
                              "Trigger: user-reception", "Ringpost-Service: confidential\r\n");
    REQUIRE(gateway.accept(letter).has_value());
    const MailId mail = gateway.queue().at(0).mail;
    const auto contents = gateway.rows<std::vector<store::ContentRow>>(
        [mail](auto& connection) { return store::Mails(connection).contents(mail); });
    REQUIRE(contents.size() == 2);
    CHECK(contents[1].file_name.empty());
    CHECK(contents[1].media_type == media::exchange_information_type);
}

TEST_CASE("Without a key confidential mail is refused, and stored only from strangers, who cannot ask for it")
{
    Gateway gateway;
    for (const std::string field : {"Ringpost-Service: confidential\r\n", "Sensitivity: private\r\n"})
    {
        for (const auto& letter : {from_taro({hanako}, field), from_office_b({hanako}, field)})
        {
            const auto refused = gateway.accept(letter);
            REQUIRE(refused.has_error());
            CHECK(refused.error().code() == Errc::refused);
            CHECK(contains(refused.error().text(), "confidential.key_file"));
        }
    }
    CHECK(gateway.count("mail") == 0);
    REQUIRE(gateway.accept(from_stranger({hanako}, "Sensitivity: private\r\n")).has_value());
    CHECK(gateway.mail(gateway.queue().at(0).mail).key_id.empty());
}

TEST_CASE("A confidential recording needs an addressee with a PIN")
{
    Gateway gateway(one_key());
    const std::string fields = "Ringpost-Service: confidential\r\nRingpost-Trigger: system-recognition\r\n";
    auto own = from_taro({hanako});
    own.octets = with_part("Taro <" + taro + ">", "audio/basic", "hello.au", "abc", fields);
    const auto refused = gateway.accept(own);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code() == Errc::refused);
    CHECK(contains(refused.error().message(), "has no PIN"));
    auto peer = from_office_b({hanako}, "");
    peer.octets = with_part(jiro_b, "audio/basic", "hello.au", "abc", field_of(order_of_b()) + fields);
    REQUIRE(gateway.accept(peer).has_value());
    const auto request = gateway.request("77@office-b.example");
    CHECK(request.cause == Cause::refused);
    const auto items = gateway.queue();
    CHECK(std::any_of(items.begin(), items.end(), [](const auto& item) {
        return item.refused.ends_with("which releases confidential recordings and FAXes");
    }));
}

TEST_CASE("At a FAX address nobody can key in a PIN")
{
    Gateway gateway(one_key());
    for (const std::string machine : {"FAX=+81443331234@office.example", "FAX=+81443331234@office-b.example"})
    {
        const auto refused = gateway.accept(from_taro({machine}, "Ringpost-Service: confidential\r\n"));
        REQUIRE(refused.has_error());
        CHECK(refused.error().code() == Errc::refused);
        CHECK(contains(refused.error().message(), "can key in the PIN"));
    }
    REQUIRE(gateway
                .accept(from_office_b({"FAX=+81443331234@office.example"},
                                      field_of(order_of_b()) + "Sensitivity: private\r\n"))
                .has_value());
    CHECK(gateway.request("77@office-b.example").cause == Cause::refused);
}

TEST_CASE("What is wrong with a confidential mail is not told on")
{
    Gateway gateway(one_key());
    auto peer = from_office_b({hanako}, "");
    peer.octets = with_part(jiro_b, "application/vnd.ringpost.scenario", "plan.scenario", "play = Rumpelstilzchen",
                            field_of(order_of_b()) + "Ringpost-Service: confidential\r\n");
    REQUIRE(gateway.accept(peer).has_value());
    CHECK(gateway.request("77@office-b.example").cause == Cause::bad_request);
    for (const auto& item : gateway.queue())
    {
        CHECK_FALSE(contains(item.refused, "Rumpelstilzchen"));
        CHECK_FALSE(contains(gateway.mail(item.mail).content, "Rumpelstilzchen"));
    }
    for (const auto& row : gateway.audit())
    {
        CHECK_FALSE(contains(row.rule, "Rumpelstilzchen"));
    }
}
