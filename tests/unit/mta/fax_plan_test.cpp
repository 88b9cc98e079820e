// SPDX-License-Identifier: Apache-2.0
// What becomes of a mail to a FAX machine (spec 2.8; RFC 3191, RFC 3192).
#include "plan_office.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;
using namespace ringpost::mta::test;

namespace
{
const std::string machine = "FAX=+81443331234/T33S=77@office.example";

std::string with_attachment(const std::string& media_type, const std::string& name)
{
    return with_part("Taro <" + taro + ">", media_type, name, "x");
}
} // namespace

TEST_CASE("An own user's mail to a FAX address is a FAX to that number, now, and needs no mailbox")
{
    Office office;
    const auto plan = office(from_taro({machine}));
    const auto request = request_of(plan);
    CHECK(plan->recipients[0].own);
    CHECK(request.addressee == machine);
    CHECK(request.destination_number == "+81443331234");
    CHECK(request.destination_device == "+81443331234");
    CHECK(request.source_number == "2000");
    CHECK(request.trigger == Trigger::system_recognition);
    CHECK(request.scenario);
    CHECK(plan->recipients[0].scenario == "play = message 1\n");
    REQUIRE(plan->audit.size() == 1);
    CHECK(plan->audit[0].allowed);
}

TEST_CASE("A FAX address passes the same gate as every number")
{
    Office office;
    const auto plan = office(from_taro({"FAX=+81311112222@office.example"}));
    REQUIRE(plan.has_error());
    CHECK(plan.error().code() == Errc::refused);
    CHECK(contains(plan.error().text(), "no permission for public"));
    CHECK(office(from_taro({"FAX=119@office.example"})).error().code() == Errc::refused);
    CHECK(request_of(office(from_taro({"FAX=044-222-3301@office.example"}))).destination_device == "2001");
}

TEST_CASE("How a FAX is tried may be written in its mail, but not another number")
{
    Office office;
    const auto request = request_of(office(from_taro({machine}, "Ringpost-Monitor-Time: 5m\r\n"
                                                                "Ringpost-Trigger: user-reception\r\n")));
    CHECK(request.monitor_time == 5min);
    CHECK(request.trigger == Trigger::system_recognition);
    const auto other = office(from_taro({machine}, "Ringpost-Destination-Number: 2001\r\n"));
    REQUIRE(other.has_error());
    CHECK(contains(other.error().text(), "the number of a FAX is in its address"));
}

TEST_CASE("A FAX machine of another office is asked of its gateway")
{
    Office office;
    const auto plan = office(from_taro({"FAX=+81443331234@office-b.example"}));
    const auto request = request_of(plan);
    CHECK(request.performer == "office-b.example");
    const auto order = field_of(plan->recipients[0]).order;
    REQUIRE(order);
    CHECK(order->destination_number == "+81443331234");
    CHECK(order->trigger == Trigger::system_recognition);
    CHECK(order->source_number == "+81442223300");
}

TEST_CASE("A peer's mail to a FAX address here is performed, whatever its order says of number and trigger")
{
    Office office;
    auto order = order_of_b();
    order.trigger = Trigger::user_reception;
    order.destination_number = "2000";
    const auto plan = office(from_office_b({"fax=044.222-3301@office.example"}, field_of(order)));
    const auto request = request_of(plan);
    CHECK(request.state == RequestState::held);
    CHECK(request.destination_device == "2001");
    CHECK(request.trigger == Trigger::system_recognition);
    CHECK(plan->recipients[0].scenario == "play = message 1\n");
    require_refused(office(from_office_b({"FAX=+81311112222@office.example"}, field_of(order_of_b()))), Cause::refused,
                    "no permission for public");
}

TEST_CASE("What cannot be sent by FAX is refused, and a signature is not sent")
{
    Office office;
    struct Row
    {
        std::string media_type;
        std::string name;
        std::string error; ///< empty: it is sent
    };
    const auto row = GENERATE(values<Row>({
        {"image/tiff", "a.tif", ""},
        {"application/pdf", "a.pdf", ""},
        {"text/plain", "a.txt", ""},
        {"application/pgp-signature", "a.asc", ""},
        {"audio/x-wav", "a.wav", "which cannot be sent by FAX"},
        {"image/png", "a.png", "which cannot be sent by FAX"},
        {"application/vnd.ringpost.scenario", "a.scenario", "has a scenario"},
    }));
    auto letter = from_taro({machine});
    letter.octets = with_attachment(row.media_type, row.name);
    const auto plan = office(letter);
    INFO(row.media_type);
    if (row.error.empty())
    {
        CHECK(request_of(plan).scenario);
        return;
    }
    REQUIRE(plan.has_error());
    CHECK(plan.error().code() == Errc::malformed);
    CHECK(contains(plan.error().message(), row.error));
}

TEST_CASE("One machine is sent a mail once, however its number is written")
{
    Office office;
    const auto plan = office(from_taro(
        {"FAX=+81443331234@office.example", "fax=+81-44.333.1234@office.example", "FAX=+81443331235@office.example"}));
    REQUIRE(plan.has_value());
    CHECK(plan->recipients.size() == 2);
}

TEST_CASE("Automatic mails and mails without sender are not sent by FAX")
{
    Office office;
    const auto plan = office(from_taro({machine}, "Auto-Submitted: auto-replied\r\n"));
    REQUIRE(plan.has_error());
    CHECK(plan.error().code() == Errc::refused);
}
