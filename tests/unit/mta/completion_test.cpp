// SPDX-License-Identifier: Apache-2.0
// What the sender's gateway adds to an order, and what the performing one makes of it (spec 2.1, 2.2, 4).
#include "mail_office.h"
#include "mta/completion.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;
using namespace ringpost::mta::test;

namespace
{
struct Office
{
    directory::Snapshot directory{people(), directory::test::office()};
    ServiceConfig limits{};

    [[nodiscard]] const directory::User& user(const std::string& address) const
    {
        return *directory.user_by_address(address);
    }

    [[nodiscard]] Sender sender() const { return {{Standing::own_user, taro}, taro, "Taro Yamada", "ja", &user(taro)}; }

    [[nodiscard]] Result<service::Order> complete(const media::ExchangeInformation& info, bool leaves = false) const
    {
        return mta::complete(info, sender(), leaves, directory, limits);
    }

    [[nodiscard]] Result<store::Request> perform(const service::Order& order,
                                                 const std::string& addressee = hanako) const
    {
        return request_to_perform(order, "1@office.example", sender(), {addressee, own_number(user(addressee))},
                                  directory, limits, now);
    }
};

service::Order order_from(const std::string& source)
{
    service::Order order;
    order.source_number = source;
    return order;
}

media::ExchangeInformation source(const std::string& number)
{
    media::ExchangeInformation info;
    info.source_number = number;
    return info;
}
} // namespace

TEST_CASE("What the sender left out has the defaults, the source is that of the directory")
{
    const Office office;
    const auto order = office.complete({}).value();
    CHECK(order.kind == RequestKind::camp_on);
    CHECK(order.destination_number.empty());
    CHECK(order.source_number == "2000");
    CHECK(order.trigger == Trigger::user_reception);
    CHECK(order.result_notification);
    CHECK_FALSE(order.network);
    CHECK_FALSE(order.monitor_time);
    CHECK_FALSE(order.retry_every);
    CHECK_FALSE(order.ring_time);
    CHECK(order.call_order == CallOrder::destination_first);
    CHECK(order.first_attempt);
    CHECK(order.name == "Taro Yamada");
    CHECK(order.language == "ja");
}

TEST_CASE("What the sender wrote stays as written")
{
    const Office office;
    media::ExchangeInformation info;
    info.destination_number = "(044) 333-2000";
    info.network = NetworkType::toll;
    info.trigger = Trigger::system_recognition;
    info.result_notification = false;
    info.monitor_time = 48h;
    info.retry = media::Retry{false, 60s};
    info.ring_time = 300s;
    info.call_order = CallOrder::source_first;
    info.first_attempt = false;
    info.name = "Sales";
    const auto order = office.complete(info, true).value();
    CHECK(order.destination_number == "(044) 333-2000");
    CHECK(order.network == NetworkType::toll);
    CHECK(order.trigger == Trigger::system_recognition);
    CHECK_FALSE(order.result_notification);
    CHECK(order.monitor_time == 48h);
    CHECK(order.retry_every == 60s);
    CHECK(order.ring_time == 300s);
    CHECK(order.call_order == CallOrder::source_first);
    CHECK_FALSE(order.first_attempt);
    CHECK(order.name == "Sales");
}

TEST_CASE("The source of a mail that leaves is in external form")
{
    const Office office;
    struct Row
    {
        std::string written;
        std::string here;
        std::string leaving;
    };
    const auto row = GENERATE(values<Row>({
        {"2000", "2000", "+81442223300"},
        {"2001", "2001", "+81442229999"}, // a user's own pair wins over the range
        {"20-77", "20-77", "+81442223377"},
        {"044-222-3300", "044-222-3300", "+81442223300"},
        {"4000", "4000", "4000"}, // has no external number: the other office refuses it
    }));
    CHECK(office.complete(source(row.written)).value().source_number == row.here);
    CHECK(office.complete(source(row.written), true).value().source_number == row.leaving);
    CHECK(office.complete({}, true).value().source_number == "+81442223300");
}

TEST_CASE("A sender without telephone must write the source, for a cancel not")
{
    const Office office;
    const Sender jiro{{Standing::own_user, "jiro@office.example"},
                      "jiro@office.example",
                      "",
                      "en",
                      &office.user("jiro@office.example")};
    const auto none = complete({}, jiro, false, office.directory, office.limits);
    REQUIRE(none.has_error());
    CHECK(none.error().where() == "Source-Number");
    media::ExchangeInformation cancel;
    cancel.request = RequestKind::cancel;
    cancel.reference = "5@office.example";
    CHECK(complete(cancel, jiro, true, office.directory, office.limits).value().reference == "5@office.example");
}

TEST_CASE("Camp-on and cancel are offered, the others are said not to be")
{
    const Office office;
    for (const auto& [kind, word] : Spelling<RequestKind>::words)
    {
        const bool good = kind == RequestKind::camp_on || kind == RequestKind::cancel;
        CHECK(offered(kind).has_value() == good);
        media::ExchangeInformation info;
        info.request = kind;
        const auto order = office.complete(info);
        CHECK(order.has_value() == good);
        if (!good)
        {
            CHECK(order.error().where() == "Request");
            CHECK(order.error().text() == std::string(word) + " is not offered by this gateway");
        }
    }
}

TEST_CASE("A display name of any length and content fits into the field that travels")
{
    const Office office;
    auto sender = office.sender();
    sender.name = std::string(60'000, '"') + "\r\nBcc: x\xFF";
    const auto order = complete({}, sender, true, office.directory, office.limits).value();
    CHECK(order.name.size() <= 256);
    service::ExchangeField field;
    field.id = "1@office.example";
    field.order = order;
    CHECK(service::parse_exchange_field(service::format(field)).has_value());
    CHECK(check_written(order, field.id).has_value());
    sender.name = "\r\nBcc: x\xFF";
    CHECK(complete({}, sender, true, office.directory, office.limits).value().name.find('\r') == std::string::npos);
}

TEST_CASE("The performing gateway adds the destination and reads both numbers for its exchange")
{
    const Office office;
    auto order = order_from("+81443332000");
    CHECK(office.perform(order).value().destination_number == "2001");
    CHECK(office.perform(order).value().destination_device == "2001");
    CHECK(office.perform(order).value().source_device == "+81443332000");
    CHECK(office.perform(order).value().ring_time == office.limits.default_ring_time);
    order.destination_number = "044-222-3300";
    order.ring_time = 10min;
    const auto request = office.perform(order).value();
    CHECK(request.destination_number == "044-222-3300");
    CHECK(request.destination_device == "2000");
    CHECK(request.ring_time == office.limits.max_ring_time);
    CHECK(office.perform(order_from("+81443332000"), "jiro@office.example").error().where() == "Destination-Number");
    CHECK(office.perform(order_from("")).error().where() == "Source-Number");
    CHECK(office.perform(order_from("1+2")).error().where() == "Source-Number");
}

TEST_CASE("A telephone is not connected with itself, however its number is written")
{
    const Office office;
    for (const auto* number : {"2001", "20-01", "044-222-9999", "+81 44 222 9999"})
    {
        const auto request = office.perform(order_from(number));
        REQUIRE(request.has_error());
        CHECK(request.error().where() == "Destination-Number");
    }
}

TEST_CASE("Network is the way to the source as this exchange sees it, and must not contradict the CTI database")
{
    const Office office;
    struct Row
    {
        std::string source;
        NetworkType network;
    };
    for (const auto& row : {Row{"2000", NetworkType::own}, Row{"+81443332000", NetworkType::toll},
                            Row{"+81312340000", NetworkType::public_network}})
    {
        for (const auto& [network, word] : Spelling<NetworkType>::words)
        {
            auto order = order_from(row.source);
            order.network = network;
            const auto request = office.perform(order);
            INFO(row.source << " " << word);
            CHECK(request.has_value() == (network == row.network));
            if (request.has_error())
            {
                CHECK(request.error().where() == "Network");
            }
        }
    }
}

TEST_CASE("The order of a peer is held to what a person could write")
{
    auto order = order_from("+81443332000");
    CHECK(check_written(order, "77@office-b.example").has_value());
    CHECK(check_written(order, "77").error().where() == "Reference");
    order.monitor_time = 0s;
    CHECK(check_written(order, "77@office-b.example").error().where() == "Monitor-Time");
    order = order_from("+81443332000");
    order.retry_every = 4s;
    CHECK(check_written(order, "77@office-b.example").error().where() == "Retry");
    order = order_from("telephone");
    CHECK(check_written(order, "77@office-b.example").error().where() == "Source-Number");
    order = order_from("+81443332000");
    order.name = std::string(300, 'a');
    CHECK(check_written(order, "77@office-b.example").error().where() == "Name");
    order = order_from("");
    order.kind = RequestKind::cancel;
    CHECK(check_written(order, "77@office-b.example").error().where() == "Reference");
    order.reference = "5@office.example";
    CHECK(check_written(order, "77@office-b.example").has_value());
}

TEST_CASE("The first gateway's row names the performer and has no devices")
{
    const Office office;
    auto order = order_from("+81442223300");
    order.monitor_time = 1h;
    order.express = true;
    const auto request = request_to_follow(order, "9@office.example", office.sender(), jiro_b, "office-b.example", now);
    CHECK(request.number == "9@office.example");
    CHECK(request.performer == "office-b.example");
    CHECK(request.addressee == jiro_b);
    CHECK(request.sender == taro);
    CHECK(request.monitor_time == 1h);
    CHECK(request.express);
    CHECK(request.asked == now);
    CHECK(request.source_device.empty());
    CHECK(request.destination_device.empty());
    CHECK(request.state == RequestState::held);
    CHECK_FALSE(request.wake_at);
}
